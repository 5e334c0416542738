import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { Limiter } from "../host/limiter.js";
import { HANDLER_FILE } from "../made-up/handlers.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { type Compiled, Container } from "./container.js";

const STOPPING: Compiled = {
  bytes: undefined,
  message: "the worker is stopping",
  isSourceFault: false,
};

/**
 * Puts the compiled form beside handlers, so that their containers need not compile. Each is compiled
 * in a container of its own, one at a time, and nothing of it is run. If a container fails to compile a
 * handler that Python accepts, the handler stays alone, and its own containers compile it.
 */
export class HandlerCompiler {
  readonly #sandboxes: Sandboxes;
  readonly #places = new Limiter(1);
  #current: Container | undefined;
  #isClosed = false;

  constructor(sandboxes: Sandboxes) {
    this.#sandboxes = sandboxes;
  }

  /**
   * Compiles a folder's handler, in place of what came with it. Returns why the machine could not, or
   * an empty text. Errors: InputError with `where`, file and line if Python refuses the source.
   */
  async compile(folder: string, where: string): Promise<string> {
    const target = join(folder, `${HANDLER_FILE}c`);
    await rm(target, { recursive: true, force: true });
    const made = await this.#places.use(() => this.#contain(folder));
    const { bytes, message, isSourceFault } = made;
    if (isSourceFault) throw new InputError(`${where}: ${message}`);
    if (bytes !== undefined) await writeFile(target, bytes, { mode: 0o644 });
    return message;
  }

  /** Ends what is under way; nothing begins any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current?.kill(STOPPING.message);
    await this.#places.use(async () => {});
  }

  async #contain(folder: string): Promise<Compiled> {
    if (this.#isClosed) return STOPPING;
    const container = new Container(this.#sandboxes);
    this.#current = container;
    container.begin(undefined);
    const made = await new Promise<Compiled>((resolve) =>
      container.compile(folder, this.#sandboxes.makeTimeoutMs, resolve),
    );
    await new Promise<void>((resolve) => container.destroy(resolve));
    this.#current = undefined;
    return made;
  }
}

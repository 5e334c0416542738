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
 * Writes the compiled form next to handlers, so that their containers need not compile them. Each
 * handler is compiled in a new container, one at a time, and none of its code runs. If a container
 * fails to compile a handler that Python accepts, no compiled form is written, and the function's
 * containers compile the handler.
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
   * Compiles a folder's handler, and replaces a compiled form that was uploaded with it. Returns
   * why the machine could not compile it, or an empty text. Errors: InputError with `where`, file
   * and line if Python refuses the source.
   */
  async compile(folder: string, where: string): Promise<string> {
    const target = join(folder, `${HANDLER_FILE}c`);
    await rm(target, { recursive: true, force: true });
    const compiled = await this.#places.use(() => this.#contain(folder));
    const { bytes, message, isSourceFault } = compiled;
    if (isSourceFault) throw new InputError(`${where}: ${message}`);
    if (bytes !== undefined) await writeFile(target, bytes, { mode: 0o644 });
    return message;
  }

  /** Ends a compilation in progress. No further one begins. */
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
    const compiled = await new Promise<Compiled>((resolve) =>
      container.compile(folder, this.#sandboxes.makeTimeoutMs, resolve),
    );
    await new Promise<void>((resolve) => container.destroy(resolve));
    this.#current = undefined;
    return compiled;
  }
}

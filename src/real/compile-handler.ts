import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Compiled, Container } from "./containers.js";
import { HANDLER_FILE } from "./handlers.js";
import type { Machine } from "./machine.js";
import { Slots } from "./slots.js";

/**
 * Puts the compiled form beside handlers, so that their containers need not compile. Each is compiled
 * in a container of its own, one at a time, and nothing of it is run. Where that fails the handler stays
 * alone: its containers compile it, and report why they cannot.
 */
export class HandlerCompiler {
  readonly #machine: Machine;
  readonly #places = new Slots(1);
  #current: Container | undefined;
  #isClosed = false;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Compiles a folder's handler, in place of what came with it; why it did not, or nothing. */
  async compile(folder: string): Promise<string> {
    const target = join(folder, `${HANDLER_FILE}c`);
    await rm(target, { recursive: true, force: true });
    const { bytes, message } = await this.#places.use(() => this.#contain(folder));
    if (bytes !== undefined) await writeFile(target, bytes, { mode: 0o644 });
    return message;
  }

  /** Ends what is under way; nothing begins any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#current?.kill("the worker is stopping");
    await this.#places.use(async () => {});
  }

  async #contain(folder: string): Promise<Compiled> {
    if (this.#isClosed) return { bytes: undefined, message: "the worker is stopping" };
    const container = new Container(this.#machine);
    this.#current = container;
    container.begin(undefined);
    const made = await new Promise<Compiled>((resolve) =>
      container.compile(folder, this.#machine.makeTimeoutMs, resolve),
    );
    await new Promise<void>((resolve) => container.destroy(resolve));
    this.#current = undefined;
    return made;
  }
}

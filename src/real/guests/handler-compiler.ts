import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { Limiter } from "../host/limiter.js";
import { HANDLER_FILE } from "../made-up/handlers.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import type { Compiled } from "./compiled.js";
import { Container } from "./container.js";
import type { NamedImports } from "./named-imports.js";
import { Zygote } from "./zygote.js";

const STOPPING: Compiled = {
  bytes: undefined,
  message: "the worker is stopping",
  isSourceFault: false,
  hasLostParent: false,
};

/** What the guest's program imports to send a compiled handler. */
const IMPORTS = { paths: [], modules: ["binascii"] };

const PREPARE_AFTER_MS = 25;

export interface CompiledHandler {
  /** Why the machine could not compile it; empty if it is compiled. */
  readonly fault: string;
  /** What its code imports; undefined: unknown. */
  readonly named: NamedImports | undefined;
}

/**
 * Writes the compiled form next to handlers, so that their containers need not compile them. Each
 * handler is compiled in its own container, one at a time, and none of its code runs. The
 * containers are forked from a Zygote without packages, which exists from the first handler on, and
 * one is forked ahead of need. If a container fails to compile a handler that Python accepts, no
 * compiled form is written, and the function's containers compile the handler.
 */
export class HandlerCompiler {
  readonly #sandboxes: Sandboxes;
  readonly #places = new Limiter(1);
  #zygote: Zygote | undefined;
  /** Resolves with the Zygote when it can be forked; undefined: it could not be made. */
  #ready: Promise<Zygote | undefined> | undefined;
  /** Waits for its handler. */
  #next: Container | undefined;
  #current: Container | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Containers that have compiled, and are not gone yet. */
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(sandboxes: Sandboxes) {
    this.#sandboxes = sandboxes;
  }

  /**
   * Compiles a folder's handler, whose `settings` are HandlerSettings as JSON or empty, and replaces
   * a compiled form that was uploaded with it. Errors: InputError with `where`, file and line if
   * Python refuses the source.
   */
  async compile(
    folder: string,
    where: string,
    file = HANDLER_FILE,
    settings = "",
  ): Promise<CompiledHandler> {
    const target = join(folder, `${file}c`);
    rmSync(target, { recursive: true, force: true });
    const compiled = await this.#places.use(() => this.#contain(folder, settings));
    const { bytes, message, named, isSourceFault } = compiled;
    if (isSourceFault) throw new InputError(`${where}: ${message}`);
    // A thread of libuv may have to wait for a core, which takes longer than this write.
    if (bytes !== undefined) writeFileSync(target, bytes, { mode: 0o644 });
    return { fault: message, named };
  }

  /** Ends a compilation in progress. No further one begins. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#current?.kill(STOPPING.message);
    // A Zygote that is forking it can still say which process it is.
    await this.#endNext();
    this.#zygote?.kill(STOPPING.message);
    await this.#places.use(async () => {});
    if (this.#zygote !== undefined) this.#end(this.#zygote);
    await Promise.all(this.#ending);
  }

  async #contain(folder: string, settings: string): Promise<Compiled> {
    const compiled = await this.#containOnce(folder, settings, await this.#alive());
    return compiled.hasLostParent ? await this.#containOnce(folder, settings, undefined) : compiled;
  }

  async #containOnce(
    folder: string,
    settings: string,
    zygote: Zygote | undefined,
  ): Promise<Compiled> {
    if (this.#isClosed) return STOPPING;
    const container = this.#take(zygote);
    this.#current = container;
    const compiled = await new Promise<Compiled>((resolve) =>
      container.compile(folder, settings, this.#sandboxes.makeTimeoutMs, resolve),
    );
    this.#current = undefined;
    this.#end(container);
    this.#prepareSoon();
    return compiled;
  }

  /** The Zygote, made if there is none or if it has died. */
  async #alive(): Promise<Zygote | undefined> {
    if (this.#isClosed) return undefined;
    if (this.#ready === undefined || this.#zygote?.isGone === true) {
      this.#ready = new Promise((resolve) => {
        const zygote = new Zygote(
          this.#sandboxes,
          undefined,
          IMPORTS,
          this.#sandboxes.makeTimeoutMs,
          ({ status }) => resolve(status === "ok" ? zygote : undefined),
          () => {},
        );
        this.#zygote = zygote;
      });
    }
    return this.#ready;
  }

  /** Not at once: the function that was compiled is often called next. */
  #prepareSoon(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      const isWanted = this.#next?.isGone !== false && this.#current === undefined;
      if (isWanted && this.#zygote?.isGone === false) this.#next = this.#begin(this.#zygote);
    }, PREPARE_AFTER_MS);
  }

  #take(zygote: Zygote | undefined): Container {
    const next = this.#next;
    this.#next = undefined;
    if (next?.isGone === false) return next;
    return this.#begin(zygote);
  }

  #begin(zygote: Zygote | undefined): Container {
    const container = new Container(this.#sandboxes);
    container.begin(zygote);
    return container;
  }

  async #endNext(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined) await new Promise<void>((resolve) => next.destroy(resolve));
  }

  #end(guest: Container | Zygote): void {
    const ending = new Promise<void>((resolve) => guest.destroy(resolve)).finally(() =>
      this.#ending.delete(ending),
    );
    this.#ending.add(ending);
  }
}

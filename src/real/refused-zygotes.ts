import type { SandboxWarning } from "./sandboxes/sandboxes.js";

/** Packages that no Zygote may hold together, and why. */
export interface RefusedZygote {
  /** Folders of the packages, as containers see them. */
  readonly paths: readonly string[];
  readonly why: string;
}

/**
 * Remembers which Zygotes must not be forked, so that they are not built again for each start. A
 * Zygote that holds all packages of a refused one is refused, too, because the same imports leave
 * the same things open.
 */
export class RefusedZygotes {
  readonly #warn: (warning: SandboxWarning) => void;
  readonly #all: RefusedZygote[] = [];

  /** `warn` is called with the first Zygote that is refused. */
  constructor(warn: (warning: SandboxWarning) => void) {
    this.#warn = warn;
  }

  get all(): readonly RefusedZygote[] {
    return this.#all;
  }

  refuse(paths: readonly string[], why: string): void {
    if (this.reasonFor(paths) !== undefined) return;
    if (this.#all.length === 0) {
      this.#warn({
        code: "zygote-refused",
        text: `a Zygote ${why} after its imports, so it is not forked; functions start without it`,
      });
    }
    this.#all.push({ paths, why });
  }

  /** Why a Zygote with these packages must not be forked; undefined: it may be. */
  reasonFor(paths: readonly string[]): string | undefined {
    const has = new Set(paths);
    return this.#all.find((each) => each.paths.every((path) => has.has(path)))?.why;
  }
}

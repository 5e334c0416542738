import type { GuestMessage, Said } from "./messages.js";

/** Collects what a function says, from the messages of its container, up to a limit. */
export class SaidSoFar {
  readonly #mostChars: number;
  #stdout = "";
  #stderr = "";
  #traceback = "";

  /** `mostChars`: the most that is kept of each stream. A container may send more. */
  constructor(mostChars: number) {
    this.#mostChars = mostChars;
  }

  add({ stdout, stderr, traceback }: GuestMessage): void {
    this.#stdout = this.#longer(this.#stdout, stdout);
    this.#stderr = this.#longer(this.#stderr, stderr);
    this.#traceback = this.#longer(this.#traceback, traceback);
  }

  /** Returns all that was added since the last call. */
  take(): Said {
    const said = { stdout: this.#stdout, stderr: this.#stderr, traceback: this.#traceback };
    this.#stdout = this.#stderr = this.#traceback = "";
    return said;
  }

  #longer(text: string, more: unknown): string {
    if (typeof more !== "string") return text;
    return (text + more).slice(0, this.#mostChars);
  }
}

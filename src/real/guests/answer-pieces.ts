import type { GuestRequest } from "./guest-request.js";
import { faultOf, type HttpHead } from "./messages.js";

/**
 * Passes the pieces of one answer on. The function sends a piece, and waits for a reply before it
 * sends the next one; so this process holds one piece at most, however slow the client is.
 */
export class AnswerPieces {
  readonly #onPiece: GuestRequest["onPiece"];
  readonly #reply: (reply: "go" | "stop") => void;
  /** True while a piece waits for its client. */
  #isWaiting = false;
  #hasBegun = false;
  #hasEnded = false;

  constructor(onPiece: GuestRequest["onPiece"], reply: (reply: "go" | "stop") => void) {
    this.#onPiece = onPiece;
    this.#reply = reply;
  }

  /** Whether the function may send a piece. */
  get isReady(): boolean {
    return !this.#isWaiting;
  }

  /** Returns why the piece cannot be passed on; undefined: it is. */
  passOn(head: HttpHead | undefined, bytes: Buffer = Buffer.alloc(0)): string | undefined {
    if ((head === undefined) !== this.#hasBegun)
      return "sent a piece of an answer without its head";
    const fault = head && faultOf(head);
    if (fault !== undefined) return fault;
    this.#hasBegun = this.#isWaiting = true;
    const done = (isWanted: boolean) => {
      if (!this.#isWaiting || this.#hasEnded) return;
      this.#isWaiting = false;
      this.#reply(isWanted ? "go" : "stop");
    };
    if (this.#onPiece === undefined) done(true);
    else this.#onPiece({ head, bytes, done });
    return undefined;
  }

  /** The function has ended its answer, or has died. */
  end(): void {
    this.#hasEnded = true;
  }
}

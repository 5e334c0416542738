import { setTimeout as sleep } from "node:timers/promises";
import { SLOWNESS } from "../slowness.js";
import { type Asked, Connection } from "./connection.js";
import type { Tally } from "./tally.js";

/** Where the worker listens; undefined: it is down on purpose, and clients wait. */
export interface Target {
  port: number | undefined;
}

/** A request, and the body that it must get with status 200. */
export interface TokenRequest extends Asked {
  readonly expected: string | undefined;
}

/**
 * An answer later than this counts as none. The worker's own bounds are below: 5 s for a run, 20 s in the
 * queue, and 60 s for the making of a container, which is tried twice. An installation may take 300 s, but
 * each one here takes seconds.
 */
export const ANSWER_BOUND_MS = 150_000 * SLOWNESS;
const PAUSE_MS = 20;

let tokens = 0;

/** Invokes a function that returns the token it is given. Each token is given once. */
export function invocationOf(name: string): TokenRequest {
  const token = `token-${++tokens}`;
  const body = JSON.stringify({ token });
  return { method: "POST", path: `/run/${name}`, body, expected: JSON.stringify(token) };
}

/** Uploads a function. */
export function uploadOf(name: string, source: string, requirements = ""): TokenRequest {
  const query = requirements === "" ? "" : `?requirements=${requirements}`;
  return { method: "PUT", path: `/registry/${name}${query}`, body: source, expected: undefined };
}

/** One user with one connection, who asks again when there is an answer. */
export class Client {
  readonly #target: Target;
  readonly #tally: Tally;
  readonly #connection: Connection;

  constructor(target: Target, tally: Tally, answerBoundMs: number = ANSWER_BOUND_MS) {
    this.#target = target;
    this.#tally = tally;
    this.#connection = new Connection(answerBoundMs, () => {
      tally.doubled++;
      tally.note("bytes that no request asked for");
    });
  }

  /** Asks once and counts what comes of it. Its status; undefined: there was no answer. */
  async ask(request: TokenRequest): Promise<number | undefined> {
    const { port } = this.#target;
    if (port === undefined) return undefined;
    const reply = await this.#connection.ask(port, request);
    if (reply.kind === "refused") return undefined; // not sent, so no request
    this.#tally.requests++;
    if (reply.kind === "lost") {
      // A worker that was killed on purpose takes along what was in flight.
      if (this.#target.port !== port) this.#tally.cut++;
      else {
        this.#tally.unanswered++;
        this.#tally.note(`${request.path}: ${reply.why}`);
      }
      return undefined;
    }
    this.#tally.answered(reply.status);
    const { expected } = request;
    if (reply.status === 200 && expected !== undefined && reply.body !== expected) {
      this.#tally.wrong++;
      this.#tally.note(`${request.path}: ${reply.body}, expected ${expected}`);
    }
    return reply.status;
  }

  /** Asks one request after another until it is over; the last one is waited for. */
  async keepAsking(next: () => TokenRequest, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      if ((await this.ask(next())) === undefined) await sleep(PAUSE_MS);
    }
    this.close();
  }

  close(): void {
    this.#connection.close();
  }
}

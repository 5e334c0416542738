import { setTimeout as sleep } from "node:timers/promises";
import { SLOWNESS } from "../slowness.js";
import { type Asked, Connection } from "./connection.js";
import type { Tally } from "./tally.js";

/** The port of the worker; undefined: the worker is down on purpose, and clients wait. */
export interface Target {
  port: number | undefined;
}

/** A request, and the body that an answer with status 200 must have. */
export interface TokenRequest extends Asked {
  readonly expected: string | undefined;
}

/**
 * Longest wait for an answer; after it, the request counts as unanswered. The worker's own limits
 * are shorter: 5 s for a run, 20 s in the queue, and 60 s for each of two attempts to make a
 * container. An installation may take 300 s, but the packages here install in seconds.
 */
export const ANSWER_BOUND_MS = 150_000 * SLOWNESS;
const PAUSE_MS = 20;

let tokens = 0;

/**
 * A request that invokes a function, which returns the token in its event. Each token is used once.
 */
export function invocationOf(name: string): TokenRequest {
  const token = `token-${++tokens}`;
  const body = JSON.stringify({ token });
  return { method: "POST", path: `/run/${name}`, body, expected: JSON.stringify(token) };
}

/** A request that uploads a function. */
export function uploadOf(name: string, source: string, requirements = ""): TokenRequest {
  const query = requirements === "" ? "" : `?requirements=${requirements}`;
  return { method: "PUT", path: `/registry/${name}${query}`, body: source, expected: undefined };
}

/** A client with one connection, which sends one request at a time. */
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

  /**
   * Sends one request and counts its outcome. Returns its status; undefined: there was no answer.
   */
  async ask(request: TokenRequest): Promise<number | undefined> {
    const { port } = this.#target;
    if (port === undefined) return undefined;
    const reply = await this.#connection.ask(port, request);
    // it was not sent, so it does not count as a request
    if (reply.kind === "refused") return undefined;
    this.#tally.requests++;
    if (reply.kind === "lost") {
      // A deliberate kill of the worker cuts off requests in flight.
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

  /** Sends one request after another until `isOver`, and waits for the last answer. */
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

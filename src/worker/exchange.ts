import { type InvocationRecord, OUTCOMES, START_KINDS } from "../contract/observer.js";
import {
  type Arrival,
  type ArrivalSource,
  AT_ANY_TIME,
  type FunctionId,
  NO_MORE,
} from "../contract/workload.js";
import type { InvocationEnd } from "../real/guests/container-work.js";
import type { CreationEnd } from "../real/guests/creation-times.js";
import type { GuestRequest } from "../real/guests/guest-request.js";
import type { Said } from "../real/guests/messages.js";
import type { InvocationResult } from "./worker.js";

/** A request from its arrival to its answer. */
interface Request {
  readonly atUs: number;
  readonly functionId: FunctionId;
  readonly guest: GuestRequest;
  readonly answer: (invoked: InvocationResult) => void;
  ran?: InvocationEnd;
}

/** Why the worker itself ends a request. */
export type Ending = "stopping" | "broken";

/**
 * The requests of a worker that have no answer yet. The HTTP server leaves an event here, the loop
 * takes an arrival, a container takes the event and leaves its answer, and the engine's record ends
 * the request. Each request is answered exactly once.
 */
export class Exchange implements ArrivalSource {
  /** Requests that the loop has not taken yet, in order of arrival. */
  readonly #arrived: Request[] = [];
  /** Requests that the loop has taken, by the engine's number of the invocation. */
  readonly #taken = new Map<number, Request>();
  /** How the last container of a function failed to be made, until one is made. */
  readonly #notMade = new Map<FunctionId, CreationEnd>();
  readonly #arrival: Arrival = { functionId: 0, runUs: 0 };
  #takenCount = 0;
  #ending: { readonly outcome: Ending; readonly message: string } | undefined;

  /** Requests that have no answer yet. */
  get pending(): number {
    return this.#arrived.length + this.#taken.size;
  }

  /** No further request is let in. */
  get isClosed(): boolean {
    return this.#ending !== undefined;
  }

  /** Leaves a request. Resolves with its answer. */
  request(atUs: number, functionId: FunctionId, guest: GuestRequest): Promise<InvocationResult> {
    if (this.#ending !== undefined) return Promise.resolve({ ...NOT_RUN, ...this.#ending });
    return new Promise((answer) => this.#arrived.push({ atUs, functionId, guest, answer }));
  }

  /** Refuses further requests. Those that are here continue. */
  close(message: string): void {
    this.#ending ??= { outcome: "stopping", message };
  }

  /** Answers every request now. Later ends of their invocations are ignored. */
  endAll(outcome: Ending, message: string): void {
    this.#ending = { outcome, message };
    const requests = [...this.#arrived.splice(0), ...this.#taken.values()];
    this.#taken.clear();
    for (const { answer } of requests) answer({ ...NOT_RUN, outcome, message });
  }

  nextUs(): number {
    return this.#arrived[0]?.atUs ?? (this.#ending === undefined ? AT_ANY_TIME : NO_MORE);
  }

  take(): Arrival {
    const request = this.#arrived.shift()!;
    this.#taken.set(this.#takenCount++, request);
    this.#arrival.functionId = request.functionId;
    return this.#arrival;
  }

  /** What a container is sent for an invocation. */
  requestOf(invocation: number): GuestRequest {
    return this.#taken.get(invocation)?.guest ?? ANSWERED;
  }

  /** Notes how a container answered an invocation, or ended. */
  ran(invocation: number, ran: InvocationEnd): void {
    const request = this.#taken.get(invocation);
    if (request !== undefined) request.ran = ran;
  }

  /** Notes how the creation of a container ended. */
  made(functionId: FunctionId, creation: CreationEnd): void {
    if (creation.status === "failed") this.#notMade.set(functionId, creation);
    else this.#notMade.delete(functionId);
  }

  /**
   * Answers the request of an invocation that the engine has ended. The record belongs to the
   * engine, which uses it again.
   */
  ended(record: InvocationRecord): void {
    const { invocation, queueUs, provisionUs, runUs } = record;
    const request = this.#taken.get(invocation);
    if (request === undefined) return; // `endAll` has answered it
    this.#taken.delete(invocation);
    const { ran } = request;
    const outcome = OUTCOMES[record.outcome];
    const notMade = outcome === "failed" ? this.#notMade.get(request.functionId) : undefined;
    const said = ran ?? notMade?.said ?? NOTHING_SAID;
    request.answer({
      outcome,
      start: START_KINDS[record.startKind],
      answer: ran?.answer,
      http: ran?.http,
      isBadEvent: ran?.outcome === "bad-event",
      message: (ran ?? notMade)?.message || REASONS[outcome],
      stdout: said.stdout,
      stderr: said.stderr,
      traceback: said.traceback,
      queueUs,
      provisionUs,
      runUs,
    });
  }
}

/** For an invocation that `endAll` has answered. */
const ANSWERED: GuestRequest = { line: '{"env":{}}', body: Buffer.alloc(0) };

const NOTHING_SAID: Said = { stdout: "", stderr: "", traceback: "" };

const NOT_RUN: Omit<InvocationResult, "outcome" | "message"> = {
  start: undefined,
  answer: undefined,
  http: undefined,
  isBadEvent: false,
  ...NOTHING_SAID,
  queueUs: 0,
  provisionUs: 0,
  runUs: 0,
};

/** Messages for invocations without a message from the handler. */
const REASONS = {
  completed: "",
  failed: "no container could be made for it",
  "timed-out": "it waited too long for a container",
  rejected: "too many invocations wait, or it needs more memory than there is",
} as const;

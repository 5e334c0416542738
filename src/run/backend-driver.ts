import { assert, MachineError } from "../basics/errors.js";
import {
  type Backend,
  COMPLETION,
  DUE,
  type Operation,
  PHASES,
  type Phase,
  type Status,
} from "../contract/backend.js";

/** How one operation ended: a copy of the fields of its `Completion`. */
export interface EndedOperation {
  readonly operation: Operation;
  /** Id of the container, Zygote or package that the operation concerned. */
  readonly id: number;
  readonly status: Status;
  readonly atUs: number;
  readonly runUs: number;
  readonly phaseUs: Readonly<Record<Phase, number>>;
  /** Unshared bytes of the process; -1: not measured. */
  readonly measuredBytes: number;
  /** Unshared bytes of the Zygote that a container was forked from; -1: not measured. */
  readonly parentBytes: number;
}

/** The parts of the error's text, for callers that cannot go on after a failure. */
export interface RequiredSuccess {
  /** The purpose of the operations, with which the error begins. */
  readonly purpose: string;
  /** Problems that the backend has reported, oldest first. The error ends with the last one. */
  readonly problems: readonly string[];
}

/**
 * Drives a backend without an engine: the caller begins operations, one after another or several at
 * once, and waits for their completions. Calibration, benches and tests use it; runs use `drive`.
 *
 * Each promise resolves in the turn of the event loop in which the backend hands its completion over.
 * A caller that then reads the backend's clock gets the time at which it learned of the end;
 * `atUs` is the time of the end itself.
 */
export class BackendDriver {
  readonly #backend: Backend;
  readonly #required: RequiredSuccess | undefined;

  /** With `required`, a failed operation is a MachineError; without it, a result. */
  constructor(backend: Backend, required?: RequiredSuccess) {
    this.#backend = backend;
    this.#required = required;
  }

  /**
   * Begins one operation and waits for the next completion, which is that of the operation unless
   * others are outstanding. Errors: MachineError if the operation fails and success is required.
   */
  perform(begin: () => void): Promise<EndedOperation> {
    begin();
    return this.next();
  }

  /** The next completion. Errors: those of `perform`. */
  next(): Promise<EndedOperation> {
    // It is undefined only if the given instant passes, which Infinity never does.
    return this.#nextBy(Number.POSITIVE_INFINITY) as Promise<EndedOperation>;
  }

  /** The next `count` completions, in order. Errors: those of `perform`. */
  async collect(count: number): Promise<EndedOperation[]> {
    const all: EndedOperation[] = [];
    while (all.length < count) all.push(await this.next());
    return all;
  }

  /** Lets time pass until an instant. No operation may end by then: its completion would be lost. */
  async waitUntil(untilUs: number): Promise<void> {
    const ended = await this.#nextBy(untilUs);
    assert(ended === undefined, "an operation ended while its caller waited for an instant");
  }

  /** The next completion up to an instant; undefined if none comes by then. */
  async #nextBy(untilUs: number): Promise<EndedOperation | undefined> {
    for (;;) {
      const advance = await this.#backend.advance(untilUs);
      if (advance === COMPLETION) return this.#take();
      if (advance === DUE) return undefined;
    }
  }

  #take(): EndedOperation {
    const { atUs, operation, id, status, runUs, phaseUs, measuredBytes, parentBytes } =
      this.#backend.completion;
    if (status !== "ok" && this.#required !== undefined) {
      const { purpose, problems } = this.#required;
      const why = problems.length === 0 ? "" : `: ${problems.at(-1)}`;
      throw new MachineError(
        `${purpose}: ${operation} ${id} ended ${status}${why}; see socklab doctor`,
      );
    }
    const phases = Object.fromEntries(PHASES.map((phase, at) => [phase, phaseUs[at]]));
    return {
      operation,
      id,
      status,
      atUs,
      runUs,
      phaseUs: phases as Record<Phase, number>,
      measuredBytes,
      parentBytes,
    };
  }
}

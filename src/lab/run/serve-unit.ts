import { NONE } from "../../basics/none.js";
import type { InvocationRecord, Observer } from "../../contract/observer.js";
import type {
  ArrivalBatch,
  ArrivalBatches,
  FunctionId,
  FunctionProfile,
  Workload,
} from "../../contract/workload.js";
import { ForwardingObserver } from "../../run/forwarding-observer.js";
import { applicationProfiles } from "../../trace/packages/applications.js";

/** What one container serves, and so what is loaded, kept and pre-warmed as a whole. */
export const UNITS = ["function", "application"] as const;
export type ServedUnit = (typeof UNITS)[number];

/** A workload and an observer for an engine, whose functions are the units that containers serve. */
interface Served {
  readonly workload: Workload;
  /** Reports to the observer of the run by the functions of the trace. */
  readonly observer: Observer;
}

/**
 * With the unit `application`, the engine's functions are the applications, so that neither engine
 * nor backend nor policies need to know a second kind of unit. What the engine reports of an
 * invocation is passed on with the function that was called.
 */
export function serveUnit(
  unit: ServedUnit,
  workload: Workload,
  observer: Observer,
  interpreterBytes: number,
): Served {
  if (unit === "function") return { workload, observer };
  const called = new CalledFunctions();
  return {
    workload: {
      ...workload,
      functions: applicationProfiles(workload, interpreterBytes),
      arrivals: () => new ArrivalsByApplication(workload, called),
    },
    observer: new ByFunction(observer, called),
  };
}

/** Functions of the invocations that have been read but have not ended, by their numbers. */
export class CalledFunctions {
  /** A ring: invocation n is at n modulo its length, a power of two; NONE: it has ended. */
  #ring = new Int32Array(1024).fill(NONE);
  /** The first invocation that has not ended, and the number of those read. */
  #first = 0;
  #end = 0;

  push(functionId: FunctionId): void {
    if (this.#end - this.#first === this.#ring.length) this.#grow();
    this.#ring[this.#end++ % this.#ring.length] = functionId;
  }

  of(invocation: number): FunctionId {
    return this.#ring[invocation % this.#ring.length];
  }

  /** The invocation has ended, and `of` is not asked for it again. */
  forget(invocation: number): void {
    const ring = this.#ring;
    ring[invocation % ring.length] = NONE;
    while (this.#first < this.#end && ring[this.#first % ring.length] === NONE) this.#first++;
  }

  #grow(): void {
    const old = this.#ring;
    const ring = new Int32Array(old.length * 2).fill(NONE);
    for (let n = this.#first; n < this.#end; n++) ring[n % ring.length] = old[n % old.length];
    this.#ring = ring;
  }
}

/** The arrivals of a workload with applications in the place of functions. */
class ArrivalsByApplication implements ArrivalBatches {
  readonly #functions: readonly FunctionProfile[];
  readonly #batches: ArrivalBatches;
  readonly #called: CalledFunctions;
  #apps = new Int32Array(0);

  constructor(workload: Workload, called: CalledFunctions) {
    this.#functions = workload.functions;
    this.#batches = workload.arrivals();
    this.#called = called;
  }

  next(): ArrivalBatch | null | Promise<ArrivalBatch | null> {
    const batch = this.#batches.next();
    return batch instanceof Promise
      ? batch.then((each) => this.#translate(each))
      : this.#translate(batch);
  }

  #translate(batch: ArrivalBatch | null): ArrivalBatch | null {
    if (batch === null) return null;
    const { count, functionId } = batch;
    if (this.#apps.length < count) this.#apps = new Int32Array(functionId.length);
    for (let at = 0; at < count; at++) {
      this.#called.push(functionId[at]);
      this.#apps[at] = this.#functions[functionId[at]].app;
    }
    return { ...batch, functionId: this.#apps };
  }
}

/** Passes all reports on, with the function that an invocation called instead of its application. */
class ByFunction extends ForwardingObserver {
  readonly #called: CalledFunctions;
  #arrivals = 0;

  constructor(to: Observer, called: CalledFunctions) {
    super(to);
    this.#called = called;
  }

  override arrived(atUs: number): void {
    super.arrived(atUs, this.#called.of(this.#arrivals++));
  }
  override started(
    atUs: number,
    _application: number,
    startKind: number,
    invocation: number,
  ): void {
    super.started(atUs, this.#called.of(invocation), startKind, invocation);
  }
  override ended(atUs: number, record: InvocationRecord): void {
    record.functionId = this.#called.of(record.invocation);
    this.#called.forget(record.invocation);
    super.ended(atUs, record);
  }
}

import {
  COLD,
  DELAYED_WARM,
  makesContainer,
  RESUMED,
  ROOT_ZYGOTE,
  START_KINDS,
  WARM,
  ZYGOTE,
  ZYGOTE_BUILT,
} from "../../contract/observer.js";
import type { FunctionOrigin } from "../../contract/workload.js";
import { ratioOf } from "../fields.js";
import { type Buckets, rankOf } from "../histogram.js";
import type { FunctionResult, Result } from "../result.js";
import { FunctionTimes } from "./function-times.js";

const KINDS = START_KINDS.length;

/** What a result says about a function in addition to its counts. */
export interface RecordedFunction extends FunctionOrigin {
  readonly name: string;
  /** Index of its application. */
  readonly app: number;
  /** Time of a cold start on an idle machine; it weighs the function's invocations. */
  readonly coldStartUs: number;
}

/** Counts by how invocations started, in the words of the result. */
export type KindCounts = Pick<
  Result["invocations"],
  "warm" | "resumed" | "delayedWarm" | "zygote" | "zygoteBuilt" | "rootZygote" | "cold"
>;

/** `counts` from index `at` on, one per kind in START_KINDS. */
export function kindCountsOf(counts: ArrayLike<number>, at = 0): KindCounts {
  return {
    warm: counts[at + WARM],
    resumed: counts[at + RESUMED],
    delayedWarm: counts[at + DELAYED_WARM],
    zygote: counts[at + ZYGOTE],
    zygoteBuilt: counts[at + ZYGOTE_BUILT],
    rootZygote: counts[at + ROOT_ZYGOTE],
    cold: counts[at + COLD],
  };
}

/** Counts the invocations of each function by how they started, and its startup times. */
export class FunctionCounter {
  readonly #functions: readonly RecordedFunction[];
  /** By function and, within it, by start kind. */
  readonly #starts: Float64Array;
  readonly #neverStarted: Float64Array;
  readonly #startupUs: FunctionTimes;

  constructor(functions: readonly RecordedFunction[], buckets: Buckets) {
    this.#functions = functions;
    this.#starts = new Float64Array(functions.length * KINDS);
    this.#neverStarted = new Float64Array(functions.length);
    this.#startupUs = new FunctionTimes(buckets);
  }

  started(functionId: number, startKind: number, startupUs: number): void {
    this.#starts[functionId * KINDS + startKind]++;
    if (startupUs > 0) this.#startupUs.record(functionId, startupUs);
  }

  neverStarted(functionId: number): void {
    this.#neverStarted[functionId]++;
  }

  /** Starts over all functions, by index in START_KINDS. */
  startsByKind(): Float64Array {
    const sums = new Float64Array(KINDS);
    for (let at = 0; at < this.#starts.length; at++) sums[at % KINDS] += this.#starts[at];
    return sums;
  }

  /** One row per invoked function. */
  rows(): FunctionResult[] {
    const started = this.#functions.map((_, id) => this.#count(id, () => true));
    const quantiles = this.#startupUs.quantiles(started);
    return this.#functions.flatMap(({ name, application, owner, trigger }, id) => {
      const neverStarted = this.#neverStarted[id];
      const invocations = started[id] + neverStarted;
      if (invocations === 0) return [];
      return {
        ...{ name, application, owner, trigger, invocations },
        ...kindCountsOf(this.#starts, id * KINDS),
        neverStarted,
        coldShare: this.#count(id, makesContainer) / invocations,
        startupUs: quantiles[id],
      };
    });
  }

  /** A quantile, by nearest rank, of the cold shares of functions; null: no function was invoked. */
  functionColdShare(quantile: number): number | null {
    return this.#coldShare(quantile, (id) => id);
  }

  /** A quantile, by nearest rank, of the cold shares of applications. */
  applicationColdShare(quantile: number): number | null {
    return this.#coldShare(quantile, (id) => this.#functions[id].app);
  }

  /** Warm and resumed starts over invocations, both weighted by the cost of a cold start. */
  costWeightedHitRatio(): number | null {
    let hitUs = 0;
    let allUs = 0;
    for (const [id, { coldStartUs }] of this.#functions.entries()) {
      hitUs += coldStartUs * this.#count(id, (kind) => kind === WARM || kind === RESUMED);
      allUs += coldStartUs * this.#invocations(id);
    }
    return ratioOf(hitUs, allUs);
  }

  #coldShare(quantile: number, unitOf: (functionId: number) => number): number | null {
    const cold = new Map<number, number>();
    const all = new Map<number, number>();
    for (let id = 0; id < this.#functions.length; id++) {
      const invocations = this.#invocations(id);
      if (invocations === 0) continue;
      const unit = unitOf(id);
      cold.set(unit, (cold.get(unit) ?? 0) + this.#count(id, makesContainer));
      all.set(unit, (all.get(unit) ?? 0) + invocations);
    }
    if (all.size === 0) return null;
    const shares = Float64Array.from(all, ([unit, count]) => cold.get(unit)! / count).sort();
    return shares[rankOf(quantile, shares.length) - 1];
  }

  #invocations(functionId: number): number {
    return this.#count(functionId, () => true) + this.#neverStarted[functionId];
  }

  #count(functionId: number, isCounted: (startKind: number) => boolean): number {
    let sum = 0;
    for (let kind = 0; kind < KINDS; kind++)
      if (isCounted(kind)) sum += this.#starts[functionId * KINDS + kind];
    return sum;
  }
}

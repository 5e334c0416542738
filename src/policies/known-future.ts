import { TimeHeap } from "../basics/time-heap.js";
import type { Future } from "../contract/future.js";
import type { ArrivalBatches, FunctionId } from "../contract/workload.js";

/** One function's arrivals, in order. */
export interface FunctionArrivals {
  readonly atUs: Float64Array;
  readonly runUs: Float64Array;
}

/** A search for an arrival by its level: the indices where it began and ended. */
interface Found {
  readonly from: number;
  readonly at: number;
}

const NO_ARRIVALS: FunctionArrivals = { atUs: new Float64Array(0), runUs: new Float64Array(0) };

/** The arrivals of a run by function: 16 bytes for each, and 4 more if its level is asked for. */
export class KnownFuture implements Future {
  readonly #arrivals: readonly FunctionArrivals[];
  readonly #levels: (Int32Array | undefined)[] = [];
  /** By function and level: from which arrival on the last search began, and what it found. */
  readonly #found: (Map<number, Found> | undefined)[] = [];

  /** `arrivals` by function. */
  constructor(arrivals: readonly FunctionArrivals[]) {
    this.#arrivals = arrivals;
  }

  arrivalsUs(functionId: FunctionId): Float64Array {
    return this.#of(functionId).atUs;
  }

  runsUs(functionId: FunctionId): Float64Array {
    return this.#of(functionId).runUs;
  }

  nextUs(functionId: FunctionId, afterUs: number, level = 1): number {
    const { atUs } = this.#of(functionId);
    const first = firstAfter(atUs, afterUs);
    const at = level <= 1 ? first : this.#firstOfLevel(functionId, first, level);
    return atUs[at] ?? Number.POSITIVE_INFINITY;
  }

  mostAtOnce(functionId: FunctionId, afterUs: number, untilUs: number): number {
    const { atUs } = this.#of(functionId);
    const levels = this.#levelsOf(functionId);
    let most = 0;
    for (let at = firstAfter(atUs, afterUs); at < atUs.length && atUs[at] <= untilUs; at++)
      most = Math.max(most, levels[at]);
    return most;
  }

  /**
   * Index of the function's first arrival of that level, from `first` on. It is remembered, because
   * questions usually go forward in time, and is then right as long as it is not before `first`.
   */
  #firstOfLevel(functionId: FunctionId, first: number, level: number): number {
    this.#found[functionId] ??= new Map<number, Found>();
    const last = this.#found[functionId].get(level);
    if (last !== undefined && last.from <= first && first <= last.at) return last.at;
    const levels = this.#levelsOf(functionId);
    let at = first;
    while (at < levels.length && levels[at] < level) at++;
    this.#found[functionId].set(level, { from: first, at });
    return at;
  }

  #levelsOf(functionId: FunctionId): Int32Array {
    this.#levels[functionId] ??= levelsOf(this.#of(functionId));
    return this.#levels[functionId];
  }

  /** A function that the run does not have never arrives. */
  #of(functionId: FunctionId): FunctionArrivals {
    return this.#arrivals[functionId] ?? NO_ARRIVALS;
  }
}

/**
 * How many of a function's invocations run at each arrival, itself included, if each begins when it
 * is due. One that ends at that moment has ended.
 */
export function levelsOf({ atUs, runUs }: FunctionArrivals): Int32Array {
  const levels = new Int32Array(atUs.length);
  const ends = new TimeHeap();
  for (let at = 0; at < atUs.length; at++) {
    while (ends.minKey <= atUs[at]) ends.pop();
    ends.push(atUs[at] + runUs[at], at);
    levels[at] = ends.size;
  }
  return levels;
}

/** Index of the first time after `afterUs`. */
function firstAfter(atUs: Float64Array, afterUs: number): number {
  let low = 0;
  let high = atUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (atUs[middle] > afterUs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Reads a pass over a workload's arrivals. Errors: those of its reader. */
export async function readFuture(
  batches: ArrivalBatches,
  functions: number,
): Promise<readonly FunctionArrivals[]> {
  const lists = Array.from({ length: functions }, () => new ArrivalList());
  for (let batch = await batches.next(); batch !== null; batch = await batches.next())
    for (let at = 0; at < batch.count; at++)
      lists[batch.functionId[at]].push(batch.atUs[at], batch.runUs[at]);
  return lists.map((list) => list.arrivals);
}

/** Arrays that double their length when they are full. */
class ArrivalList {
  #atUs = new Float64Array(4);
  #runUs = new Float64Array(4);
  #count = 0;

  push(atUs: number, runUs: number): void {
    if (this.#count === this.#atUs.length) {
      this.#atUs = doubled(this.#atUs);
      this.#runUs = doubled(this.#runUs);
    }
    this.#atUs[this.#count] = atUs;
    this.#runUs[this.#count++] = runUs;
  }

  get arrivals(): FunctionArrivals {
    return {
      atUs: this.#atUs.slice(0, this.#count),
      runUs: this.#runUs.slice(0, this.#count),
    };
  }
}

function doubled(old: Float64Array): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(2 * old.length);
  longer.set(old);
  return longer;
}

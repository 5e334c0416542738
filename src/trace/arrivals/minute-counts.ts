import { assert } from "../../basics/errors.js";

/**
 * How often each function was invoked in each minute, without the zeros. The entries of minute `m`
 * are those from `starts[m]` to `starts[m + 1]`, by ascending function id. Memory grows with the
 * active minutes of all functions and not with invocations.
 */
export interface MinuteCounts {
  readonly functions: number;
  readonly minutes: number;
  /** `minutes + 1` offsets into the two columns below. */
  readonly starts: Int32Array;
  readonly functionIds: Int32Array;
  readonly counts: Int32Array;
}

/** Collects minute counts function by function and turns them into MinuteCounts. */
export class MinuteCountsBuilder {
  /** Most invocations of one function in one minute. */
  static readonly MAX_COUNT = 2 ** 31 - 1;
  readonly #minutes: number;
  #functions = 0;
  #length = 0;
  #entryMinutes = new Int32Array(1024);
  #entryFunctions = new Int32Array(1024);
  #entryCounts = new Int32Array(1024);

  constructor(minutes: number) {
    this.#minutes = minutes;
  }

  /** Begins the next function and returns its id. */
  beginFunction(): number {
    return this.#functions++;
  }

  /**
   * Notes `count` invocations of the function begun last. `count` is a whole number of at least 0.
   */
  add(minute: number, count: number): void {
    if (count === 0) return;
    assert(
      count <= MinuteCountsBuilder.MAX_COUNT,
      "a minute has more invocations than fit a column",
    );
    assert(minute >= 0 && minute < this.#minutes, "a minute is outside the trace");
    if (this.#length === this.#entryCounts.length) this.#grow();
    this.#entryMinutes[this.#length] = minute;
    this.#entryFunctions[this.#length] = this.#functions - 1;
    this.#entryCounts[this.#length] = count;
    this.#length++;
  }

  build(): MinuteCounts {
    const starts = new Int32Array(this.#minutes + 1);
    for (let entry = 0; entry < this.#length; entry++) starts[this.#entryMinutes[entry] + 1]++;
    for (let minute = 0; minute < this.#minutes; minute++) starts[minute + 1] += starts[minute];
    const next = starts.slice();
    const functionIds = new Int32Array(this.#length);
    const counts = new Int32Array(this.#length);
    for (let entry = 0; entry < this.#length; entry++) {
      const at = next[this.#entryMinutes[entry]]++;
      functionIds[at] = this.#entryFunctions[entry];
      counts[at] = this.#entryCounts[entry];
    }
    return { functions: this.#functions, minutes: this.#minutes, starts, functionIds, counts };
  }

  #grow(): void {
    const length = this.#length * 2;
    this.#entryMinutes = copyInto(new Int32Array(length), this.#entryMinutes);
    this.#entryFunctions = copyInto(new Int32Array(length), this.#entryFunctions);
    this.#entryCounts = copyInto(new Int32Array(length), this.#entryCounts);
  }
}

/** Invocations of each function, by id. */
export function countByFunction(counts: MinuteCounts): Float64Array {
  const totals = new Float64Array(counts.functions);
  for (let entry = 0; entry < counts.counts.length; entry++) {
    totals[counts.functionIds[entry]] += counts.counts[entry];
  }
  return totals;
}

/** The minutes from `from` up to and without `to`, counted from 0 again. */
export function cutMinutes(counts: MinuteCounts, from: number, to: number): MinuteCounts {
  assert(from >= 0 && from <= to && to <= counts.minutes, `minutes ${from} to ${to}`);
  const first = counts.starts[from];
  const last = counts.starts[to];
  return {
    functions: counts.functions,
    minutes: to - from,
    starts: counts.starts.slice(from, to + 1).map((start) => start - first),
    functionIds: counts.functionIds.slice(first, last),
    counts: counts.counts.slice(first, last),
  };
}

/** The functions of `kept`, which has ascending ids. A function's new id is its index in `kept`. */
export function cutFunctions(counts: MinuteCounts, kept: readonly number[]): MinuteCounts {
  const newIds = new Int32Array(counts.functions).fill(-1);
  for (let id = 0; id < kept.length; id++) newIds[kept[id]] = id;
  const starts = new Int32Array(counts.minutes + 1);
  const functionIds = new Int32Array(counts.functionIds.length);
  const entryCounts = new Int32Array(counts.counts.length);
  let length = 0;
  for (let minute = 0; minute < counts.minutes; minute++) {
    for (let entry = counts.starts[minute]; entry < counts.starts[minute + 1]; entry++) {
      const id = newIds[counts.functionIds[entry]];
      if (id < 0) continue;
      functionIds[length] = id;
      entryCounts[length] = counts.counts[entry];
      length++;
    }
    starts[minute + 1] = length;
  }
  return {
    functions: kept.length,
    minutes: counts.minutes,
    starts,
    functionIds: functionIds.slice(0, length),
    counts: entryCounts.slice(0, length),
  };
}

function copyInto(target: Int32Array<ArrayBuffer>, source: Int32Array): Int32Array<ArrayBuffer> {
  target.set(source);
  return target;
}

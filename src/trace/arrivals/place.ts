import { assert, unreachable } from "../../basics/errors.js";
import type { RandomStream } from "../../basics/random.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import type { ArrivalBatch, ArrivalBatches } from "../../contract/workload.js";
import type { ArrivalOptions, Placement, RunTimeMode, RunTimes } from "../trace.js";
import type { MinuteCounts } from "./minute-counts.js";

/**
 * Arrivals from minute counts: one batch per minute that has any. The instants come from the stream
 * `arrivals`, and the run times from `run-times`. Both are drawn in a fixed order, so they depend
 * on the seed and the trace alone. Two arrivals of the same microsecond are ordered by function.
 *
 * While arrivals are sorted, each is one number, instant * factor + function. These numbers go into
 * as many buckets as there are arrivals, and insertion completes the order: the time is linear if
 * the instants are spread out.
 */
export class PlacedArrivals implements ArrivalBatches {
  readonly #counts: MinuteCounts;
  readonly #speedup: number;
  readonly #placement: Placement;
  readonly #runTimes: readonly (RunTimes | undefined)[];
  readonly #runTimeMode: RunTimeMode;
  readonly #instants: RandomStream;
  readonly #runs: RandomStream;
  /** For `equidistant`: the position of a function's first arrival of a minute within its gap. */
  readonly #phases: Float64Array;
  readonly #factor: number;
  readonly #batch: ArrivalBatch;
  #keys = new Float64Array(0);
  #sorted = new Float64Array(0);
  #buckets = new Int32Array(1);
  #gaps = new Float64Array(0);
  #length = 0;
  #minute = 0;

  /** `runTimes` is indexed by function id. An entry may be undefined only in mode `zero`. */
  constructor(
    counts: MinuteCounts,
    runTimes: readonly (RunTimes | undefined)[],
    speedup: number,
    options: ArrivalOptions,
  ) {
    const known = options.runTimes === "zero" || runTimes.every((times) => times !== undefined);
    assert(known, "every function of a trace that counts minutes has run times");
    this.#counts = counts;
    this.#speedup = speedup;
    this.#placement = options.placement;
    this.#runTimes = runTimes;
    this.#runTimeMode = options.runTimes;
    this.#instants = options.streams.get("arrivals");
    this.#runs = options.streams.get("run-times");
    this.#phases = Float64Array.from({ length: counts.functions }, () => this.#instants.next());
    this.#factor = 2 ** Math.ceil(Math.log2(Math.max(2, counts.functions)));
    const largest = (US_PER_MINUTE / speedup + 1) * this.#factor;
    assert(largest < Number.MAX_SAFE_INTEGER, "an instant and a function fit one exact number");
    this.#batch = {
      count: 0,
      atUs: new Float64Array(0),
      functionId: new Int32Array(0),
      runUs: new Float64Array(0),
    };
  }

  next(): ArrivalBatch | null {
    const { starts, minutes } = this.#counts;
    while (this.#minute < minutes && starts[this.#minute] === starts[this.#minute + 1]) {
      this.#minute++;
    }
    if (this.#minute === minutes) return null;
    const minute = this.#minute++;
    this.#reserve(minute);
    this.#place(minute);
    this.#sort();
    this.#unpack(minute);
    this.#drawRunTimes();
    return this.#batch;
  }

  #reserve(minute: number): void {
    let total = 0;
    const end = this.#counts.starts[minute + 1];
    for (let entry = this.#counts.starts[minute]; entry < end; entry++) {
      total += this.#counts.counts[entry];
    }
    this.#length = total;
    if (total <= this.#keys.length) return;
    const capacity = Math.ceil(total * 1.25);
    this.#keys = new Float64Array(capacity);
    this.#sorted = new Float64Array(capacity);
    this.#buckets = new Int32Array(capacity + 1);
    this.#gaps = new Float64Array(capacity + 1);
    this.#batch.atUs = new Float64Array(capacity);
    this.#batch.functionId = new Int32Array(capacity);
    this.#batch.runUs = new Float64Array(capacity);
  }

  /** Fills `#keys` with the minute's arrivals, one function after the other. */
  #place(minute: number): void {
    const { starts, functionIds, counts } = this.#counts;
    let length = 0;
    for (let entry = starts[minute]; entry < starts[minute + 1]; entry++) {
      const id = functionIds[entry];
      const count = counts[entry];
      switch (this.#placement) {
        case "poisson":
          this.#placePoisson(length, count, minute, id);
          break;
        case "uniform":
          this.#placeUniform(length, count, minute, id);
          break;
        case "equidistant":
          this.#placeEquidistant(length, count, minute, id);
          break;
        default:
          unreachable(this.#placement);
      }
      length += count;
    }
  }

  #placePoisson(first: number, count: number, minute: number, id: number): void {
    const instants = this.#instants;
    for (let at = first; at < first + count; at++) {
      this.#keys[at] = this.#pack(minute, instants.next() * US_PER_MINUTE, id);
    }
  }

  /** Draws count + 1 gaps: the first is before the first arrival, the last after the last one. */
  #placeUniform(first: number, count: number, minute: number, id: number): void {
    let total = 0;
    for (let gap = 0; gap <= count; gap++) {
      this.#gaps[gap] = 1 - this.#instants.next();
      total += this.#gaps[gap];
    }
    const scale = US_PER_MINUTE / total;
    let sum = 0;
    for (let arrival = 0; arrival < count; arrival++) {
      sum += this.#gaps[arrival];
      this.#keys[first + arrival] = this.#pack(minute, sum * scale, id);
    }
  }

  #placeEquidistant(first: number, count: number, minute: number, id: number): void {
    const gap = US_PER_MINUTE / count;
    for (let arrival = 0; arrival < count; arrival++) {
      const offset = (arrival + this.#phases[id]) * gap;
      this.#keys[first + arrival] = this.#pack(minute, offset, id);
    }
  }

  /**
   * One number for an arrival `offsetUs` after the start of its minute, in the trace's own time.
   */
  #pack(minute: number, offsetUs: number, id: number): number {
    const inMinute = Math.min(Math.floor(offsetUs), US_PER_MINUTE - 1);
    if (this.#speedup === 1) return inMinute * this.#factor + id;
    const base = minute * US_PER_MINUTE;
    const scaled = Math.floor((base + inMinute) / this.#speedup);
    return (scaled - Math.floor(base / this.#speedup)) * this.#factor + id;
  }

  /** Writes `#keys` in order into `#sorted`. */
  #sort(): void {
    const length = this.#length;
    const keys = this.#keys;
    const sorted = this.#sorted;
    const buckets = this.#buckets;
    const scale = length / ((US_PER_MINUTE / this.#speedup + 1) * this.#factor);
    buckets.fill(0, 0, length + 1);
    for (let at = 0; at < length; at++) buckets[((keys[at] * scale) | 0) + 1]++;
    for (let bucket = 0; bucket < length; bucket++) buckets[bucket + 1] += buckets[bucket];
    for (let at = 0; at < length; at++) {
      const key = keys[at];
      sorted[buckets[(key * scale) | 0]++] = key;
    }
    for (let at = 1; at < length; at++) {
      const key = sorted[at];
      let hole = at;
      while (hole > 0 && sorted[hole - 1] > key) {
        sorted[hole] = sorted[hole - 1];
        hole--;
      }
      sorted[hole] = key;
    }
  }

  #unpack(minute: number): void {
    const { atUs, functionId } = this.#batch;
    const factor = this.#factor;
    const base = Math.floor((minute * US_PER_MINUTE) / this.#speedup);
    for (let at = 0; at < this.#length; at++) {
      const instant = Math.floor(this.#sorted[at] / factor);
      atUs[at] = base + instant;
      functionId[at] = this.#sorted[at] - instant * factor;
    }
    this.#batch.count = this.#length;
  }

  #drawRunTimes(): void {
    const { functionId, runUs } = this.#batch;
    const runTimes = this.#runTimes;
    switch (this.#runTimeMode) {
      case "zero":
        return;
      case "mean":
        for (let at = 0; at < this.#length; at++) {
          runUs[at] = Math.round(runTimes[functionId[at]]!.meanUs);
        }
        return;
      case "trace":
        for (let at = 0; at < this.#length; at++) {
          runUs[at] = runTimes[functionId[at]]!.quantileUs(this.#runs.next());
        }
        return;
      default:
        unreachable(this.#runTimeMode);
    }
  }
}

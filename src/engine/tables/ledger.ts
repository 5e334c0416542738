import { assert } from "../../basics/errors.js";
import { type MeasuredSpan, withinSpan } from "../../contract/measured-span.js";
import type { MemoryTotals } from "../../contract/memory-totals.js";
import type { MemoryView } from "../../contract/memory-view.js";

/** Tiers of memory; each byte is charged to one of them. */
export const RUNNING = 0;
export const HANDLER = 1;
export const ZYGOTE_TIER = 2;
const TIERS = 3;

/**
 * The account of one machine's memory: the bytes charged to each tier. Every change asserts that
 * no tier is negative and the sum is within the limit. Bytes are integrated over the measured span,
 * per tier.
 */
export class Ledger implements MemoryView {
  readonly limitBytes: number;
  /** Bytes of processes being destroyed. */
  freeingBytes = 0;
  /** Bytes reserved for containers whose Zygote is still being made. */
  promisedBytes = 0;
  /** Bytes measured in use that did not fit under the limit: charged first when memory is freed. */
  owedBytes = 0;
  readonly #bytes = new Float64Array(TIERS);
  /** The most bytes within the measured span; before it, the present bytes. */
  readonly #peaks = new Float64Array(TIERS);
  /**
   * Sum of change x time of change, with the time moved into the measured span. The integral up to
   * T is bytes x T less this sum.
   */
  readonly #moments = new Float64Array(TIERS);
  readonly #span: MeasuredSpan;
  #usedBytes = 0;
  #peakBytes = 0;
  /** The part of the zygote tier that containers being created or running share. */
  #zygoteInUseBytes = 0;
  #zygoteInUseMoment = 0;

  constructor(limitBytes: number, span: MeasuredSpan) {
    this.limitBytes = limitBytes;
    this.#span = span;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }
  get freeBytes(): number {
    return this.limitBytes - this.#usedBytes - this.promisedBytes - this.owedBytes;
  }
  get runningBytes(): number {
    return this.#bytes[RUNNING];
  }
  get handlerBytes(): number {
    return this.#bytes[HANDLER];
  }
  get zygoteBytes(): number {
    return this.#bytes[ZYGOTE_TIER];
  }

  charge(tier: number, bytes: number, nowUs: number): void {
    this.#usedBytes += bytes;
    assert(this.#usedBytes <= this.limitBytes, "memory charged beyond the limit");
    if (nowUs <= this.#span.untilUs && this.#usedBytes > this.#peakBytes)
      this.#peakBytes = this.#usedBytes;
    this.#add(tier, bytes, nowUs);
  }

  release(tier: number, bytes: number, nowUs: number): void {
    this.#usedBytes -= bytes;
    if (nowUs < this.#span.fromUs) this.#peakBytes = this.#usedBytes;
    this.#take(tier, bytes, nowUs);
  }

  move(from: number, to: number, bytes: number, nowUs: number): void {
    const { fromUs, untilUs } = this.#span;
    if (nowUs < fromUs || nowUs > untilUs) {
      this.#take(from, bytes, nowUs);
      this.#add(to, bytes, nowUs);
      return;
    }
    // The usual case, twice per invocation: one product serves both tiers.
    const tiers = this.#bytes;
    const moments = this.#moments;
    const moment = bytes * nowUs;
    const rest = tiers[from] - bytes;
    assert(rest >= 0, "more memory was taken from a tier than was charged to it");
    tiers[from] = rest;
    moments[from] -= moment;
    const sum = tiers[to] + bytes;
    tiers[to] = sum;
    moments[to] += moment;
    if (sum > this.#peaks[to]) this.#peaks[to] = sum;
  }

  /**
   * Containers that are being created or run begin to share so many bytes of the zygote tier;
   * below 0: they no longer do.
   */
  useZygotes(bytes: number, nowUs: number): void {
    this.#zygoteInUseBytes += bytes;
    this.#zygoteInUseMoment += bytes * withinSpan(this.#span, nowUs);
  }

  /** Totals over the measured span, up to `nowUs`. */
  totals(nowUs: number): MemoryTotals {
    const endUs = withinSpan(this.#span, nowUs);
    const byteUs = Array.from(this.#bytes, (bytes, tier) => bytes * endUs - this.#moments[tier]);
    return {
      peakBytes: this.#peakBytes,
      byteUs,
      zygoteInUseByteUs: this.#zygoteInUseBytes * endUs - this.#zygoteInUseMoment,
      tierPeakBytes: [...this.#peaks],
    };
  }

  #add(tier: number, bytes: number, nowUs: number): void {
    const sum = this.#bytes[tier] + bytes;
    this.#bytes[tier] = sum;
    this.#moments[tier] += bytes * withinSpan(this.#span, nowUs);
    if (nowUs <= this.#span.untilUs && sum > this.#peaks[tier]) this.#peaks[tier] = sum;
  }

  #take(tier: number, bytes: number, nowUs: number): void {
    const rest = this.#bytes[tier] - bytes;
    assert(rest >= 0, "more memory was taken from a tier than was charged to it");
    this.#bytes[tier] = rest;
    this.#moments[tier] -= bytes * withinSpan(this.#span, nowUs);
    if (nowUs < this.#span.fromUs) this.#peaks[tier] = rest;
  }
}

/** Memory of one run over time and at its peak, for the result. */
export interface MemoryTotals {
  readonly peakBytes: number;
  /** Per tier (running, handler, zygote): the integral of bytes over time, in byte-microseconds. */
  readonly byteUs: readonly number[];
  /** Per tier: the most bytes at one time. */
  readonly tierPeakBytes: readonly number[];
}

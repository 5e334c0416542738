/** Byte-microseconds and bytes of one run, for the result. */
export interface MemoryTotals {
  readonly peakBytes: number;
  /** By tier (running, handler, zygote): integral of bytes over time, in byte-microseconds. */
  readonly byteUs: readonly number[];
  /** By tier: most bytes at one time. */
  readonly tierPeakBytes: readonly number[];
}

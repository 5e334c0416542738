/** Memory of the measured part of a run, over time and at its peak, for the result. */
export interface MemoryTotals {
  readonly peakBytes: number;
  /** Per tier (running, handler, zygote): the integral of bytes over time, in byte-microseconds. */
  readonly byteUs: readonly number[];
  /**
   * The part of the zygote tier's integral in pages that a container shares while it is being
   * created or runs.
   */
  readonly zygoteInUseByteUs: number;
  /** Per tier: the most bytes at one time. */
  readonly tierPeakBytes: readonly number[];
}

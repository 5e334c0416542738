import { US_PER_MS, US_PER_SECOND } from "../basics/units.js";

/** Upper bounds of the buckets, in microseconds: from a warm start to the longest import. */
export const BUCKET_BOUNDS_US: readonly number[] = [
  100,
  200,
  500,
  US_PER_MS,
  2 * US_PER_MS,
  5 * US_PER_MS,
  10 * US_PER_MS,
  20 * US_PER_MS,
  50 * US_PER_MS,
  100 * US_PER_MS,
  200 * US_PER_MS,
  500 * US_PER_MS,
  US_PER_SECOND,
  2 * US_PER_SECOND,
  5 * US_PER_SECOND,
  10 * US_PER_SECOND,
  30 * US_PER_SECOND,
];

/** Counts times in fixed buckets, as Prometheus does. */
export class TimeHistogram {
  /** Times in each bucket, not cumulated. The last bucket counts the times above all bounds. */
  readonly counts: number[] = new Array<number>(BUCKET_BOUNDS_US.length + 1).fill(0);
  count = 0;
  sumUs = 0;

  add(us: number): void {
    const at = BUCKET_BOUNDS_US.findIndex((bound) => us <= bound);
    this.counts[at === -1 ? BUCKET_BOUNDS_US.length : at]++;
    this.count++;
    this.sumUs += us;
  }
}

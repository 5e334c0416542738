/** How unevenly invocations are distributed over functions. */
export interface Popularity {
  /**
   * Shares of all invocations that belong to the busiest function, to the 10 busiest, and to the
   * busiest 1 %.
   */
  readonly top1Share: number;
  readonly top10Share: number;
  readonly topPercentShare: number;
  /** 0: every function has as many; near 1: one function has nearly all. */
  readonly gini: number;
  /**
   * Least squares of ln(invocations) on ln(rank) over the busiest functions; `r2` says how well a
   * Zipf law fits them. undefined: fewer than three functions.
   */
  readonly zipf:
    | { readonly exponent: number; readonly r2: number; readonly ranks: number }
    | undefined;
}

const ZIPF_RANKS = 100;

/** `invocations` per function, in any order; their sum is positive. */
export function measurePopularity(invocations: Float64Array): Popularity {
  const falling = invocations.toSorted((a, b) => b - a);
  const total = falling.reduce((sum, count) => sum + count, 0);
  const share = (ranks: number): number =>
    falling.slice(0, ranks).reduce((sum, count) => sum + count, 0) / total;
  return {
    top1Share: share(1),
    top10Share: share(10),
    topPercentShare: share(Math.max(1, Math.round(falling.length / 100))),
    gini: giniOf(falling, total),
    zipf: fitZipf(falling.slice(0, ZIPF_RANKS).filter((count) => count > 0)),
  };
}

function giniOf(falling: Float64Array, total: number): number {
  const n = falling.length;
  let weighted = 0;
  for (let at = 0; at < n; at++) weighted += (n - at) * falling[at];
  return (2 * weighted) / (n * total) - (n + 1) / n;
}

function fitZipf(falling: Float64Array): Popularity["zipf"] {
  const n = falling.length;
  if (n < 3) return undefined;
  let sumX = 0;
  let sumY = 0;
  let sumXx = 0;
  let sumXy = 0;
  let sumYy = 0;
  for (let at = 0; at < n; at++) {
    const x = Math.log(at + 1);
    const y = Math.log(falling[at]);
    sumX += x;
    sumY += y;
    sumXx += x * x;
    sumXy += x * y;
    sumYy += y * y;
  }
  const covariance = n * sumXy - sumX * sumY;
  const spreadX = n * sumXx - sumX ** 2;
  const spreadY = n * sumYy - sumY ** 2;
  const r2 = spreadY === 0 ? 1 : covariance ** 2 / (spreadX * spreadY);
  return { exponent: -covariance / spreadX, r2, ranks: n };
}

import type { Histogram } from "./histogram.js";
import type { Quantiles } from "./result.js";

/** A histogram as a result contains it. */
export function quantilesOf(histogram: Histogram): Quantiles {
  return {
    count: histogram.count,
    mean: histogram.mean,
    p50: histogram.quantile(0.5),
    p90: histogram.quantile(0.9),
    p95: histogram.quantile(0.95),
    p99: histogram.quantile(0.99),
    p999: histogram.quantile(0.999),
    max: histogram.max,
  };
}

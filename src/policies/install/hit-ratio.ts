/** The smallest size that at least a `target` share of the sorted distances does not exceed. */
export function targetBytes(sorted: Float64Array, target: number): number {
  return sorted[Math.max(Math.ceil(target * sorted.length) - 1, 0)];
}

/** Kneedle's knee of a rising, concave curve: the point furthest above the straight line. */
export function kneeBytes(sorted: Float64Array): number {
  const most = sorted[sorted.length - 1];
  let knee = most;
  let furthest = 0;
  for (const [at, bytes] of sorted.entries()) {
    const above = (at + 1) / sorted.length - bytes / most;
    if (above > furthest) {
      furthest = above;
      knee = bytes;
    }
  }
  return knee;
}

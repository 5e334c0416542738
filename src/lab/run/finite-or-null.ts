/** A limit for JSON, which has no Infinity: null means unlimited. */
export function finiteOrNull(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}

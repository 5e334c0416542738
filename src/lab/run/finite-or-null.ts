/** A limit as JSON can hold it, which has no Infinity: null is unlimited. */
export function finiteOrNull(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}

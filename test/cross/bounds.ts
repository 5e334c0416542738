import { MostSaved } from "../../src/lab/bound/most-saved.js";

/** Objects by number: bytes, and what each miss costs. */
export interface Objects {
  readonly bytes: readonly number[];
  readonly costs: readonly number[];
}

/**
 * What the misses cost at least by PFOO-L. A hit keeps its object from one request to the next; a
 * request takes one step.
 */
export function pfooLowerBound(
  requests: readonly number[],
  { bytes, costs }: Objects,
  capacityBytes: number,
): number {
  const lastAt = new Map<number, number>();
  const hits: { readonly object: number; readonly steps: number }[] = [];
  for (const [at, object] of requests.entries()) {
    const before = lastAt.get(object);
    if (before !== undefined) hits.push({ object, steps: at - before });
    lastAt.set(object, at);
  }
  const saved = new MostSaved({
    count: hits.length,
    kept: Float64Array.from(hits, ({ steps }) => steps),
    bytes: Float64Array.from(hits, ({ object }) => bytes[object]),
    worth: Float64Array.from(hits, ({ object }) => costs[object]),
  });
  const allCosts = requests.reduce((sum, object) => sum + costs[object], 0);
  return allCosts - saved.within(capacityBytes, requests.length - 1);
}

/**
 * What the misses cost at least, exactly, by trying all contents of the cache after each request. As
 * for containers, the object that is requested is in the cache while it is served, and afterwards
 * anything may go. For few objects, because all their subsets are tried.
 */
export function exactLeastCost(
  requests: readonly number[],
  { bytes, costs }: Objects,
  capacityBytes: number,
): number {
  const sets = 2 ** bytes.length;
  const bytesOf = Array.from({ length: sets }, (_, set) =>
    bytes.reduce((sum, size, object) => sum + ((set >> object) & 1) * size, 0),
  );
  let least = Array.from({ length: sets }, (_, set) => (set === 0 ? 0 : Number.POSITIVE_INFINITY));
  for (const object of requests) {
    const next = Array.from({ length: sets }, () => Number.POSITIVE_INFINITY);
    for (let set = 0; set < sets; set++) {
      const isHit = ((set >> object) & 1) === 1;
      const after = set | (1 << object);
      if (bytesOf[after] > capacityBytes) continue; // something went before: a smaller set has that
      next[after] = Math.min(next[after], least[set] + (isHit ? 0 : costs[object]));
    }
    least = droppingAny(next);
  }
  return Math.min(...least);
}

/** The least cost of each set, if it may also be reached from a larger one. */
function droppingAny(least: readonly number[]): number[] {
  const result = [...least];
  for (let bit = 1; bit < result.length; bit *= 2)
    for (let set = 0; set < result.length; set++)
      if ((set & bit) === 0) result[set] = Math.min(result[set], result[set | bit]);
  return result;
}

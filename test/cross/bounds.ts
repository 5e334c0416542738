/** Objects by number: bytes, and what each miss costs. */
export interface Objects {
  readonly bytes: readonly number[];
  readonly costs: readonly number[];
}

/**
 * What the misses cost at least, for any policy, even one that knows the future: PFOO-L of Berger,
 * Beckmann and Harchol-Balter, Practical Bounds on Optimal Caching with Variable Object Sizes,
 * SIGMETRICS 2018. A hit keeps its object from one request to the next, and so takes its bytes times
 * the steps between them. All hits together cannot take more than the bytes of the cache times all
 * steps. The hits that are worth most for what they take are chosen, the last one in part.
 */
export function pfooLowerBound(
  requests: readonly number[],
  { bytes, costs }: Objects,
  capacityBytes: number,
): number {
  const lastAt = new Map<number, number>();
  const hits: { readonly cost: number; readonly taken: number }[] = [];
  let leastCost = 0;
  for (const [at, object] of requests.entries()) {
    const before = lastAt.get(object);
    if (before !== undefined)
      hits.push({ cost: costs[object], taken: (at - before) * bytes[object] });
    lastAt.set(object, at);
    leastCost += costs[object];
  }
  let left = capacityBytes * (requests.length - 1);
  for (const { cost, taken } of hits.toSorted((a, b) => a.taken / a.cost - b.taken / b.cost)) {
    const share = Math.min(1, left / taken);
    leastCost -= share * cost;
    left -= share * taken;
  }
  return leastCost;
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

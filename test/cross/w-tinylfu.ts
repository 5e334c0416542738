import type { Request } from "./workloads.js";

/** How the paper (Einziger, Friedman and Manes, 2017) and libcachesim 0.3.5 differ. */
export interface WTinyLfuRule {
  /**
   * True: each request counts, up to 15, and all counts are halved after ten requests per cached
   * object. False: requests that the window answers do not count, an object counts once more when it
   * is compared or moved, and nothing is halved in traces as short as these.
   */
  readonly countsRequests: boolean;
  /** True: if probation is full, what enters the main cache is protected at once, if there is room. */
  readonly fillsProtected: boolean;
}

/** W-TinyLFU by lists, for objects of equal size; 80 % of the main cache are protected. */
export function wTinyLfuModel(
  windowShare: number,
  { countsRequests, fillsProtected }: WTinyLfuRule,
) {
  return (requests: readonly Request[], capacityBytes: number): string => {
    const capacity = capacityBytes / requests[0][1];
    const mainLimit = capacity * (1 - windowShare);
    const counts = new Map<number, number>();
    /** Of each list the least recently used object comes first. */
    const window: number[] = [];
    const probation: number[] = [];
    const protectedOnes: number[] = [];
    let sample = 0;

    const countOf = (object: number) => counts.get(object) ?? 0;
    const count = (object: number) => counts.set(object, countOf(object) + 1);
    const cached = () => window.length + probation.length + protectedOnes.length;
    const take = (list: number[], object: number): boolean => {
      const at = list.indexOf(object);
      if (at !== -1) list.splice(at, 1);
      return at !== -1;
    };
    const countRequest = (object: number) => {
      counts.set(object, Math.min(countOf(object) + 1, 15));
      if (++sample < 10 * Math.max(cached(), 1)) return;
      for (const [each, uses] of counts) counts.set(each, Math.floor(uses / 2));
      sample = Math.floor(sample / 2);
    };
    const enterMain = (object: number) => {
      const isFull = probation.length + 1 > 0.2 * mainLimit;
      const isProtected = fillsProtected && isFull && protectedOnes.length + 1 <= 0.8 * mainLimit;
      (isProtected ? protectedOnes : probation).push(object);
    };
    const evict = (): void => {
      for (;;) {
        const main = probation.length > 0 ? probation : protectedOnes;
        const candidate = window.shift();
        if (candidate === undefined) {
          main.shift();
          return;
        }
        const hasRoom = probation.length + protectedOnes.length + 1 <= mainLimit;
        const wins = !hasRoom && countOf(candidate) > countOf(main[0]);
        if (!countsRequests) count(candidate);
        if (wins) main.shift();
        if (hasRoom || wins) enterMain(candidate);
        if (!hasRoom) return;
      }
    };
    const isHit = (object: number): boolean => {
      if (take(window, object)) {
        window.push(object);
        return true;
      }
      if (!take(probation, object) && !take(protectedOnes, object)) return false;
      protectedOnes.push(object);
      while (protectedOnes.length > 0.8 * mainLimit) probation.push(protectedOnes.shift()!);
      if (!countsRequests) count(object);
      return true;
    };
    return requests
      .map(([object]) => {
        if (countsRequests) countRequest(object);
        if (isHit(object)) return "1";
        while (cached() + 1 > capacity) evict();
        window.push(object);
        if (!countsRequests) count(object);
        return "0";
      })
      .join("");
  };
}

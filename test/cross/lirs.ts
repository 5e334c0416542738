import type { Request } from "./workloads.js";

/** How the paper (Jiang and Zhang, SIGMETRICS 2002) and libcachesim 0.3.5 differ. */
export interface LirsRule {
  /** Most objects in the stack, in multiples of the cache; above it non-resident ones are dropped. */
  readonly stackLimit: number;
  /**
   * True: a hit on a resident HIR object outside the stack demotes a LIR object as well, for which the
   * front of the queue is evicted.
   */
  readonly demotesOnQueueHit: boolean;
}

/** LIRS by lists, for objects of equal size; 1 % of the cache, and one object at least, is HIR. */
export function lirsModel({ stackLimit, demotesOnQueueHit }: LirsRule) {
  return (requests: readonly Request[], capacityBytes: number): string => {
    const capacity = capacityBytes / requests[0][1];
    const hirLimit = Math.max(1, Math.trunc(capacity / 100));
    const lirLimit = capacity - hirLimit;
    const lir = new Set<number>();
    /** The bottom of the stack, and the front of the queue, come first. */
    const stack: number[] = [];
    const queue: number[] = [];
    /** HIR objects of the stack that are counted as resident, and those that are not, oldest first. */
    const resident = new Set<number>();
    const nonResident = new Set<number>();

    const take = (list: number[], object: number): boolean => {
      const at = list.indexOf(object);
      if (at !== -1) list.splice(at, 1);
      return at !== -1;
    };
    const prune = () => {
      while (stack.length > 0 && !lir.has(stack[0])) {
        resident.delete(stack[0]);
        nonResident.delete(stack.shift()!);
      }
    };
    const evictFront = () => {
      const object = queue.shift()!;
      if (!stack.includes(object)) return;
      resident.delete(object);
      nonResident.add(object);
    };
    const demoteBottom = () => {
      const object = stack.shift()!;
      lir.delete(object);
      while (queue.length >= hirLimit) evictFront();
      queue.push(object);
      prune();
    };
    const promote = (object: number) => {
      resident.delete(object);
      nonResident.delete(object);
      while (lir.size >= lirLimit) demoteBottom();
      lir.add(object);
    };
    const get = (object: number): string => {
      const wasInStack = take(stack, object);
      if (lir.has(object)) {
        stack.push(object);
        prune();
        return "1";
      }
      const isHit = queue.includes(object) || resident.has(object);
      if (wasInStack) {
        if (isHit) take(queue, object);
        stack.push(object);
        promote(object);
      } else if (isHit) {
        take(queue, object);
        queue.push(object);
        while (demotesOnQueueHit && lir.size >= lirLimit) demoteBottom();
        stack.push(object);
        resident.add(object);
      } else if (lir.size < lirLimit) {
        stack.push(object);
        lir.add(object);
      } else {
        while (queue.length >= hirLimit) evictFront();
        stack.push(object);
        queue.push(object);
        resident.add(object);
      }
      return isHit ? "1" : "0";
    };
    const limitStack = () => {
      while (stack.length > stackLimit * capacity && nonResident.size > 0) {
        const [oldest] = nonResident;
        nonResident.delete(oldest);
        take(stack, oldest);
      }
    };
    return requests
      .map(([object]) => {
        const answer = get(object);
        limitStack();
        return answer;
      })
      .join("");
  };
}

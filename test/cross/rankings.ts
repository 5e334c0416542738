import type { Container, Machine, Ranking } from "./reference.js";

/** Rankings by a full scan of what is idle, written for the reader and not for speed. */

const nothing = { ready() {}, begins() {}, gone() {} };

/** The container that fell idle first goes. */
export function leastRecentlyUsed(): Ranking {
  return { ...nothing, victim: ([oldest]) => oldest };
}

/** The container that was ready first goes. */
export function firstInFirstOut(): Ranking {
  const queue: Container[] = [];
  return {
    ...nothing,
    ready: (container) => {
      queue.push(container);
    },
    victim: (idle) => queue.find((container) => idle.includes(container))!,
  };
}

/** A function's uses are its runs since the first of its containers that exist. */
export interface Uses {
  readonly uses: number;
  readonly containers: number;
}

export interface GreedyDualRanking {
  worth(functionId: number, uses: Uses): number;
  readonly ages: boolean;
  /**
   * Whether the one that fell idle first goes if two functions tie. If not, the paper does not say
   * which of them goes, and the ranking reports the tie. Of two containers of one function either may
   * go.
   */
  readonly mayTie: boolean;
}

/** The lowest clock + worth goes; with `ages` it is the clock of what is used afterwards. */
export function greedyDualRanking(
  { bytes }: Machine,
  { worth, ages, mayTie }: GreedyDualRanking,
): Ranking {
  const uses = bytes.map(() => 0);
  const containers = bytes.map(() => 0);
  const clockOf = new Map<Container, number>();
  let clock = 0;
  let tied = false;
  const priorityOf = (container: Container) => {
    const { functionId } = container;
    return (
      clockOf.get(container)! +
      worth(functionId, { uses: uses[functionId], containers: containers[functionId] })
    );
  };
  return {
    tied: () => tied,
    ready: (container) => {
      containers[container.functionId]++;
      clockOf.set(container, clock);
    },
    begins: (container) => {
      uses[container.functionId]++;
      clockOf.set(container, clock);
    },
    gone: ({ functionId }) => {
      if (--containers[functionId] === 0) uses[functionId] = 0;
    },
    victim: (idle) => {
      const priorities = idle.map(priorityOf);
      const lowest = Math.min(...priorities);
      const candidates = idle.filter((_, at) => priorities[at] === lowest);
      const functions = new Set(candidates.map(({ functionId }) => functionId));
      tied ||= !mayTie && functions.size > 1;
      if (ages) clock = Math.max(clock, lowest);
      return candidates[0];
    },
  };
}

/**
 * Landlord in the words of the paper: a file has the credit of its cost when it comes and when it is
 * used; all pay the same rent per byte until one has no credit left. What runs pays too, and leaves
 * later. Credits per byte are exact: whole numbers of 1 / (the product of all sizes).
 */
export function landlord({ bytes, createUs }: Machine): Ranking {
  const product = bytes.reduce((all, size) => all * BigInt(size), 1n);
  const credits = new Map<Container, bigint>();
  let tied = false;
  const pay = (container: Container) => {
    const { functionId } = container;
    const costUs = BigInt(createUs[functionId]);
    credits.set(container, (costUs * product) / BigInt(bytes[functionId]));
  };
  return {
    ...nothing,
    tied: () => tied,
    ready: pay,
    begins: pay,
    gone: (container) => {
      credits.delete(container);
    },
    victim: (idle) => {
      const first = idle.reduce((a, b) => (credits.get(b)! < credits.get(a)! ? b : a));
      const rent = credits.get(first)!;
      const equals = idle.filter((each) => credits.get(each) === rent);
      tied ||= equals.some(({ functionId }) => functionId !== first.functionId);
      if (rent > 0n) for (const [each, credit] of credits) credits.set(each, credit - rent);
      return first;
    },
  };
}

/** The hand goes from old to new, clears the bits of what was used again, and evicts what was not. */
export function sieve(): Ranking {
  const queue: Container[] = [];
  const begun = new Set<Container>();
  const visited = new Set<Container>();
  let hand = 0;
  return {
    ready: (container) => {
      queue.push(container);
    },
    begins: (container) => {
      if (begun.has(container)) visited.add(container);
      begun.add(container);
    },
    gone: (container) => {
      const at = queue.indexOf(container);
      queue.splice(at, 1);
      if (at < hand) hand--;
      if (hand === queue.length) hand = 0;
    },
    victim: (idle) => {
      for (;;) {
        const container = queue[hand];
        if (idle.includes(container) && !visited.delete(container)) return container;
        hand = (hand + 1) % queue.length;
      }
    },
  };
}

const without = <T>(list: readonly T[], item: T) => list.filter((each) => each !== item);

/** Functions without containers that are remembered, the oldest first. */
class Ghosts {
  readonly #machine: Machine;
  #list: number[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  get bytes(): number {
    return this.#list.reduce((sum, id) => sum + this.#machine.bytes[id], 0);
  }

  /** True: it was there. */
  forget(functionId: number): boolean {
    const had = this.#list.includes(functionId);
    this.#list = without(this.#list, functionId);
    return had;
  }

  add(functionId: number): void {
    this.#list.push(functionId);
  }

  cut(bytes: number): void {
    while (this.bytes > bytes) this.#list.shift();
  }
}

/** 2Q, full version, with Kin 25 % and Kout 50 %. */
export function twoQ(machine: Machine): Ranking {
  const sizeOf = (list: readonly Container[]) =>
    list.reduce((sum, { functionId }) => sum + machine.bytes[functionId], 0);
  const a1Out = new Ghosts(machine);
  const returning = new Set<number>();
  const inMain = new Set<Container>();
  let a1In: Container[] = [];
  return {
    ...nothing,
    arrives: (functionId) => {
      if (a1Out.forget(functionId)) returning.add(functionId);
    },
    ready: (container) => {
      a1Out.forget(container.functionId);
      if (returning.delete(container.functionId)) inMain.add(container);
      else a1In.push(container);
    },
    gone: (container) => {
      const wasIn = a1In.includes(container);
      a1In = without(a1In, container);
      inMain.delete(container);
      const all = [...a1In, ...inMain];
      if (!wasIn || all.some(({ functionId }) => functionId === container.functionId)) return;
      a1Out.add(container.functionId);
      a1Out.cut(machine.memoryBytes / 2);
    },
    victim: (idle) => {
      const oldestIn = a1In.find((each) => idle.includes(each));
      const oldestMain = idle.find((each) => inMain.has(each));
      return sizeOf(a1In) > machine.memoryBytes / 4
        ? (oldestIn ?? oldestMain!)
        : (oldestMain ?? oldestIn!);
    },
  };
}

/** ARC of figure 4 of the paper, in bytes; of each list what fell idle first goes. */
export function arc(machine: Machine): Ranking {
  const c = machine.memoryBytes;
  const bytesOf = ({ functionId }: Container) => machine.bytes[functionId];
  const sizeOf = (list: Iterable<Container>) =>
    [...list].reduce((sum, each) => sum + bytesOf(each), 0);
  const t1 = new Set<Container>();
  const t2 = new Set<Container>();
  const b1 = new Ghosts(machine);
  const b2 = new Ghosts(machine);
  const returning = new Set<number>();
  const begun = new Set<Container>();
  let p = 0;
  let isFromB2 = false;
  return {
    arrives: (functionId) => {
      const size = machine.bytes[functionId];
      const [bytes1, bytes2] = [b1.bytes, b2.bytes];
      isFromB2 = false;
      if (b1.forget(functionId)) p = Math.min(p + Math.max(1, bytes2 / bytes1) * size, c);
      else if (b2.forget(functionId)) {
        p = Math.max(p - Math.max(1, bytes1 / bytes2) * size, 0);
        isFromB2 = true;
      } else return;
      returning.add(functionId);
    },
    ready: (container) => {
      b1.forget(container.functionId);
      b2.forget(container.functionId);
      (returning.delete(container.functionId) ? t2 : t1).add(container);
      b1.cut(Math.max(c - sizeOf(t1), 0));
      b2.cut(Math.max(2 * c - sizeOf(t1) - sizeOf(t2) - b1.bytes, 0));
    },
    begins: (container) => {
      if (begun.has(container) && t1.delete(container)) t2.add(container);
      begun.add(container);
    },
    gone: (container) => {
      const wasIn1 = t1.delete(container);
      t2.delete(container);
      const isLast = [...t1, ...t2].every(({ functionId }) => functionId !== container.functionId);
      if (isLast) (wasIn1 ? b1 : b2).add(container.functionId);
    },
    victim: (idle) => {
      const oldest1 = idle.find((each) => t1.has(each));
      const oldest2 = idle.find((each) => t2.has(each));
      const exceeds = sizeOf(t1) > p || (isFromB2 && sizeOf(t1) === p);
      return exceeds ? (oldest1 ?? oldest2!) : (oldest2 ?? oldest1!);
    },
  };
}

/** S3-FIFO, algorithm 1 of the paper, over containers; ghosts are functions that have none. */
export function s3Fifo(machine: Machine): Ranking {
  const { bytes, memoryBytes } = machine;
  const smallBytes = memoryBytes / 10;
  let small: Container[] = [];
  let main: Container[] = [];
  const ghosts = new Ghosts(machine);
  const returning = new Set<number>();
  const hits = new Map<Container, number>();
  const begun = new Set<Container>();
  const sizeOf = (list: readonly Container[]) =>
    list.reduce((sum, { functionId }) => sum + bytes[functionId], 0);
  const fromSmall = (idle: readonly Container[]): Container | undefined => {
    for (const container of small.filter((each) => idle.includes(each))) {
      if (hits.get(container)! < 2) return container;
      small = without(small, container);
      main.push(container);
      hits.set(container, 0);
    }
    return undefined;
  };
  const fromMain = (idle: readonly Container[]): Container | undefined => {
    for (;;) {
      const container = main.find((each) => idle.includes(each));
      if (container === undefined || hits.get(container) === 0) return container;
      hits.set(container, hits.get(container)! - 1);
      main = [...without(main, container), container];
    }
  };
  return {
    arrives: (functionId) => {
      if (ghosts.forget(functionId)) returning.add(functionId);
    },
    ready: (container) => {
      const { functionId } = container;
      ghosts.forget(functionId);
      const goesToMain = returning.delete(functionId) || bytes[functionId] > smallBytes;
      (goesToMain ? main : small).push(container);
      hits.set(container, 0);
    },
    begins: (container) => {
      if (begun.has(container)) hits.set(container, Math.min(hits.get(container)! + 1, 3));
      begun.add(container);
    },
    gone: (container) => {
      const wasSmall = small.includes(container);
      small = without(small, container);
      main = without(main, container);
      const isLast = [...small, ...main].every((each) => each.functionId !== container.functionId);
      if (!wasSmall || !isLast) return;
      ghosts.add(container.functionId);
      ghosts.cut((memoryBytes * 9) / 10);
    },
    victim: (idle) =>
      (sizeOf(small) >= smallBytes ? fromSmall(idle) : undefined) ??
      fromMain(idle) ??
      fromSmall(idle) ??
      fromMain(idle)!,
  };
}

/** The order in which containers were last given a place. */
class Places {
  readonly #places = new Map<Container, number>();
  #newest = 0;

  renew(container: Container): void {
    this.#places.set(container, ++this.#newest);
  }

  oldest(list: readonly Container[]): Container | undefined {
    return list.toSorted((a, b) => this.#places.get(a)! - this.#places.get(b)!)[0];
  }
}

/** LIRS with 1 % HIR: a block is a function, and its containers have its status. */
export function lirs({ bytes, memoryBytes }: Machine): Ranking {
  const low = new Set<number>();
  const places = new Places();
  const returning = new Set<number>();
  let stack: number[] = [];
  let live: Container[] = [];
  const containersOf = (functionId: number) =>
    live.filter((each) => each.functionId === functionId);
  const lirBytes = () =>
    live.reduce((sum, { functionId }) => sum + (low.has(functionId) ? bytes[functionId] : 0), 0);
  const prune = () => {
    while (stack.length > 0 && !low.has(stack[0])) stack.shift();
  };
  const shrink = () => {
    while (lirBytes() > memoryBytes * 0.99) {
      const bottom = stack.shift()!;
      low.delete(bottom);
      for (const container of containersOf(bottom)) places.renew(container);
      prune();
    }
  };
  const promote = (functionId: number) => {
    if (!stack.includes(functionId)) stack.push(functionId);
    low.add(functionId);
    for (const container of containersOf(functionId)) places.renew(container);
  };
  return {
    ...nothing,
    arrives: (functionId) => {
      const wasInStack = stack.includes(functionId);
      const isResident = containersOf(functionId).length > 0;
      stack = [...without(stack, functionId), functionId];
      if (!isResident && wasInStack) returning.add(functionId);
      if (!isResident && !wasInStack) returning.delete(functionId);
      if (isResident && wasInStack && !low.has(functionId)) promote(functionId);
      prune();
      shrink();
    },
    ready: (container) => {
      const { functionId } = container;
      const isFirst = containersOf(functionId).length === 0;
      live.push(container);
      places.renew(container);
      const fits = lirBytes() + bytes[functionId] <= memoryBytes * 0.99;
      if (isFirst && (fits || returning.has(functionId))) promote(functionId);
      returning.delete(functionId);
      shrink();
      prune();
    },
    idles: (container) => places.renew(container),
    gone: (container) => {
      live = without(live, container);
      if (containersOf(container.functionId).length === 0) low.delete(container.functionId);
      prune();
    },
    victim: (idle) => {
      const hirs = idle.filter(({ functionId }) => !low.has(functionId));
      return places.oldest(hirs.length > 0 ? hirs : idle)!;
    },
  };
}

/** W-TinyLFU with a window of 1 %, and 80 % of the rest protected. */
export function wTinyLfu({ bytes, memoryBytes }: Machine): Ranking {
  const window = new Set<Container>();
  const probation = new Set<Container>();
  const protectedOnes = new Set<Container>();
  const places = new Places();
  const begun = new Set<Container>();
  let counts = bytes.map(() => 0);
  let arrivals = 0;
  let idleNow = new Set<Container>();
  const sizeOf = (list: Iterable<Container>) =>
    [...list].reduce((sum, { functionId }) => sum + bytes[functionId], 0);
  const mainBytes = memoryBytes * 0.99;
  const move = (container: Container, from: Set<Container>, to: Set<Container>) => {
    from.delete(container);
    to.add(container);
    places.renew(container);
  };
  return {
    arrives: (functionId) => {
      counts[functionId] = Math.min(counts[functionId] + 1, 15);
      const entries = window.size + probation.size + protectedOnes.size;
      if (++arrivals < 10 * Math.max(entries, 1)) return;
      counts = counts.map((count) => Math.floor(count / 2));
      arrivals = Math.floor(arrivals / 2);
    },
    ready: (container) => {
      window.add(container);
      places.renew(container);
    },
    begins: (container) => {
      idleNow.delete(container);
      const isFirst = !begun.has(container);
      begun.add(container);
      if (isFirst || window.has(container)) return;
      move(container, probation, protectedOnes);
      while (sizeOf(protectedOnes) > 0.8 * mainBytes) {
        const oldest = places.oldest([...protectedOnes].filter((each) => idleNow.has(each)));
        if (oldest === undefined) return;
        move(oldest, protectedOnes, probation);
      }
    },
    idles: (container) => {
      idleNow.add(container);
      places.renew(container);
    },
    gone: (container) => {
      for (const list of [window, probation, protectedOnes, idleNow]) list.delete(container);
    },
    victim: (idle, neededBytes) => {
      idleNow = new Set(idle);
      for (;;) {
        const candidate = places.oldest(idle.filter((each) => window.has(each)));
        const oldest =
          places.oldest(idle.filter((each) => probation.has(each))) ??
          places.oldest(idle.filter((each) => protectedOnes.has(each)));
        if (candidate === undefined) return oldest!;
        const isOver = sizeOf(window) + neededBytes > memoryBytes * 0.01;
        if (!isOver && oldest !== undefined) return oldest;
        const fits =
          sizeOf(probation) + sizeOf(protectedOnes) + bytes[candidate.functionId] <= mainBytes;
        if (fits) {
          move(candidate, window, probation);
          continue;
        }
        if (oldest === undefined || counts[candidate.functionId] <= counts[oldest.functionId])
          return candidate;
        move(candidate, window, probation);
        return oldest;
      }
    },
  };
}

/** Hyperbolic caching of all that is idle: the lowest cost x uses / (size x age) goes. */
export function hyperbolic({ bytes, createUs }: Machine): Ranking {
  const created = new Map<Container, number>();
  const uses = new Map<Container, number>();
  return {
    ...nothing,
    ready: (container, createdAtUs) => {
      created.set(container, createdAtUs);
    },
    begins: (container) => {
      uses.set(container, (uses.get(container) ?? 0) + 1);
    },
    victim: (idle, _, nowUs) => {
      const priorities = idle.map((container) => {
        const { functionId } = container;
        const ageUs = nowUs - created.get(container)!;
        return ((uses.get(container) ?? 0) * createUs[functionId]) / (bytes[functionId] * ageUs);
      });
      return idle[priorities.indexOf(Math.min(...priorities))];
    },
  };
}

/** One invocation: when it arrives, of which function, and how long it runs. */
export interface Call {
  readonly atUs: number;
  readonly functionId: number;
  readonly runUs: number;
}

/** A machine with cores for everything, so that an operation takes its own time and no more. */
export interface Machine {
  readonly memoryBytes: number;
  /** By function: bytes of one container, and time of its creation. */
  readonly bytes: readonly number[];
  readonly createUs: readonly number[];
  readonly destroyUs: number;
}

export interface Container {
  readonly functionId: number;
}

/** Which idle container goes. `idle` is in the order in which they fell idle, and never empty. */
export interface Ranking {
  arrives?(functionId: number): void;
  /** Its creation began at this time. */
  ready(container: Container, createdAtUs: number): void;
  begins(container: Container): void;
  idles?(container: Container): void;
  gone(container: Container): void;
  victim(idle: readonly Container[], neededBytes: number, nowUs: number): Container;
  /** True: containers of two functions were equal, so that rounding may choose either of them. */
  tied?(): boolean;
}

export interface Start {
  readonly call: Call;
  readonly kind: "cold" | "warm" | "delayed-warm";
  /** From the arrival until a container is chosen, or its creation begins. */
  readonly queueUs: number;
}

/** Order of events at one time: creations and destructions, ends of runs, arrivals. */
const WORK = 0;
const RUN = 1;
const ARRIVAL = 2;

/** A call that no container serves yet. */
interface Waiter {
  readonly call: Call;
  /** When the creation of a container for it began; undefined: not yet. */
  begunUs: number | undefined;
}

/**
 * Replays calls event by event. A container serves one call at a time, and only an idle one can be
 * evicted. The most recently idle container of its function serves a call. Without one a container
 * is created, after evictions if memory is short. A call waits until that memory is free, in one
 * queue for all functions. A container that falls idle serves the oldest call of its function that
 * none serves yet; the container that was created for that call then serves another, or falls idle.
 * Nothing is created for a call while such a container is there for it. A call that only memory kept
 * from a creation starts warm; one that waited for another container starts delayed-warm.
 */
export function replayByEvent(
  machine: Machine,
  calls: readonly Call[],
  ranking: Ranking,
): readonly Start[] {
  const events: { atUs: number; order: number; happen: () => void }[] = [];
  const starts: Start[] = [];
  const idle: Container[] = [];
  /** In order of arrival. */
  const unserved: Waiter[] = [];
  /** By function: containers being created for calls that others have served. */
  const unbound = machine.bytes.map(() => 0);
  let nowUs = 0;
  let freeBytes = machine.memoryBytes;
  let comingBytes = 0;
  const after = (us: number, order: number, happen: () => void) =>
    events.push({ atUs: nowUs + us, order, happen });

  /** More calls of the function wait than containers are being created for nobody. */
  const lacks = (functionId: number) => {
    const waiting = unserved.filter(
      ({ call, begunUs }) => begunUs === undefined && call.functionId === functionId,
    );
    return waiting.length > unbound[functionId];
  };
  const serve = (container: Container, call: Call, kind: Start["kind"], queueUs: number) => {
    starts.push({ call, kind, queueUs });
    ranking.begins(container);
    after(call.runUs, RUN, () => fallIdle(container, false));
  };
  const fallIdle = (container: Container, isNew: boolean) => {
    const next = unserved.find(({ call }) => call.functionId === container.functionId);
    if (next === undefined) {
      idle.push(container);
      ranking.idles?.(container);
      return;
    }
    const isWarm = !isNew && next.begunUs === undefined && lacks(container.functionId);
    unserved.splice(unserved.indexOf(next), 1);
    if (next.begunUs !== undefined) unbound[container.functionId]++;
    serve(container, next.call, isWarm ? "warm" : "delayed-warm", nowUs - next.call.atUs);
  };
  const evict = (container: Container) => {
    const bytes = machine.bytes[container.functionId];
    idle.splice(idle.indexOf(container), 1);
    ranking.gone(container);
    comingBytes += bytes;
    after(machine.destroyUs, WORK, () => {
      comingBytes -= bytes;
      freeBytes += bytes;
    });
  };
  /** False: memory is short, and what could be evicted is on its way. */
  const create = (waiter: Waiter): boolean => {
    const { functionId, atUs } = waiter.call;
    const bytes = machine.bytes[functionId];
    while (freeBytes + comingBytes < bytes && idle.length > 0)
      evict(ranking.victim(idle, bytes - freeBytes - comingBytes, nowUs));
    if (freeBytes < bytes) return false;
    freeBytes -= bytes;
    waiter.begunUs = nowUs;
    const queueUs = nowUs - atUs;
    const createdAtUs = nowUs;
    after(machine.createUs[functionId], WORK, () => {
      const container = { functionId };
      ranking.ready(container, createdAtUs);
      const at = unserved.indexOf(waiter);
      if (at === -1) {
        unbound[functionId]--;
        fallIdle(container, true);
      } else {
        unserved.splice(at, 1);
        serve(container, waiter.call, "cold", queueUs);
      }
    });
    return true;
  };
  /** The first call for which a container must be created. */
  const firstToStart = () =>
    unserved.find(({ call, begunUs }) => begunUs === undefined && lacks(call.functionId));
  const arrive = (call: Call) => {
    ranking.arrives?.(call.functionId);
    const container = idle.findLast(({ functionId }) => functionId === call.functionId);
    if (container !== undefined) {
      idle.splice(idle.indexOf(container), 1);
      serve(container, call, "warm", 0);
      return;
    }
    const first = firstToStart();
    unserved.push({ call, begunUs: undefined });
    const next = first === undefined ? firstToStart() : undefined;
    if (next !== undefined) create(next);
  };

  for (const call of calls) after(call.atUs, ARRIVAL, () => arrive(call));
  while (events.length > 0) {
    const next = events.reduce((first, event) =>
      event.atUs < first.atUs || (event.atUs === first.atUs && event.order < first.order)
        ? event
        : first,
    );
    events.splice(events.indexOf(next), 1);
    nowUs = next.atUs;
    next.happen();
    if (next.order === ARRIVAL) continue;
    for (let first = firstToStart(); first !== undefined; first = firstToStart())
      if (!create(first)) break;
  }
  return starts;
}

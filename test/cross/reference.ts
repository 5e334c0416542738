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

/**
 * Replays calls event by event. A container serves one call at a time, and only an idle one can be
 * evicted. The most recently idle container of its function serves a call. Without one a container
 * is created, after evictions if memory is short. A call waits until that memory is free, in one
 * queue for all functions, and meanwhile takes a container of its function that falls idle.
 */
export function replayByEvent(
  machine: Machine,
  calls: readonly Call[],
  ranking: Ranking,
): readonly Start[] {
  const events: { atUs: number; order: number; happen: () => void }[] = [];
  const starts: Start[] = [];
  const idle: Container[] = [];
  const waiting: Call[] = [];
  let nowUs = 0;
  let freeBytes = machine.memoryBytes;
  let comingBytes = 0;
  const after = (us: number, order: number, happen: () => void) =>
    events.push({ atUs: nowUs + us, order, happen });

  const serve = (container: Container, call: Call, kind: Start["kind"], queueUs: number) => {
    starts.push({ call, kind, queueUs });
    ranking.begins(container);
    after(call.runUs, RUN, () => {
      const next = waiting.findIndex(({ functionId }) => functionId === container.functionId);
      if (next === -1) {
        idle.push(container);
        ranking.idles?.(container);
      } else {
        const [waiter] = waiting.splice(next, 1);
        serve(container, waiter, "delayed-warm", nowUs - waiter.atUs);
      }
    });
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
  const create = (call: Call): boolean => {
    const { functionId } = call;
    const bytes = machine.bytes[functionId];
    while (freeBytes + comingBytes < bytes && idle.length > 0)
      evict(ranking.victim(idle, bytes - freeBytes - comingBytes, nowUs));
    if (freeBytes < bytes) return false;
    freeBytes -= bytes;
    const queueUs = nowUs - call.atUs;
    const createdAtUs = nowUs;
    after(machine.createUs[functionId], WORK, () => {
      const container = { functionId };
      ranking.ready(container, createdAtUs);
      serve(container, call, "cold", queueUs);
    });
    return true;
  };
  const arrive = (call: Call) => {
    ranking.arrives?.(call.functionId);
    const container = idle.findLast(({ functionId }) => functionId === call.functionId);
    if (container !== undefined) {
      idle.splice(idle.indexOf(container), 1);
      serve(container, call, "warm", 0);
    } else if (waiting.length > 0 || !create(call)) waiting.push(call);
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
    if (next.order !== ARRIVAL) while (waiting.length > 0 && create(waiting[0])) waiting.shift();
  }
  return starts;
}

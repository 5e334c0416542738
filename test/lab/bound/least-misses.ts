/** One invocation of a small trace: its function, arrival and run time, in whole steps. */
export interface SmallCall {
  readonly functionId: number;
  readonly at: number;
  readonly run: number;
}

/**
 * The least misses, exactly, by trying all sets of idle containers after each event. Invocations
 * begin when they arrive. Idle containers must fit beside those that run; a miss always finds room,
 * because what runs is not the policy's choice.
 */
export function leastMisses(
  calls: readonly SmallCall[],
  bytes: readonly number[],
  limitBytes: number,
): number {
  const events = calls
    .flatMap(({ functionId, at, run }) => [
      { time: at, change: 1, functionId },
      { time: at + run, change: -1, functionId },
    ])
    // of one time the ends come first, except that a run of no time ends after it began
    .map((event, order) => ({ ...event, order }))
    .toSorted(
      (a, b) => a.time - b.time || rankOf(a, calls) - rankOf(b, calls) || a.order - b.order,
    );
  let least = new Map<string, number>([[bytes.map(() => 0).join(), 0]]);
  let runningBytes = 0;
  for (const { change, functionId } of events) {
    runningBytes += change * bytes[functionId];
    const next = new Map<string, number>();
    for (const [key, misses] of least) {
      const idle = key.split(",").map(Number);
      const isMiss = change === 1 && idle[functionId] === 0;
      if (!isMiss) idle[functionId] -= change;
      keepAny(idle, 0, misses + Number(isMiss));
    }
    least = next;

    function keepAny(idle: readonly number[], from: number, misses: number): void {
      const idleBytes = idle.reduce((sum, count, id) => sum + count * bytes[id], 0);
      if (idleBytes === 0 || idleBytes + runningBytes <= limitBytes) {
        const key = idle.join();
        next.set(key, Math.min(next.get(key) ?? Number.POSITIVE_INFINITY, misses));
      }
      for (let id = from; id < idle.length; id++)
        if (idle[id] > 0) keepAny(idle.with(id, idle[id] - 1), id, misses);
    }
  }
  return Math.min(...least.values());
}

function rankOf({ change, order }: { change: number; order: number }, calls: readonly SmallCall[]) {
  const isInstant = calls[Math.floor(order / 2)].run === 0;
  return change === -1 && !isInstant ? 0 : 1;
}

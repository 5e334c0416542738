import type { ArrivalBatch, ArrivalBatches } from "../../contract/workload.js";

/** Calls `visit` with every batch of a source, in order. It waits only when the source does. */
export async function forEachBatch(
  source: ArrivalBatches,
  visit: (batch: ArrivalBatch) => void | Promise<void>,
): Promise<void> {
  for (;;) {
    const next = source.next();
    const batch = next instanceof Promise ? await next : next;
    if (batch === null) return;
    const visited = visit(batch);
    if (visited instanceof Promise) await visited;
  }
}

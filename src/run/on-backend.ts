import type { Backend } from "../contract/backend.js";
import type { EngineConfig } from "../contract/config.js";
import type { MeasuredSpan } from "../contract/measured-span.js";
import type { Observer } from "../contract/observer.js";
import type { Policies } from "../contract/policy.js";
import type { Workload } from "../contract/workload.js";
import { BatchedArrivals } from "./batched-arrivals.js";
import { EngineRun } from "./engine-run.js";
import { type JournalTarget, JournalWriter } from "./journal/journal-writer.js";
import { overloadText } from "./overload-text.js";
import type { RunEnd } from "./run-end.js";

/** All that a run needs in addition to its backend. */
export interface RunParts {
  readonly workload: Workload;
  readonly config: EngineConfig;
  readonly policies: Policies;
  readonly observer: Observer;
  /** What the figures of memory and disk cover. Absent: the whole run. */
  readonly measured?: MeasuredSpan | undefined;
  /** Absent: no journal is written. */
  readonly journal?: JournalTarget | undefined;
  /** Called after each batch of arrivals with the time reached; the run waits for its promise. */
  readonly onProgress?: ((nowUs: number) => Promise<void> | undefined) | undefined;
}

/**
 * Runs a workload on a backend, from its first arrival to the end of its span. Returns undefined if
 * the signal ended it; the caller must then interrupt the backend.
 */
export async function runOn(
  backend: Backend,
  run: RunParts,
  signal?: AbortSignal,
): Promise<RunEnd | undefined> {
  const { workload, config, policies, observer, measured, onProgress } = run;
  const journal = run.journal && new JournalWriter(run.journal, backend);
  const engine = new EngineRun({
    config,
    functions: workload.functions,
    packages: workload.catalogue.packages,
    policies,
    backend,
    journal,
    observer,
    measured,
  });
  const endUs = await engine.drive({
    arrivals: new BatchedArrivals(workload.arrivals(), () => onProgress?.(backend.nowUs)),
    endUs: workload.spanUs,
    signal,
  });
  if (endUs === undefined) return undefined;
  journal?.end(engine.digest);
  const overload = overloadText(engine.overload(), backend.busyCores?.() ?? null);
  if (overload !== undefined) observer.warned("overloaded", overload);
  return engine.endAt(endUs);
}

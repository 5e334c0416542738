import type { MemoryTotals } from "../contract/memory-totals.js";
import type { ZygotesView } from "../contract/policy.js";
import type { Engine } from "../engine/engine.js";

/** An engine's figures for the result, on any backend. */
export interface RunEnd {
  /** When the run ended, in microseconds from its start. */
  readonly endUs: number;
  readonly digest: string;
  /** Of the measured span, as the disk. */
  readonly memory: MemoryTotals;
  readonly disk: { readonly peakBytes: number; readonly byteUs: number };
  /** The engine's Zygotes at the end of the run. */
  readonly zygotes: ZygotesView;
}

export function endOf(engine: Engine, endUs: number): RunEnd {
  return {
    endUs,
    digest: engine.digest,
    memory: engine.memoryTotals(),
    disk: engine.diskTotals(),
    zygotes: engine.view.zygotes,
  };
}

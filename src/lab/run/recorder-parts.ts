import { InputError } from "../../basics/errors.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import type { MeasuredSpan } from "../../contract/measured-span.js";
import type { Workload } from "../../contract/workload.js";
import type { RecordedFunction } from "../../results/counters/function-counter.js";
import type { Costs } from "../../sim/costs/costs.js";
import { coldStartTimes } from "../../sim/costs/idle-times.js";
import type { RunSettings } from "./run-settings.js";

/**
 * What the figures of a run cover: from the end of the warm-up to the end of the trace's span.
 * Errors: InputError if the warm-up leaves nothing of it.
 */
export function measuredSpan(
  { warmupMinutes, speedup }: RunSettings,
  { trace, spanUs }: Workload,
): MeasuredSpan {
  const fromUs = Math.round((warmupMinutes * US_PER_MINUTE) / speedup);
  if (fromUs < spanUs) return { fromUs, untilUs: spanUs };
  const minutes = (spanUs * speedup) / US_PER_MINUTE;
  throw new InputError(
    `--warmup: ${warmupMinutes} minutes leave nothing of the ${minutes} minutes of ${trace}, expected fewer`,
  );
}

/** What a result says about the functions of a workload, by FunctionId. */
export function recordedFunctions(
  { functions, origins, catalogue }: Workload,
  costs: Costs,
): readonly RecordedFunction[] {
  const coldStartUs = coldStartTimes(costs, functions, catalogue.packages);
  return functions.map(({ name, app }, id) => ({
    name,
    app,
    ...(origins?.[id] ?? { application: String(app), owner: "", trigger: "unknown" }),
    coldStartUs: coldStartUs[id],
  }));
}

import { InputError } from "../../basics/errors.js";
import type { ResultHead } from "../metrics.js";
import type { TraceBound } from "./trace-bound.js";

/** A bound and the file it was read from. */
export interface ReadBound {
  readonly path: string;
  readonly bound: TraceBound;
}

/** The settings that a bound and the runs beside it must share. */
const SHARED = ["functions", "fromMinute", "minutes", "warmupMinutes", "speedup", "unit"] as const;

/**
 * Checks that a bound is of the workload of these runs. Seeds may differ, because arrivals of other
 * seeds have about the same bound; `seed` is in its file. Errors: InputError naming the file.
 */
export function checkBound({ path, bound }: ReadBound, results: readonly ResultHead[]): void {
  for (const { run } of results) {
    const other =
      run.trace === bound.trace
        ? SHARED.find((name) => (run.options[name] ?? "function") !== (bound[name] ?? "function"))
        : "trace";
    if (other !== undefined)
      throw new InputError(
        `${path}: it bounds another workload than the runs have: their ${other} differs, give socklab bound the options of the runs`,
      );
  }
}

import { stat } from "node:fs/promises";
import { countedTrace } from "../arrivals/counted-trace.js";
import { MinuteCountsBuilder } from "../arrivals/minute-counts.js";
import { ConstantRunTimes } from "../arrivals/run-times.js";
import { readColumns, readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";
import type { Trace, TraceCut, TraceFormat, TraceFunction } from "../trace.js";

/** The column of counts names their number: `counts_17280_minutes_peak_le_8`. */
const COUNTS_COLUMN = /^counts_(\d+)_minutes/;
/** A function that is called more often in some minute is scaled, so that this is its peak. */
const SCALED_PEAK = 8;
const ZERO = "0".charCodeAt(0);
const NO_RUN_TIMES = new ConstantRunTimes(0);

/**
 * Twelve consecutive days of a thousand functions of Azure 2019, as EcoLife (SC 2024) published
 * them: one row per function with one digit per minute, and the SeBS function that stands for it
 * there. It has no ids, applications, triggers, run times or memory.
 */
export const azure2019Minutes: TraceFormat = {
  name: "azure2019-minutes",
  summary: "Azure Functions 2019, minutes: CSV id,sebs_profile,counts_N_minutes... of many days",
  recognises: async (path) => {
    const isFile = await stat(path).then(
      (found) => found.isFile(),
      () => false,
    );
    return isFile && findCounts(await readColumns(path)) !== undefined;
  },
  open,
};

async function open(path: string, cut: TraceCut): Promise<Trace> {
  const counts = findCounts(await readColumns(path));
  const builder = new MinuteCountsBuilder(counts?.minutes ?? 0);
  const functions: TraceFunction[] = [];
  let scaled = 0;
  for await (const rows of readRows(path, ["id", counts?.name ?? "counts_N_minutes"])) {
    while (rows.next()) {
      const id = rows.text(rows.column("id"));
      builder.beginFunction();
      const peak = addMinutes(rows, rows.text(rows.column(counts!.name)), counts!.minutes, builder);
      if (peak >= SCALED_PEAK) scaled++;
      functions.push(describe(id));
    }
  }
  const caveat =
    `${scaled} of its ${functions.length} functions have a busiest minute of ${SCALED_PEAK} calls ` +
    `and may be scaled to that: their volume is not the trace's. It has no run times (they are 0), applications or memory.`;
  return countedTrace(
    { path, format: azure2019Minutes.name, functions, counts: builder.build(), caveat },
    cut,
  );
}

function findCounts(
  columns: readonly string[],
): { readonly name: string; readonly minutes: number } | undefined {
  const name = columns.find((column) => COUNTS_COLUMN.test(column));
  return name === undefined ? undefined : { name, minutes: Number(COUNTS_COLUMN.exec(name)![1]) };
}

/** Returns the most calls in one minute. */
function addMinutes(
  rows: Rows,
  digits: string,
  minutes: number,
  builder: MinuteCountsBuilder,
): number {
  if (digits.length !== minutes)
    throw rows.error(`${digits.length} minutes, expected ${minutes} digits, one per minute`);
  let peak = 0;
  for (let minute = 0; minute < minutes; minute++) {
    const count = digits.charCodeAt(minute) - ZERO;
    if (count < 0 || count > 9)
      throw rows.error(`minute ${minute} is "${digits[minute]}", expected a digit`);
    builder.add(minute, count);
    if (count > peak) peak = count;
  }
  return peak;
}

function describe(id: string): TraceFunction {
  return {
    name: id,
    app: id,
    trigger: "unknown",
    memoryBytes: undefined,
    runTimes: NO_RUN_TIMES,
    requirements: undefined,
    invocations: undefined,
  };
}

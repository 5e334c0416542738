import { US_PER_MS } from "../../basics/units.js";
import { type MinuteCounts, MinuteCountsBuilder } from "../arrivals/minute-counts.js";
import { PercentileRunTimes, RUN_TIME_PERCENTILES } from "../arrivals/run-times.js";
import { readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";

/** Column names that Azure 2019 and InVitro share: run times in ms, and one column per minute. */
export const AVERAGE_COLUMN = "Average";
export const PERCENTILE_COLUMNS = RUN_TIME_PERCENTILES.map(
  (percent) => `percentile_Average_${percent}`,
);
export const RUN_TIME_COLUMNS = [AVERAGE_COLUMN, ...PERCENTILE_COLUMNS];

/** Run times of the function in the current row. */
export function readRunTimes(rows: Rows): PercentileRunTimes {
  const percentilesUs = PERCENTILE_COLUMNS.map(
    (name) => rows.number(rows.column(name)) * US_PER_MS,
  );
  return new PercentileRunTimes(
    percentilesUs,
    rows.number(rows.column(AVERAGE_COLUMN)) * US_PER_MS,
  );
}

/**
 * Minute counts of the rows for which `accepts` is true, in their order: one function per row. The
 * minutes are the columns that have whole numbers as names (such as 1..1440 or 540..689). The first
 * of them is minute 0.
 */
export async function readMinuteCounts(
  path: string,
  required: readonly string[],
  accepts: (rows: Rows) => boolean,
): Promise<MinuteCounts> {
  let minutes: MinuteColumns | undefined;
  let builder: MinuteCountsBuilder | undefined;
  for await (const rows of readRows(path, required, "bytes")) {
    minutes ??= findMinuteColumns(rows);
    builder ??= new MinuteCountsBuilder(minutes.span);
    while (rows.next()) {
      if (!accepts(rows)) continue;
      builder.beginFunction();
      addCounts(rows, minutes, builder);
    }
  }
  return (builder ?? new MinuteCountsBuilder(0)).build();
}

interface MinuteColumns {
  /** Index of each minute column, and the minute that it counts, from 0. */
  readonly columns: readonly number[];
  readonly minutes: readonly number[];
  readonly span: number;
}

function findMinuteColumns(rows: Rows): MinuteColumns {
  const names = rows.header.columns;
  const columns = names.flatMap((name, column) => (/^\d+$/.test(name) ? [column] : []));
  if (columns.length === 0) {
    throw rows.error("no minute column in the header, expected columns named 1, 2, 3, ...");
  }
  const first = Number(names[columns[0]]);
  const minutes = columns.map((column) => Number(names[column]) - first);
  const wrong = minutes.findIndex((minute, at) => at > 0 && minute <= minutes[at - 1]);
  if (wrong >= 0) {
    throw rows.error(
      `minute column ${names[columns[wrong]]} comes after ${names[columns[wrong - 1]]}, expected rising minutes`,
    );
  }
  return { columns, minutes, span: minutes[minutes.length - 1] + 1 };
}

function addCounts(rows: Rows, minutes: MinuteColumns, builder: MinuteCountsBuilder): void {
  for (let at = 0; at < minutes.columns.length; at++) {
    const count = rows.number(minutes.columns[at]);
    if (count === 0) continue;
    if (!Number.isInteger(count) || count > MinuteCountsBuilder.MAX_COUNT) {
      const name = rows.header.columns[minutes.columns[at]];
      throw rows.error(`column ${name} is ${count}, expected a whole number of invocations`);
    }
    builder.add(minutes.minutes[at], count);
  }
}

import {
  ConstantRunTimes,
  PercentileRunTimes,
  RUN_TIME_PERCENTILES,
} from "../arrivals/run-times.js";
import { readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";
import type { RunTimes, TraceFunction } from "../trace.js";

const PERCENTILE_COLUMNS = RUN_TIME_PERCENTILES.map((percent) => `p${percent}`);

/**
 * The functions table of socklab's own format (docs/reference/trace-formats.md), in the order of
 * its rows. `carried`: the invocations carry their run times, so those of this table do not count.
 */
export async function readFunctions(
  path: string,
  carried: boolean,
): Promise<readonly TraceFunction[]> {
  const functions: TraceFunction[] = [];
  const names = new Set<string>();
  for await (const rows of readRows(path, ["function"])) {
    while (rows.next()) {
      const each = readFunction(rows);
      if (names.has(each.name)) {
        throw rows.error(
          `function "${each.name}" has a row already, expected one row per function`,
        );
      }
      if (!carried && each.runTimes === undefined) {
        throw rows.error(
          `function "${each.name}" has no run time: give meanRunUs or p0 to p100 here, or durationUs with the invocations`,
        );
      }
      names.add(each.name);
      functions.push(carried ? { ...each, runTimes: undefined } : each);
    }
  }
  return functions;
}

function readFunction(rows: Rows): TraceFunction {
  const requirements = cell(rows, "requirements");
  const name = rows.text(rows.column("function"));
  return {
    name,
    app: cell(rows, "app") || name,
    owner: cell(rows, "owner"),
    trigger: cell(rows, "trigger") || "unknown",
    memoryBytes: cell(rows, "memoryBytes") ? rows.number(rows.column("memoryBytes")) : undefined,
    runTimes: readRunTimes(rows),
    requirements: requirements?.split(" ").filter((requirement) => requirement !== ""),
    invocations: undefined,
  };
}

function readRunTimes(rows: Rows): RunTimes | undefined {
  const meanUs = cell(rows, "meanRunUs") ? rows.number(rows.column("meanRunUs")) : undefined;
  if (!cell(rows, "p0")) return meanUs === undefined ? undefined : new ConstantRunTimes(meanUs);
  const percentiles = PERCENTILE_COLUMNS.map((name) => rows.number(rows.column(name)));
  return new PercentileRunTimes(percentiles, meanUs);
}

/** Text of a column; undefined if the table does not have the column. */
function cell(rows: Rows, name: string): string | undefined {
  const column = rows.find(name);
  return column < 0 ? undefined : rows.text(column);
}

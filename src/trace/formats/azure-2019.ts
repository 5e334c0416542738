import { join } from "node:path";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { countedTrace } from "../arrivals/counted-trace.js";
import type { MinuteCounts } from "../arrivals/minute-counts.js";
import type { PercentileRunTimes } from "../arrivals/run-times.js";
import { readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";
import { tableName } from "../tables/table-file.js";
import type { Trace, TraceCut, TraceFormat, TraceFunction } from "../trace.js";
import { chooseDay, findDays } from "./azure-2019-days.js";
import { RUN_TIME_COLUMNS, readMinuteCounts, readRunTimes } from "./azure-columns.js";
import { nameFunctions } from "./function-names.js";

const KEY_COLUMNS = ["HashOwner", "HashApp", "HashFunction"];

/**
 * One day of the Azure Functions trace of 2019 (Shahrad et al., USENIX ATC 2020): a folder with the
 * three native tables, or the path of its invocations table if the folder contains several days.
 *
 * The tables do not cover the same keys, so they are inner-joined by InVitro's rules (Ustiugov et
 * al., WORDS 2023): the first row of a repeated key counts, and an app's memory is divided evenly
 * over its functions that remain. Unlike in InVitro, a function whose Average is 0 stays: the
 * column is rounded to ms, and its percentiles still state its run times.
 */
export const azure2019: TraceFormat = {
  name: "azure-2019",
  summary: "Azure Functions 2019: folder with invocations, durations and app memory of a day",
  recognises: async (path) => (await findDays(path)).length > 0,
  open,
};

interface InvokedFunction {
  readonly path: readonly string[];
  readonly app: string;
  readonly trigger: string;
  readonly runTimes: PercentileRunTimes;
}

async function open(path: string, cut: TraceCut): Promise<Trace> {
  const { folder, names, invocations, day } = await chooseDay(path);
  const table = (name: string) => join(folder, tableName(names, `${name}.anon.${day}.csv`));
  const memory = await readAppMemory(table("app_memory_percentiles"));
  const runTimes = await readDurations(table("function_durations_percentiles"));
  const { functions, counts } = await readInvocations(join(folder, invocations), runTimes, memory);
  const workload = { format: azure2019.name, functions: describe(functions, memory), counts };
  return countedTrace({ ...workload, path }, cut);
}

/** MiB by app. */
async function readAppMemory(path: string): Promise<Map<string, number>> {
  const memory = new Map<string, number>();
  for await (const rows of readRows(path, ["HashApp", "AverageAllocatedMb"])) {
    while (rows.next()) {
      const app = rows.text(rows.column("HashApp"));
      const mebibytes = rows.number(rows.column("AverageAllocatedMb"));
      if (!memory.has(app)) memory.set(app, mebibytes);
    }
  }
  return memory;
}

async function readDurations(path: string): Promise<Map<string, PercentileRunTimes>> {
  const durations = new Map<string, PercentileRunTimes>();
  for await (const rows of readRows(path, [...KEY_COLUMNS, ...RUN_TIME_COLUMNS])) {
    while (rows.next()) {
      const runTimes = readRunTimes(rows);
      const key = keyOf(rows).join("/");
      if (!durations.has(key)) durations.set(key, runTimes);
    }
  }
  return durations;
}

async function readInvocations(
  path: string,
  durations: ReadonlyMap<string, PercentileRunTimes>,
  memory: ReadonlyMap<string, number>,
): Promise<{ functions: InvokedFunction[]; counts: MinuteCounts }> {
  const functions: InvokedFunction[] = [];
  const seen = new Set<string>();
  const counts = await readMinuteCounts(path, [...KEY_COLUMNS, "Trigger"], (rows) => {
    const parts = keyOf(rows);
    const key = parts.join("/");
    const runTimes = durations.get(key);
    const app = parts[1];
    if (runTimes === undefined || !memory.has(app) || seen.has(key)) return false;
    seen.add(key);
    functions.push({ path: parts, app, trigger: rows.text(rows.column("Trigger")), runTimes });
    return true;
  });
  return { functions, counts };
}

function describe(
  functions: readonly InvokedFunction[],
  memory: ReadonlyMap<string, number>,
): readonly TraceFunction[] {
  const functionsOfApp = new Map<string, number>();
  for (const { app } of functions) functionsOfApp.set(app, (functionsOfApp.get(app) ?? 0) + 1);
  const names = nameFunctions(functions.map((each) => each.path));
  return functions.map(({ path, app, trigger, runTimes }, id) => ({
    name: names[id],
    app,
    owner: path[0],
    trigger,
    memoryBytes: Math.round((memory.get(app)! * BYTES_PER_MIB) / functionsOfApp.get(app)!),
    appMemoryBytes: Math.round(memory.get(app)! * BYTES_PER_MIB),
    runTimes,
    requirements: undefined,
    invocations: undefined,
  }));
}

function keyOf(rows: Rows): readonly string[] {
  return KEY_COLUMNS.map((name) => rows.text(rows.column(name)));
}

import { join } from "node:path";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { countedTrace } from "../arrivals/counted-trace.js";
import { readColumns, readRows } from "../tables/read-rows.js";
import type { Rows } from "../tables/rows.js";
import { listFolder, tableName } from "../tables/table-file.js";
import type { Trace, TraceCut, TraceFormat, TraceFunction } from "../trace.js";
import { RUN_TIME_COLUMNS, readMinuteCounts, readRunTimes } from "./azure-columns.js";

/**
 * A sample as InVitro's sampler writes it (Ustiugov et al., WORDS 2023; vhive-serverless/invitro):
 * a folder with invocations.csv, durations.csv and memory.csv, joined by HashFunction. The memory
 * is that of one function and not of an app. A function that is missing in one of the three is left
 * out; the first row of a repeated hash counts.
 */
export const invitro: TraceFormat = {
  name: "invitro",
  summary: "InVitro sample: folder with invocations.csv, durations.csv, memory.csv",
  recognises: async (path) => {
    const names = await listFolder(path);
    const name = tableName(names, "invocations.csv");
    return names.includes(name) && (await readColumns(join(path, name))).includes("HashFunction");
  },
  open,
};

async function open(path: string, cut: TraceCut): Promise<Trace> {
  const names = await listFolder(path);
  const table = (name: string) => join(path, tableName(names, name));
  const memory = await readByFunction(table("memory.csv"), ["AverageAllocatedMb"], (rows) =>
    rows.number(rows.column("AverageAllocatedMb")),
  );
  const durations = await readByFunction(table("durations.csv"), RUN_TIME_COLUMNS, readRunTimes);
  const functions: TraceFunction[] = [];
  const seen = new Set<string>();
  const required = ["HashFunction", "HashApp"];
  const counts = await readMinuteCounts(table("invocations.csv"), required, (rows) => {
    const name = rows.text(rows.column("HashFunction"));
    const runTimes = durations.get(name);
    const mebibytes = memory.get(name);
    if (runTimes === undefined || mebibytes === undefined || seen.has(name)) return false;
    seen.add(name);
    functions.push({
      name,
      app: rows.text(rows.column("HashApp")),
      owner: rows.find("HashOwner") < 0 ? undefined : rows.text(rows.find("HashOwner")),
      trigger: rows.find("Trigger") < 0 ? "unknown" : rows.text(rows.find("Trigger")),
      memoryBytes: Math.round(mebibytes * BYTES_PER_MIB),
      runTimes,
      requirements: undefined,
      invocations: undefined,
    });
    return true;
  });
  return countedTrace({ path, format: invitro.name, functions, counts }, cut);
}

/** One value per function, from the first row of each HashFunction. */
async function readByFunction<T>(
  path: string,
  columns: readonly string[],
  read: (rows: Rows) => T,
): Promise<ReadonlyMap<string, T>> {
  const values = new Map<string, T>();
  for await (const rows of readRows(path, ["HashFunction", ...columns])) {
    while (rows.next()) {
      const name = rows.text(rows.column("HashFunction"));
      const value = read(rows);
      if (!values.has(name)) values.set(name, value);
    }
  }
  return values;
}

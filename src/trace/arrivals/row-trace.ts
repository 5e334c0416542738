import { InputError } from "../../basics/errors.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import type { Trace, TraceCut } from "../trace.js";
import { chooseFunctions } from "./choose-functions.js";
import { minuteWindow } from "./counted-trace.js";
import { RowArrivals } from "./row-arrivals.js";
import type { RowLayout } from "./row-layout.js";

/**
 * A trace of rows, cut. It reads the file once for functions, counts and span, so the later passes
 * over its arrivals need memory only for the functions and the reorder buffer.
 */
export async function rowTrace(
  path: string,
  format: string,
  layout: RowLayout,
  cut: TraceCut,
): Promise<Trace> {
  const end = cut.minutes === undefined ? Infinity : cut.fromMinute + cut.minutes;
  const fromUs = cut.fromMinute * US_PER_MINUTE;
  const seen = await scan(layout, fromUs, end * US_PER_MINUTE);
  if (seen.lastUs < 0) throw new InputError(`${layout.path}:2: no row, expected invocations`);
  const window = minuteWindow(path, Math.floor(seen.lastUs / US_PER_MINUTE) + 1, cut);
  const all = layout.functions();
  const invocations = Float64Array.from(all, (_, id) => seen.invocations[id] ?? 0);
  const kept = chooseFunctions(path, invocations, cut);
  const newIds = new Int32Array(all.length).fill(-1);
  for (let id = 0; id < kept.length; id++) newIds[kept[id]] = id;
  const functions = kept.map((id) => ({ ...all[id], invocations: invocations[id] }));
  const runTimes = functions.map((each) => each.runTimes);
  const meansUs = Float64Array.from(kept, (id) =>
    layout.hasRunTimes ? seen.runUs[id] / invocations[id] : all[id].runTimes!.meanUs,
  );
  const plan = { layout, newIds, runTimes, meansUs, fromUs, toUs: window.to * US_PER_MINUTE };
  return {
    path,
    format,
    functions,
    spanUs: Math.round(((window.to - window.from) * US_PER_MINUTE) / cut.speedup),
    expectedInvocations: kept.reduce((sum, id) => sum + invocations[id], 0),
    arrivals: (options) => new RowArrivals({ ...plan, speedup: cut.speedup }, options),
  };
}

interface Seen {
  /** By function id in the file, counted over the rows between the two times. */
  readonly invocations: readonly number[];
  readonly runUs: readonly number[];
  /** Start of the last row in the file; -1 if the file has no row. */
  readonly lastUs: number;
}

async function scan(layout: RowLayout, fromUs: number, toUs: number): Promise<Seen> {
  const invocations: number[] = [];
  const runUs: number[] = [];
  let lastUs = -1;
  for await (const rows of layout.read()) {
    layout.bind(rows);
    while (rows.next()) {
      const id = layout.functionId(rows);
      const startUs = layout.startUs(rows);
      const ranUs = layout.hasRunTimes ? layout.runUs(rows) : 0;
      while (invocations.length <= id) {
        invocations.push(0);
        runUs.push(0);
      }
      if (startUs > lastUs) lastUs = startUs;
      if (startUs < fromUs || startUs >= toUs) continue;
      invocations[id]++;
      runUs[id] += ranUs;
    }
  }
  return { invocations, runUs, lastUs };
}

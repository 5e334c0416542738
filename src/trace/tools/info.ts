import { quantileSorted } from "d3-array";
import { formatBytes, formatUs } from "../../basics/units.js";
import { forEachBatch } from "../arrivals/for-each-batch.js";
import { measurePopularity, type Popularity } from "../distributions/popularity.js";
import type { ArrivalOptions, Trace, TraceFunction } from "../trace.js";

/** How one figure is distributed over functions. */
export interface FigureSpread {
  readonly p10: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What `socklab trace info` reports about a trace. */
export interface TraceInfo {
  readonly path: string;
  readonly format: string;
  /** What must be known to read results of this trace rightly; undefined: nothing. */
  readonly caveat: string | undefined;
  readonly spanUs: number;
  readonly functions: number;
  readonly apps: number;
  readonly invocations: number;
  readonly triggers: readonly {
    readonly trigger: string;
    readonly functions: number;
    readonly invocations: number;
  }[];
  readonly popularity: Popularity;
  readonly invocationsAFunction: FigureSpread;
  /**
   * Standard deviation divided by mean of the gaps between arrivals, for functions with two gaps or
   * more.
   */
  readonly interArrivalCv: {
    readonly functions: number;
    readonly spread: FigureSpread | undefined;
  };
  /** Mean over invocations, and the distribution of the functions' means. */
  readonly runUs: { readonly mean: number; readonly functionMeans: FigureSpread };
  /** Mean number of invocations that run at a time, if no invocation had to wait. */
  readonly meanBusy: number;
  /** undefined: the trace has no memory. */
  readonly memoryBytes: FigureSpread | undefined;
}

/** Reads a trace once; memory grows with its functions and not with its invocations. */
export async function describeTrace(trace: Trace, options: ArrivalOptions): Promise<TraceInfo> {
  const tallies = await tally(trace, options);
  const { invocations, runUs } = tallies;
  const total = invocations.reduce((sum, count) => sum + count, 0);
  const totalRunUs = runUs.reduce((sum, run) => sum + run, 0);
  const cvs = coefficients(tallies);
  const memory = trace.functions.flatMap(({ memoryBytes }) => memoryBytes ?? []);
  return {
    path: trace.path,
    format: trace.format,
    caveat: trace.caveat,
    spanUs: trace.spanUs,
    functions: trace.functions.length,
    apps: new Set(trace.functions.map(({ app }) => app)).size,
    invocations: total,
    triggers: countTriggers(trace.functions, invocations),
    popularity: measurePopularity(invocations),
    invocationsAFunction: figureSpreadOf(invocations),
    interArrivalCv: {
      functions: cvs.length,
      spread: cvs.length === 0 ? undefined : figureSpreadOf(cvs),
    },
    runUs: {
      mean: totalRunUs / total,
      functionMeans: figureSpreadOf(runUs.map((run, id) => run / invocations[id])),
    },
    meanBusy: totalRunUs / trace.spanUs,
    memoryBytes: memory.length === 0 ? undefined : figureSpreadOf(memory),
  };
}

interface Tallies {
  readonly invocations: Float64Array;
  readonly runUs: Float64Array;
  /** Running mean and sum of squared deviations of the gaps (Welford 1962), by function. */
  readonly gapMeans: Float64Array;
  readonly gapSquares: Float64Array;
}

async function tally(trace: Trace, options: ArrivalOptions): Promise<Tallies> {
  const columns = Array.from({ length: 5 }, () => new Float64Array(trace.functions.length));
  const [invocations, runUs, gapMeans, gapSquares, lastUs] = columns;
  await forEachBatch(trace.arrivals(options), (batch) => {
    for (let at = 0; at < batch.count; at++) {
      const id = batch.functionId[at];
      const gaps = invocations[id]++;
      runUs[id] += batch.runUs[at];
      if (gaps > 0) {
        const gapUs = batch.atUs[at] - lastUs[id];
        const delta = gapUs - gapMeans[id];
        gapMeans[id] += delta / gaps;
        gapSquares[id] += delta * (gapUs - gapMeans[id]);
      }
      lastUs[id] = batch.atUs[at];
    }
  });
  return { invocations, runUs, gapMeans, gapSquares };
}

function coefficients({ invocations, gapMeans, gapSquares }: Tallies): readonly number[] {
  const found: number[] = [];
  for (let id = 0; id < invocations.length; id++) {
    const gaps = invocations[id] - 1;
    if (gaps < 2 || gapMeans[id] === 0) continue;
    found.push(Math.sqrt(gapSquares[id] / gaps) / gapMeans[id]);
  }
  return found;
}

function countTriggers(
  functions: readonly TraceFunction[],
  invocations: Float64Array,
): TraceInfo["triggers"] {
  const counts = new Map<string, { trigger: string; functions: number; invocations: number }>();
  for (let id = 0; id < functions.length; id++) {
    const { trigger } = functions[id];
    const count = counts.get(trigger) ?? { trigger, functions: 0, invocations: 0 };
    count.functions++;
    count.invocations += invocations[id];
    counts.set(trigger, count);
  }
  return [...counts.values()].sort(
    (a, b) => b.functions - a.functions || (a.trigger < b.trigger ? -1 : 1),
  );
}

function figureSpreadOf(values: Iterable<number>): FigureSpread {
  const sorted = Array.from(values).sort((a, b) => a - b);
  const at = (p: number): number => quantileSorted(sorted, p)!;
  return {
    p10: at(0.1),
    p25: at(0.25),
    p50: at(0.5),
    p75: at(0.75),
    p90: at(0.9),
    p99: at(0.99),
    max: at(1),
  };
}

/** The trace's description as text: one figure per line. */
export function formatTraceInfo(info: TraceInfo): string {
  const { popularity, interArrivalCv } = info;
  const plain = (value: number): string => `${Number(value.toPrecision(3))}`;
  const lines: [string, string][] = [
    ["trace", `${info.path} (${info.format})`],
    ...(info.caveat === undefined ? [] : [["caveat", info.caveat] as [string, string]]),
    ["span", formatUs(info.spanUs)],
    ["functions", `${info.functions} in ${info.apps} apps`],
    ["invocations", `${info.invocations}`],
    ["a function", formatSpread(info.invocationsAFunction, plain)],
    ["triggers", info.triggers.map((each) => formatTrigger(each, info)).join(", ")],
    [
      "popularity",
      `busiest ${percent(popularity.top1Share)}, 10 busiest ${percent(popularity.top10Share)}, ` +
        `busiest 1 % ${percent(popularity.topPercentShare)}; Gini ${popularity.gini.toFixed(3)}`,
    ],
    ["Zipf", formatZipf(popularity.zipf)],
    [
      "inter-arrival CV",
      interArrivalCv.spread === undefined
        ? "no function with three arrivals"
        : `${formatSpread(interArrivalCv.spread, plain)} (${interArrivalCv.functions} functions)`,
    ],
    ["run time", `mean ${formatUs(info.runUs.mean)}, ${plain(info.meanBusy)} busy on average`],
    ["function means", formatSpread(info.runUs.functionMeans, formatUs)],
    [
      "memory",
      info.memoryBytes === undefined ? "unknown" : formatSpread(info.memoryBytes, formatBytes),
    ],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join("");
}

function formatSpread(spread: FigureSpread, format: (value: number) => string): string {
  return Object.entries(spread)
    .map(([name, value]) => `${name} ${format(value)}`)
    .join(", ");
}

function formatTrigger(trigger: TraceInfo["triggers"][number], info: TraceInfo): string {
  const ofFunctions = percent(trigger.functions / info.functions);
  return `${trigger.trigger} ${ofFunctions} (${percent(trigger.invocations / info.invocations)} of invocations)`;
}

function formatZipf(zipf: Popularity["zipf"]): string {
  if (zipf === undefined) return "too few functions";
  const { exponent, r2, ranks } = zipf;
  return `exponent ${exponent.toFixed(2)}, r2 ${r2.toFixed(3)}, over the ${ranks} busiest`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/**
 * Cold starts against wasted memory, for fixed keep-alives and the hybrid histogram, with unlimited
 * memory and runs of length zero: the two curves of Shahrad et al., USENIX ATC 2020, section 5.2.
 *
 *     npx tsx measure/keep-alive-curves.ts TRACE function|application
 */
import { quantileSorted } from "d3-array";
import { type Result, readWorkload, simulate, type Workload } from "../src/library.js";

const FIXED_MINUTES = [5, 10, 20, 30, 45, 60, 90, 120];
/** Wasted memory is given relative to that of this window, as in the paper. */
const REFERENCE_MINUTES = 10;

const [trace, unit] = process.argv.slice(2);
if (trace === undefined || (unit !== "function" && unit !== "application"))
  throw new Error("usage: keep-alive-curves.ts TRACE function|application");

const workload = await readWorkload({ trace, packages: "none", runTimes: "zero" });
const policies = [...FIXED_MINUTES.map((minutes) => `fixed:keep=${minutes}m`), "hybrid-histogram"];
const rows: { policy: string; result: Result }[] = [];
for (const policy of policies) {
  const result = await simulate({
    workload,
    unit,
    policy: "openwhisk",
    set: [`keep-alive=${policy}`],
    memoryBytes: Number.POSITIVE_INFINITY,
    cores: 64,
  });
  rows.push({ policy, result });
  process.stderr.write(`${policy} done\n`);
}
const reference = rows.find(({ policy }) => policy === `fixed:keep=${REFERENCE_MINUTES}m`)!;
const wastedOf = ({ memory }: Result) => memory.wastedByteSeconds;
console.log("| keep-alive | cold starts | p50 | p75 | p90 | wasted memory |");
console.log("| --- | ---: | ---: | ---: | ---: | ---: |");
for (const { policy, result } of rows) {
  const shares = coldShares(workload, result);
  const [p50, p75, p90] = [0.5, 0.75, 0.9].map((p) => percent(quantileSorted(shares, p)!));
  const wasted = percent(wastedOf(result) / wastedOf(reference.result));
  const cells = [policy, result.invocations.cold.toLocaleString("en"), p50, p75, p90, wasted];
  console.log(`| ${cells.join(" | ")} |`);
}

/** Each application's share of invocations that start cold, in ascending order. */
function coldShares({ functions }: Workload, result: Result): number[] {
  const apps = new Map(functions.map(({ name, app }) => [name, app]));
  const counts = new Map<number, { cold: number; invocations: number }>();
  for (const { name, cold, invocations } of result.functions) {
    const app = apps.get(name)!;
    const of = counts.get(app) ?? { cold: 0, invocations: 0 };
    counts.set(app, { cold: of.cold + cold, invocations: of.invocations + invocations });
  }
  return [...counts.values()]
    .map(({ cold, invocations }) => cold / invocations)
    .toSorted((a, b) => a - b);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

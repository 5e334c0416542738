import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type BenchRow, summarise } from "./bench-row.js";

const ROOT = resolve(import.meta.dirname, "..");
const DAY = resolve(ROOT, "../shared/data/azure2019/eunomia400_d01");
const ROUNDS = 5;

/** The measured cases, as options of `socklab run` in addition to the trace. */
const CASES: readonly { readonly name: string; readonly options: readonly string[] }[] = [
  {
    name: "handler cache only, fixed keep-alive",
    options: ["--policy", "openwhisk", "--packages", "none", "--memory", "unlimited"],
  },
  { name: "three tiers, sock, 16 GiB", options: ["--policy", "sock", "--memory", "16GiB"] },
  { name: "three tiers, sock, 64 GiB", options: ["--policy", "sock", "--memory", "64GiB"] },
];

/**
 * Performs `node bin/socklab.js`, and at its end writes the process's peak memory to standard
 * error.
 */
const CHILD = `
  import("./bin/socklab.js");
  process.on("exit", () => process.stderr.write("maxRssKib=" + process.resourceUsage().maxRSS));
`;

/**
 * Measures invocations per second and peak memory of complete runs of the built command over the
 * Azure 2019 day. Each run is a new process, and each round contains all cases in turn. Without the
 * files of the day, the demo trace is used, and the names of the rows say so.
 */
export async function benchEngine(rounds: number = ROUNDS): Promise<readonly BenchRow[]> {
  const isDay = existsSync(DAY);
  const trace = isDay ? DAY : resolve(ROOT, "traces/demo");
  const speeds = CASES.map((): number[] => []);
  const peaks = CASES.map((): number[] => []);
  let items = 0;
  for (let round = 0; round < rounds; round++) {
    for (const [index, { options }] of CASES.entries()) {
      const run = await runOnce(trace, options);
      items = run.invocations;
      speeds[index].push(run.invocationsPerSecond);
      peaks[index].push(run.peakBytes / 1024 ** 2);
    }
  }
  const where = isDay ? "Azure 2019 day" : "demo trace";
  return CASES.flatMap(({ name }, index) => [
    summarise(`${where}: ${name}`, "invocations/s", items, speeds[index]),
    summarise(`${where}: ${name}, peak memory`, "MiB", items, peaks[index]),
  ]);
}

async function runOnce(
  trace: string,
  options: readonly string[],
): Promise<{ invocations: number; invocationsPerSecond: number; peakBytes: number }> {
  const args = ["--input-type=module", "-e", CHILD, "socklab", "run", trace, ...options, "--json"];
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, {
    cwd: ROOT,
    maxBuffer: 2 ** 28,
  });
  const result = JSON.parse(stdout) as {
    run: { invocationsPerSecond: number };
    invocations: { total: number };
  };
  const peakKib = Number(/maxRssKib=(\d+)/.exec(stderr)?.[1]);
  return {
    invocations: result.invocations.total,
    invocationsPerSecond: result.run.invocationsPerSecond,
    peakBytes: peakKib * 1024,
  };
}

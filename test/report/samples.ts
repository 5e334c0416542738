import type { FunctionResult, Result } from "../../src/results/result.js";
import { sampleResult } from "../results/samples.js";

interface Part {
  readonly preset?: string;
  readonly memoryBytes?: number | null;
  readonly seed?: number;
  readonly trace?: string;
  readonly commit?: string;
  readonly minutes?: number;
}

export const GIB = 1024 ** 3;

/** Every invocation completes, so that the run can be compared. */
const COMPLETE = { total: 100, completed: 100, failed: 0, timedOut: 0, rejected: 0 };

/** A run with data for every section. Its digest depends on its settings. */
export function reportedRun(part: Part = {}, change: Partial<Result> = {}): Result {
  const { preset = "sock", memoryBytes = GIB, seed = 1, trace = "traces/demo" } = part;
  const { commit = "0123456789ab", minutes = null } = part;
  const sample = sampleResult();
  const name = `${preset}-${memoryBytes}-${seed}-${minutes}`;
  return {
    ...sample,
    run: {
      ...sample.run,
      ...{ id: name, trace, memoryBytes, seed, commit, digest: name },
      options: { ...sample.run.options, minutes },
      policy: { ...sample.run.policy, preset },
      spanUs: 180_000_000,
    },
    invocations: { ...sample.invocations, ...COMPLETE },
    startupEcdfUs: [
      { atMostUs: 0, count: 80 },
      { atMostUs: 1000, count: 95 },
      { atMostUs: 1_234_500, count: 100 },
    ],
    zygotes: [
      { id: 0, parent: null, packages: [], bytes: 10 * 1024 ** 2, forks: 1 },
      { id: 1, parent: 0, packages: ["numpy==1.0"], bytes: 30 * 1024 ** 2, forks: 8 },
      { id: 4, parent: 1, packages: ["pandas==2.0"], bytes: 5 * 1024 ** 2, forks: 3 },
    ],
    timeline: [1, 2, 3].map((minute) => ({
      ...{ atUs: minute * 60_000_000, arrivals: 34, cold: 1, zygote: 2, warm: 31 },
      ...{ zygoteBuilt: 0, rootZygote: 0 },
      ...{ runningBytes: 1e8 * minute, handlerBytes: 2e8, zygoteBytes: 5e7, queueLength: 0 },
    })),
    functions: [
      functionRow("busy", { warm: 97, cold: 3 }, { p50: 0, p99: 9000 }),
      functionRow("rare", { warm: 1, cold: 1 }, { p50: 500, p99: 500_000 }),
    ],
    ...change,
  };
}

export function functionRow(
  name: string,
  { warm, cold }: { readonly warm: number; readonly cold: number },
  { p50, p99 }: { readonly p50: number; readonly p99: number },
): FunctionResult {
  return {
    ...{ name, application: `app of ${name}`, owner: "", trigger: "http" },
    ...{ invocations: warm + cold, warm, resumed: 0, delayedWarm: 0, zygote: 0, zygoteBuilt: 0 },
    ...{ rootZygote: 0, cold, neverStarted: 0, coldShare: cold / (warm + cold) },
    startupUs: { p50, p75: p50, p90: p99, p95: p99, p99 },
  };
}

/** Two policies at two memory sizes, each with two seeds. A seed adds `seed` cold starts. */
export function reportedStudy(): Result[] {
  const results: Result[] = [];
  for (const preset of ["openwhisk", "sock"]) {
    for (const memoryBytes of [GIB, 2 * GIB]) {
      for (const seed of [1, 2]) {
        const run = reportedRun({ preset, memoryBytes, seed });
        const cold = preset === "sock" ? 4 + seed : 40 + seed;
        const warm = 84 - cold;
        const waste = run.memory.wastedByteSeconds * (memoryBytes / GIB);
        results.push({
          ...run,
          invocations: { ...run.invocations, cold, warm },
          memory: { ...run.memory, wastedByteSeconds: waste },
        });
      }
    }
  }
  return results;
}

/** Results as if they were read from files with their names. */
export function sourcesOf(results: readonly Result[]) {
  return results.map((result) => ({ path: `${result.run.id}.json`, result }));
}

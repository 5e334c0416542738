import type { MeasuredSpan } from "../../src/contract/measured-span.js";
import type { MemoryTotals } from "../../src/contract/memory-totals.js";
import type { MemoryView } from "../../src/contract/memory-view.js";
import { ZygoteTable } from "../../src/engine/tables/zygote-table.js";
import { Recorder, type RunFacts } from "../../src/results/recorder.js";
import type { Result } from "../../src/results/result.js";
import type { ResultPolicy, RunDescription } from "../../src/results/run-schema.js";

const NO_MEMORY: MemoryTotals = {
  peakBytes: 0,
  byteUs: [0, 0, 0],
  zygoteInUseByteUs: 0,
  tierPeakBytes: [0, 0, 0],
};

/** A recorder of functions with these names, each an application, over the first hour. */
export function recorderOf(names: readonly string[], span: Partial<MeasuredSpan> = {}): Recorder {
  const functions = names.map((name, app) => ({
    ...{ name, app, application: `app of ${name}`, owner: "", trigger: "http", coldStartUs: 1000 },
  }));
  return new Recorder(functions, { fromUs: 0, untilUs: RUN.spanUs, ...span });
}

/** Facts of a run without operations on a machine without limits. */
export function factsOf(part: Partial<RunFacts> & { readonly spanUs?: number } = {}): RunFacts {
  return {
    run: { ...RUN, spanUs: part.spanUs ?? RUN.spanUs },
    memoryLimitBytes: part.memoryLimitBytes ?? Number.POSITIVE_INFINITY,
    memory: part.memory ?? NO_MEMORY,
    disk: part.disk ?? { peakBytes: 0, byteUs: 0 },
    zygotes: part.zygotes ?? new ZygoteTable(),
    packages: part.packages ?? [],
  };
}

export function memoryView(part: Partial<MemoryView>): MemoryView {
  return {
    limitBytes: Number.POSITIVE_INFINITY,
    usedBytes: 0,
    freeBytes: Number.POSITIVE_INFINITY,
    runningBytes: 0,
    handlerBytes: 0,
    zygoteBytes: 0,
    ...part,
  };
}

const plain = (name: string): ResultPolicy => ({ name, parameters: {} });

const RUN: RunDescription = {
  id: "demo-sock-unlimited-seed1-0123abcd",
  command: "socklab run traces/demo --policy sock",
  trace: "traces/demo",
  backend: "sim",
  policy: {
    preset: "sock",
    zygote: plain("sock"),
    evict: plain("sock"),
    keepAlive: { name: "fixed", parameters: { keep: null } },
    install: plain("all"),
    dispatch: plain("mru"),
    queue: plain("fcfs"),
  },
  memoryBytes: null,
  diskBytes: 10 * 1024 ** 3,
  cores: 4,
  seed: 1,
  options: {
    functions: null,
    fromMinute: 0,
    minutes: null,
    warmupMinutes: 0,
    speedup: 1,
    placement: "poisson",
    runTimes: "trace",
    packages: "traces/catalogue.json.gz",
    costs: "default",
    runsPerCore: null,
    creationsPerCore: 2,
    creationsPerFunction: 4,
    queueLimit: 1024,
    queueTimeoutUs: 60_000_000,
  },
  commit: "unknown",
  version: "0.1.0",
  machine: { cpu: "a CPU", cores: 2, memoryBytes: 8 * 1024 ** 3, kernel: "Linux", node: "v20" },
  startedAt: "2026-01-01T00:00:00.000Z",
  spanUs: 3_600_000_000,
  wallUs: 500_000,
  invocationsPerSecond: 2_000_000,
  digest: "0123abcd4567ef89",
};

/** A result with a value in every field. Counts are multiples of `scale`. */
export function sampleResult(scale = 1): Result {
  const recorder = recorderOf(["busy", "rare"]);
  const result = recorder.finish(
    factsOf({
      memoryLimitBytes: 8 * 1024 ** 3,
      memory: {
        ...{ peakBytes: 7e9, byteUs: [4e18, 9e18, 1e18], zygoteInUseByteUs: 4e17 },
        tierPeakBytes: [3e9, 6e9, 5e8],
      },
      disk: { peakBytes: 3e9, byteUs: 7e18 },
    }),
  );
  const times = (count: number, meanUs: number) => ({
    count: count * scale,
    mean: meanUs,
    p50: meanUs * 0.8,
    p90: meanUs * 2,
    p95: meanUs * 3,
    p99: meanUs * 10,
    p999: meanUs * 100,
    max: meanUs * 1000,
  });
  const tier = { hits: 90 * scale, misses: 10 * scale, hitRatio: 0.9, insertions: 10 * scale };
  return {
    ...result,
    invocations: {
      ...{ total: 102 * scale, completed: 98 * scale, failed: scale },
      ...{ timedOut: 2 * scale, rejected: scale, warm: 80 * scale, resumed: 5 * scale },
      ...{ delayedWarm: 2 * scale, zygote: 5 * scale, zygoteBuilt: 3 * scale, rootZygote: scale },
      cold: 4 * scale,
    },
    timesUs: {
      ...result.timesUs,
      startup: times(100, 1234.5),
      queue: times(100, 12),
      import: times(9, 98_765),
      run: times(100, 456_789),
      response: times(100, 460_000),
    },
    startupByKindUs: {
      warm: times(80, 0),
      resumed: times(5, 150),
      delayedWarm: times(2, 45_678),
      zygote: times(5, 2_345),
      zygoteBuilt: times(3, 23_456),
      rootZygote: times(1, 34_567),
      cold: times(4, 567_890),
    },
    coldStarts: {
      ...{ count: 13 * scale, share: 13 / 102, shareOfStarted: 0.13, provisionUs: 2_600_000 },
      ...{ functionShareP75: 0.5, applicationShareP75: 0.25 },
    },
    tiers: {
      handler: {
        ...{ ...result.tiers.handler, ...tier, evictions: scale, expirations: 3 * scale },
        ...{ hitRatioOfStarted: 0.85, costWeightedHitRatio: 0.75 },
      },
      import: {
        ...{ ...result.tiers.import, ...tier, evictions: scale },
        ...{ packagesNeeded: 200 * scale, packagesFound: 150 * scale, packageHitRatio: 0.75 },
        ...{ importNeededUs: 8_000_000, importSavedUs: 2_000_000 },
      },
      install: { ...result.tiers.install, hits: 0, misses: 0, hitRatio: null },
    },
    warnings: [{ code: "over-limit", text: "a container was measured larger", count: 3 * scale }],
  };
}

import type { MemoryView } from "../../src/engine/policy.js";
import type { RunFacts } from "../../src/results/recorder.js";
import type { PolicyChoice, RunDescription } from "../../src/results/result.js";

/** Facts of a run of nothing on a machine without limits. */
export function factsOf(part: Partial<RunFacts> & { readonly spanUs?: number } = {}): RunFacts {
  return {
    run: { ...RUN, spanUs: part.spanUs ?? RUN.spanUs },
    memoryLimitBytes: part.memoryLimitBytes ?? Number.POSITIVE_INFINITY,
    memory: part.memory ?? { peakBytes: 0, byteUs: [0, 0, 0], tierPeakBytes: [0, 0, 0] },
    disk: part.disk ?? { peakBytes: 0, byteUs: 0 },
    memoryAtEnd: part.memoryAtEnd ?? memoryView({}),
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

const plain = (name: string): PolicyChoice => ({ name, parameters: {} });

const RUN: RunDescription = {
  id: "demo-sock-unlimited-seed1-0123abcd",
  trace: "traces/demo",
  backend: "sim",
  policy: {
    preset: "sock",
    zygote: plain("sock"),
    evict: plain("sock"),
    keepAlive: { name: "fixed", parameters: { keep: null } },
    install: plain("all"),
    dispatch: plain("mru"),
  },
  memoryBytes: null,
  diskBytes: 10 * 1024 ** 3,
  cores: 4,
  seed: 1,
  options: {
    functions: null,
    fromMinute: 0,
    minutes: null,
    speedup: 1,
    placement: "poisson",
    runTimes: "trace",
    packages: "traces/catalogue.json.gz",
    costs: "default",
    runsPerCore: null,
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

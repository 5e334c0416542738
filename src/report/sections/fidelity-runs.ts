import type { Fidelity, FidelityRun } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";
import type { Cell } from "../table.js";

/** Every run, with the outcome of its replay. */
export function fidelityRunsSection({ policies, run }: Fidelity): Section {
  return {
    id: "runs",
    title: "Runs",
    text:
      `${run.invocations} invocations of ${run.trace}, seed ${run.seed}, on ${run.machine.cpu}, ${run.machine.kernel}, begun ${run.startedAt}, socklab ${run.version} (${run.commit}). ` +
      "Replay: whether a new engine, given the events of the run's journal, asks for the same operations.",
    figures: [],
    table: {
      id: "runs",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "run", title: "run", unit: "text" },
        { name: "warm", title: "warm, resumed, delayed", unit: "ratio" },
        { name: "forked", title: "zygote, zygote-built, root-zygote", unit: "ratio" },
        { name: "cold", title: "cold", unit: "ratio" },
        { name: "lost", title: "lost", unit: "ratio" },
        { name: "startupMeanUs", title: "startup mean", unit: "microseconds" },
        { name: "startupP50Us", title: "p50", unit: "microseconds" },
        { name: "startupP90Us", title: "p90", unit: "microseconds" },
        { name: "startupP99Us", title: "p99", unit: "microseconds" },
        { name: "memoryMeanBytes", title: "memory mean", unit: "bytes" },
        { name: "memoryPeakBytes", title: "memory peak", unit: "bytes" },
        { name: "replay", title: "replay", unit: "text" },
        { name: "warnings", title: "warnings", unit: "text" },
        { name: "digest", title: "digest", unit: "text" },
      ],
      rows: policies.flatMap(({ label, real, sim }) => [
        ...real.map((each, at) => [label, `real ${at + 1}`, ...cellsOf(each)]),
        ...sim.map((each, at) => [label, `simulated ${at + 1}`, ...cellsOf(each)]),
      ]),
    },
    isTableOpen: true,
  };
}

function cellsOf(run: FidelityRun): Cell[] {
  const { total, warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold } =
    run.invocations;
  const { failed, timedOut, rejected } = run.invocations;
  const { startup } = run.timesUs;
  const shares = [
    warm + resumed + delayedWarm,
    zygote + zygoteBuilt + rootZygote,
    cold,
    failed + timedOut + rejected,
  ].map((count) => (total === 0 ? null : count / total));
  return [
    ...shares,
    ...[startup.mean, startup.p50, startup.p90, startup.p99],
    ...[run.memory.meanBytes, run.memory.peakBytes],
    run.replay.divergence ?? "the same",
    run.warnings.map(({ code, count }) => `${code} (${count})`).join(", "),
    run.digest,
  ];
}

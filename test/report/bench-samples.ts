import type { BenchResult } from "../../src/results/bench-result.js";
import { type Case, measured, missed, ratioOf } from "../../src/results/measurements.js";

const of = (contender: string, at: number | null, unit: "us" | "1/s"): Case => ({
  contender,
  version: contender === "lean" ? null : "1.2.3",
  does: `what <${contender}> does`,
  metric: unit === "us" ? "create & run" : "containers a second",
  unit,
  ...(at === null ? {} : { parameter: ["clients", at] }),
});

/** A small result of a bench with one missing contender. `lean` has 500 us and `peer` 90 ms. */
export function benched(commit = "abc"): BenchResult {
  const rates = [1, 2, 4, 8].flatMap((clients) => [
    measured(of("lean", clients, "1/s"), [1000 * clients, 1100 * clients]),
    measured(of("peer", clients, "1/s"), [10, 11]),
  ]);
  const ours = measured(of("lean", null, "us"), [400, 500, 600]);
  const peer = measured(of("peer", null, "us"), [80_000, 90_000, 100_000]);
  return {
    schema: "socklab.bench/1",
    bench: "containers",
    command: "socklab bench containers",
    machine: { cpu: "cpu", cores: 2, memoryBytes: 2 ** 30, kernel: "Linux", node: "v20" },
    commit,
    version: "0.1.0",
    startedAt: "2026-01-01T00:00:00.000Z",
    wallUs: 1,
    measurements: [ours, peer, missed(of("gone", null, "us"), "failed", "it broke"), ...rates],
    ratios: [ratioOf({ title: "one client", paper: 18, aim: 18 }, ours, peer)],
    warnings: ["gone failed: it broke"],
  };
}

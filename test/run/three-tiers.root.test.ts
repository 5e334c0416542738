import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { mountPointsBelow } from "../../src/real/host/mount-points.js";
import { resultSchema } from "../../src/results/result.js";
import { runCli } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal, leftovers } from "../real/stand.js";
import { temporaryState } from "../real/state-folder.js";
import { SLOWNESS } from "../slowness.js";

/**
 * The run of docs/guide/real-runs.md, cut to the trace's second minute: 40 s, or as much longer as this
 * machine is slower, with the idle times that pauses wait for.
 */
const RUN = [
  ...["run", "traces/three-tiers", "--backend", "real", "--policy", "sock"],
  ...["--set", "zygote=sock:share=0.1,alone=0.1", "--set", "evict=sock:share=0.1"],
  ...["--set", `keep-alive=fixed:keep=unlimited,pauseAfter=${SLOWNESS}s`],
  ...["--set", "dispatch=delayed-warm", "--set", "install=lru:preinstall=26"],
  ...["--memory", "1GiB", "--disk", "50MiB"],
  ...["--cores", "2", "--from", "1", "--minutes", "1", "--speedup", `${1.5 / SLOWNESS}`],
];

describeReal("a workload through all three tiers on this machine", () => {
  testWithPip(
    "starts in all seven ways, hits, misses and evicts in each tier, and leaves nothing",
    async () => {
      const { folder, layout } = await temporaryState();
      const journal = join(folder, "journal");
      const run = await runCli(...RUN, "--state", layout.root, "--journal", journal, "--json");
      expect(run.exitCode, run.err).toBe(0);
      const result = resultSchema.parse(JSON.parse(run.out));
      const { invocations, tiers, timesUs, functions, memory } = result;

      const { total, completed, failed, timedOut, rejected } = invocations;
      expect(total).toBe(312);
      expect(functions.length).toBeGreaterThanOrEqual(20);
      expect(completed + failed + timedOut + rejected).toBe(total);
      const told = JSON.stringify({ invocations, warnings: result.warnings });
      expect(completed, told).toBeGreaterThan(0.98 * total);

      const { warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold } = invocations;
      const kinds = { warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold };
      for (const [kind, count] of Object.entries(kinds)) expect(count, kind).toBeGreaterThan(0);
      const started = Object.values(kinds).reduce((sum, count) => sum + count, 0);
      expect(timesUs.startup.count).toBe(started);
      expect(started).toBeGreaterThanOrEqual(completed);

      for (const [name, tier] of Object.entries(tiers)) {
        expect(tier.hits, `${name} hits`).toBeGreaterThan(0);
        expect(tier.misses, `${name} misses`).toBeGreaterThan(0);
        expect(tier.evictions, `${name} evictions`).toBeGreaterThan(0);
      }
      expect(memory.peakBytes).toBeLessThanOrEqual(1024 ** 3);
      expect(timesUs.lateness?.count).toBe(total);

      const replay = await runCli("replay", journal);
      expect(replay.exitCode, replay.err).toBe(0);
      expect(existsSync(layout.root)).toBe(false);
      expect(mountPointsBelow(layout.root)).toEqual([]);
      expect(leftovers(layout.root)).toEqual([]);
    },
  );
});

import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BenchContext } from "../../../../src/lab/bench/bench.js";
import { measureCaches } from "../../../../src/lab/bench/caches.js";
import { BenchFindings } from "../../../../src/lab/bench/findings.js";
import { imageBench } from "../../../../src/lab/bench/image/image.js";
import { installWheels } from "../../../../src/lab/bench/installed-packages.js";
import { inventedSets, NOTHING_SET } from "../../../../src/lab/bench/package-sets.js";
import { measureDepth } from "../../../../src/lab/bench/provision/depth.js";
import { measureStarts } from "../../../../src/lab/bench/provision/starts.js";
import { measureTechniques } from "../../../../src/lab/bench/provision/techniques.js";
import { readCosts } from "../../../../src/lab/run/read-costs.js";
import { footprintOf } from "../../../../src/sim/costs/costs.js";
import { temporaryFolder } from "../../../cli/run-cli.js";
import { testWithIndex } from "../../../real/needs.js";
import { describeReal, leftovers } from "../../../real/stand.js";
import { SLOWNESS } from "../../../slowness.js";

const TIMEOUT_MS = 240_000 * SLOWNESS;

async function contextOf(samples: number, ...only: string[]): Promise<BenchContext> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  const { signal } = new AbortController();
  const footprint = footprintOf(await readCosts(undefined));
  const usual = { index: undefined, python: undefined, footprint, onStage: () => {} };
  return { samples, only, folder, signal, ...usual };
}

describeReal("benches of packages", () => {
  test(
    "provision: each start, depth and technique is a row with a comparison, and nothing is left behind",
    async () => {
      const context = await contextOf(4);
      const { folder } = context;
      const wheels = join(folder, "wheels");
      const sets = [NOTHING_SET, ...(await inventedSets(wheels))];
      const installed = await installWheels(wheels, folder, undefined);
      const findings = new BenchFindings();
      const setup = { installed, sets, samples: 4, context };
      await measureStarts(setup, findings);
      await measureDepth(setup, findings);
      await measureTechniques(setup, findings);
      await installed.release();
      const { measurements, ratios } = findings.outcome([]);
      expect(measurements.every(({ status }) => status === "measured")).toBe(true);
      const fromNothing = measurements.filter(({ contender }) => contender === "fresh container");
      // first answer and import of each set; first answer and interpreter start of the set that
      // imports nothing
      expect(fromNothing).toHaveLength(2 * sets.length);
      const depths = measurements.filter(({ parameter }) => parameter === "depth");
      expect(depths.map(({ at }) => at)).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
      const pools = ratios.filter(({ peer }) => peer.startsWith("no pool"));
      expect(pools).toHaveLength(4); // two Zygotes, two spacings
      expect(ratios.every(({ ratio }) => ratio !== null && ratio > 0)).toBe(true);
      expect(leftovers(folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test(
    "caches: the workload is answered with and without caches, and nothing is left behind",
    async () => {
      const context = await contextOf(6, "none", "handler");
      const { measurements, ratios, warnings } = await measureCaches(context, 6);
      expect(measurements.map(({ status }) => status)).toEqual(Array(4).fill("measured"));
      const responses = measurements.filter(({ metric }) => metric === "response");
      // requests in progress when enough are answered are answered too
      for (const { spread } of responses) expect(spread!.n).toBeGreaterThanOrEqual(6);
      expect(ratios).toHaveLength(2);
      expect(warnings[0]).toMatch(/^no cache: \d+ invocations, \d+ cold\b/);
      expect(leftovers(context.folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  testWithIndex(
    "image: new handlers write thumbnails to the store, and nothing is left behind",
    async () => {
      const context = await contextOf(1);
      const { measurements } = await imageBench.run(context);
      // the whole and five parts for each of our four contenders; Docker may be absent
      expect(
        measurements.filter(({ status }) => status === "measured").length,
      ).toBeGreaterThanOrEqual(24);
      const written = await readdir(join(context.folder, "buckets", "images"));
      expect(written.filter((name) => /^out-\d+\.jpg$/.test(name)).length).toBeGreaterThanOrEqual(
        4,
      );
      expect(leftovers(context.folder)).toEqual([]);
    },
    TIMEOUT_MS,
  );
});

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { parseCosts } from "../../../src/sim/costs/costs.js";
import { runCli } from "../../cli/run-cli.js";
import { testWithParts } from "../../real/machine-parts.js";
import { describeReal, leftovers } from "../../real/stand.js";
import { temporaryState } from "../../real/state-folder.js";
import { START_TIMEOUT_MS } from "../../slowness.js";

const ROOT = new URL("../../..", import.meta.url).pathname;
const MIB = 1024 ** 2;

/**
 * 24 small packages without dependencies. Every eighth one takes 15 ms to import, and one has 32
 * MiB.
 */
const CATALOGUE = {
  schema: "socklab.catalogue/1",
  source: "a test",
  packages: Array.from({ length: 24 }, (_, at) => ({
    name: `part-${at}`,
    version: "1.0",
    dependencies: [],
    installUs: 500_000,
    downloadBytes: 4_000,
    diskBytes: 8_000,
    importUs: at % 8 === 0 ? 15_000 : 100 * at,
    memoryBytes: at === 1 ? 32 * MIB : 10_000 * at,
    popularity: 1,
  })),
};

/** A calibration installs packages, and measures their CPU time. */
const NEEDED = ["installer", "CPU clock"];

describeReal("socklab calibrate", () => {
  testWithParts(
    NEEDED,
    "writes a cost file of this machine that the simulator accepts, and leaves nothing behind",
    async () => {
      const { folder, layout } = await temporaryState();
      const catalogue = join(folder, "catalogue.json");
      await writeFile(catalogue, JSON.stringify(CATALOGUE));
      const out = join(folder, "costs.json");
      const {
        exitCode,
        out: table,
        err,
      } = await runCli(
        ...["calibrate", "--samples", "10", "--state", layout.root],
        ...["--catalogue", catalogue, "-o", out],
      );
      expect(exitCode, err).toBe(0);
      const text = readFileSync(out, "utf8");
      const { costs, measured, contention, correlation } = parseCosts(text, out);
      // A package uses its CPU time by its thread's clock, so an import takes this time and little
      // more. The fixed part is subtracted as a median, so single ratios may be a little below 1.
      expect(costs.importScale.value).toBeGreaterThan(0.9);
      expect(costs.runScale.value).toBeGreaterThan(0.9);
      // Kept memory is charged: packages with 32 MiB more need 32 MiB more, within a tenth.
      expect(costs.importMemoryScale.value).toBeGreaterThan(0.9);
      expect(costs.importMemoryScale.value).toBeLessThan(1.1);
      // A fork does not start an interpreter, so it is faster and has less private memory.
      expect(costs.containerCreate.value).toBeLessThan(costs.freshCreate.value);
      expect(costs.forkPrivateMemory.value).toBeLessThan(costs.interpreterMemory.value);
      expect(costs.containerCreate.n).toBe(10);
      expect(costs.runCpuDemand.n).toBeUndefined();
      expect(measured?.kernel).toContain("Linux");
      expect(contention?.creations.map(({ atOnce }) => atOnce)).toEqual([1, 2, 4, 8]);
      expect(Math.abs(correlation!.withinOperation)).toBeLessThanOrEqual(1);
      for (const name of Object.keys(costs)) expect(table).toContain(name);
      const run = await runCli("run", "traces/tiny", "--costs", out, "--json");
      expect(run.exitCode, run.err).toBe(0);
      expect(existsSync(layout.root)).toBe(false);
      expect(leftovers(layout.root)).toEqual([]);
    },
  );

  testWithParts(
    NEEDED,
    "SIGTERM during a calibration leaves nothing behind, and no file",
    async () => {
      const { folder, layout } = await temporaryState();
      const catalogue = join(folder, "catalogue.json");
      await writeFile(catalogue, JSON.stringify(CATALOGUE));
      const code = 'import("./src/cli/main.ts").then((main) => main.start())';
      const out = join(folder, "costs.json");
      const options = ["--state", layout.root, "--catalogue", catalogue, "-o", out];
      const child = spawn(
        process.execPath,
        ["--import", "tsx", "-e", code, "socklab", "calibrate", ...options],
        { cwd: ROOT, stdio: "ignore" },
      );
      const ended = new Promise((resolve) => child.once("exit", (_, signal) => resolve(signal)));
      onTestFinished(() => {
        child.kill("SIGKILL");
      });
      const installed = () =>
        existsSync(layout.packages) && readdirSync(layout.packages).length > 0;
      await expect.poll(installed, { timeout: START_TIMEOUT_MS }).toBe(true);
      child.kill("SIGTERM");
      expect(await ended).toBe("SIGTERM");
      expect(existsSync(layout.root)).toBe(false);
      expect(readdirSync(folder)).toEqual(["catalogue.json"]);
      expect(leftovers(layout.root, child.pid)).toEqual([]);
    },
  );
});

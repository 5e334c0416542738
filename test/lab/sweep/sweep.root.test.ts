import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readResults } from "../../../src/lab/run/read-results.js";
import { runCli } from "../../cli/run-cli.js";

import { describeReal } from "../../real/stand.js";
import { temporaryState } from "../../real/state-folder.js";

const SMALL = ["traces/tiny", "--backend", "real", "--functions", "4", "--run-times", "zero"];
const CUT = [
  "--packages",
  "none",
  "--set",
  "zygote=root",
  "--memory",
  "1GiB",
  "--minutes",
  "1",
  "--speedup",
  "20",
];

describeReal("a sweep on this machine", () => {
  test("runs that differ only in a real option make two results, one after the other in one state folder", async () => {
    const { folder, layout } = await temporaryState();
    const out = join(folder, "results");
    const where = ["--state", layout.root, "--out", out];
    const sweep = await runCli("sweep", ...SMALL, ...CUT, "--network", "host,none", ...where);
    expect(sweep.exitCode, sweep.err).toBe(0);
    expect(sweep.out).toContain("network=none");
    const { sources } = await readResults([out]);
    const networks = sources.map(({ result }) => result.run.real?.["network"]);
    expect(networks.toSorted()).toEqual(["host", "none"]);
    expect(await readdir(out)).toHaveLength(3); // two results and the study file
    expect(existsSync(layout.root)).toBe(false);
  });
});

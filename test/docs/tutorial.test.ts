import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.js";

const PAGE = readFileSync("docs/guide/tutorial.md", "utf8");
const TRACE = "traces/demo";

/** The cells of a line, independent of the width of its columns. */
const cellsOf = (line: string) => line.trim().split(/\s{2,}/);

test("the two lines that the tutorial quotes from its sweep are lines that the sweep prints", async () => {
  const quoted = PAGE.match(/^[ !] keep-all .*$/gm)!;
  expect(quoted).toHaveLength(2);
  const folder = join(await temporaryFolder(), "curve");
  const grid = ["--policy", "keep-all", "--memory", "512MiB,1GiB", "--seed", "1..3"];
  const command = ["bin/socklab.js", "sweep", TRACE, ...grid, "--out", folder];
  const out = execFileSync(process.execPath, command, { encoding: "utf8", stdio: "pipe" });
  const printed = out.split("\n").filter((line) => /^[ !] keep-all/.test(line));
  expect(printed.map(cellsOf)).toEqual(quoted.map(cellsOf));
});

test("with 512 MiB a quarter of the demo's invocations time out under keep-all, and most others wait", async () => {
  const options = ["--policy", "keep-all", "--memory", "512MiB", "--json"];
  const { out } = await runCli("run", TRACE, ...options);
  const { invocations, timesUs } = JSON.parse(out);
  expect(invocations.timedOut / invocations.total).toBeCloseTo(0.25, 1);
  expect(timesUs.queue.p50).toBeGreaterThan(0);
});

test("the figures that the tutorial gives for the demo trace are those that trace info prints", async () => {
  const { out } = await runCli("trace", "info", TRACE);
  for (const figure of ["5 h", "57 in 31 apps", "40503", "busiest 40.2 %", "1.52 busy"])
    expect(out).toContain(figure);
  for (const said of ["(5 h)", "57 are invoked", "40,503", "40 %", "1.52"])
    expect(PAGE).toContain(said);
});

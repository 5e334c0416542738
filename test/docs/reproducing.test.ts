import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../cli/run-cli.js";

const PAGE = readFileSync("docs/guide/reproducing.md", "utf8");

/** The arguments of each command of the page that begins with `npx` and these words. */
const commandsOf = (words: string) =>
  PAGE.split("\n")
    .filter((line) => line.startsWith(`npx ${words} `))
    .map((line) => line.split(" ").slice(2));

/** Arguments with the value of an option replaced. */
const withValue = (args: readonly string[], option: string, value: string) =>
  args.with(args.indexOf(option) + 1, value);

test("each sweep of the page is one that socklab accepts, in any folder that has the trace", async () => {
  const sweeps = commandsOf("socklab sweep");
  expect(sweeps.length).toBeGreaterThanOrEqual(5);
  for (const [command, trace, ...options] of sweeps) {
    // Azure's traces are not part of the repository; a dry run does not read the trace.
    const known = trace === "demo" ? trace : "tiny";
    const folder = join(await temporaryFolder(), "out");
    const args = withValue([command, known, ...options], "--out", folder);
    const { exitCode, out, err } = await runCli(...args, "--dry-run");
    expect([exitCode, err]).toEqual([0, ""]);
    expect(out).toMatch(/^\d+ runs, 0 done$/m);
  }
});

test("the report command of the page draws the two figures that the page shows", async () => {
  const [[, results, ...options], ...others] = commandsOf("socklab report");
  expect(others).toEqual([]);
  const folder = await temporaryFolder();
  const out = join(folder, results);
  mkdirSync(out);
  for (const policy of ["keep-all", "faascache"])
    for (const memory of ["1GiB", "2GiB"]) {
      const run = ["--policy", policy, "--memory", memory, "--minutes", "5"];
      const file = join(out, `${policy}-${memory}.json`);
      expect((await runCli("run", "tiny", ...run, "--out", file)).exitCode).toBe(0);
    }
  const figures = join(folder, "figures");
  const page = withValue(options, "-o", join(folder, "page.html"));
  await runCli("report", out, ...withValue(page, "--figures", figures));
  expect(readdirSync(figures)).toEqual(
    expect.arrayContaining(["curve-coldRatio.svg", "curve-handlerHitRatio.svg"]),
  );
  for (const [, picture] of PAGE.matchAll(/^!\[.*\]\(\.\.\/pictures\/(.*)\)$/gm))
    expect(readFileSync(join("docs/pictures", picture), "utf8")).toContain("xmlns");
});

test("each program that the page names exists", () => {
  const programs = [...PAGE.matchAll(/npx tsx (\S+)/g)].map(([, path]) => path);
  expect(programs.length).toBeGreaterThanOrEqual(3);
  for (const path of programs) expect(existsSync(path), path).toBe(true);
});

test("the rules of the published simulator give the misses on the page: more than twice those of an exact LRU, and more than those of Greedy-Dual", () => {
  const [args] = commandsOf("tsx measure/faascache-sim.ts");
  const command = ["node_modules/tsx/dist/cli.mjs", ...args];
  const table = execFileSync(process.execPath, command, { encoding: "utf8" });
  expect(PAGE).toContain(table.trim());
  // The published program itself has these under LRU, with the arrivals of demo.
  expect(table).toContain("| LRU as published | 5,774 (626) | 1,647 (1) | 100 |");
  const missesAt4GiB = (rule: string) =>
    Number(table.match(new RegExp(`^\\| ${rule} \\|[^|]*\\| ([\\d,]+)`, "m"))![1].replace(",", ""));
  expect(missesAt4GiB("LRU as published")).toBeGreaterThan(2 * missesAt4GiB("LRU"));
  expect(missesAt4GiB("LRU as published")).toBeGreaterThan(
    missesAt4GiB("Greedy-Dual as published"),
  );
  expect(missesAt4GiB("LRU")).toBeLessThan(missesAt4GiB("Greedy-Dual"));
});

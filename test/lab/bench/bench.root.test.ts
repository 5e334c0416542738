import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { type BenchResult, benchSchema } from "../../../src/results/bench-result.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";
import { describeReal, leftovers } from "../../real/stand.js";

const ROOT = new URL("../../..", import.meta.url).pathname;
const LATENCY = "create, run, destroy";

async function bench(...argv: readonly string[]): Promise<BenchResult> {
  const { exitCode, out, err } = await runCli("bench", ...argv, "--json");
  expect(exitCode, err).toBe(0);
  return benchSchema.parse(JSON.parse(out));
}

/**
 * Starts `socklab bench` in a new process. `folder` is first on its PATH, and contains its
 * temporary files.
 */
function begin(folder: string, ...argv: readonly string[]) {
  const script = 'import("./src/cli/main.ts").then((cli) => cli.start())';
  const words = ["socklab", "bench", ...argv];
  const args = ["--import", "tsx", "--input-type=module", "-e", script, "--", ...words];
  const { PATH } = process.env;
  const env = { ...process.env, PATH: `${folder}:${PATH}`, TMPDIR: folder };
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.setEncoding("utf8");
  let said = "";
  child.stderr.on("data", (text: string) => {
    said += text;
  });
  /** Resolves when the process has printed `part`. Rejects if the process ends before that. */
  const hears = async (part: string) => {
    while (!said.includes(part)) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(said);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, hears };
}

/** A folder for all temporary files of this process during the test. */
async function ownTemporaryFolder(): Promise<string> {
  const folder = await temporaryFolder();
  vi.stubEnv("TMPDIR", folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  return folder;
}

describeReal("socklab bench containers", () => {
  test("measures our contenders with every number of clients, compares them, and leaves nothing behind", async () => {
    const folder = await ownTemporaryFolder();
    const names = "lean,lean-on-demand,zygote,fresh-python,process";
    const { measurements, ratios } = await bench("containers", "--only", names, "--samples", "2");
    const latency = measurements.filter(({ metric }) => metric === LATENCY);
    expect(latency.map(({ status }) => status)).toEqual(Array(5 * 4).fill("measured"));
    expect(latency.filter(({ at }) => at === 1).map(({ spread }) => spread!.n)).toEqual(
      Array(5).fill(2),
    );
    expect(measurements.filter(({ unit }) => unit === "1/s")).toHaveLength(5 * 4);
    const titles = ratios.map(({ ours, peer }) => `${ours} / ${peer}`);
    expect(titles).toContain("lean container / plain process");
    expect(ratios.every(({ ratio }) => ratio !== null && ratio > 0)).toBe(true);
    expect(leftovers(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("a peer that fails is a row with its message, and the others are measured", async () => {
    const folder = await temporaryFolder();
    const broken = join(folder, "bwrap");
    await writeFile(
      broken,
      '#!/bin/sh\n[ "$1" = --version ] && echo 9.8.7 && exit\necho "no luck" >&2\nexit 3\n',
    );
    await chmod(broken, 0o755);
    const argv = ["containers", "--only", "bubblewrap,process", "--samples", "2"];
    const out = join(folder, "r.json");
    const { child } = begin(folder, ...argv, "-o", out);
    expect(await once(child, "exit")).toEqual([0, null]);
    const result = benchSchema.parse(JSON.parse(await readFile(out, "utf8")));
    const { measurements, ratios, warnings } = result;
    const [peer] = measurements.filter(({ contender }) => contender === "bubblewrap");
    expect(peer).toMatchObject({ status: "failed", version: "9.8.7", spread: null });
    expect(peer.reason).toMatch(/exit code 3.*no luck/);
    expect(measurements.filter(({ status }) => status === "measured")).toHaveLength(2 * 4);
    expect(warnings).toHaveLength(1);
    expect(ratios).toEqual([]);
  });

  test("a signal ends the process by that signal, with nothing left behind and no unfinished file", async () => {
    const folder = await temporaryFolder();
    const out = join(folder, "r.json");
    const { child, hears } = begin(folder, "containers", "--only", "lean,zygote", "-o", out);
    await hears("in turn");
    child.kill("SIGINT");
    const [, signal] = await once(child, "exit");
    expect(signal).toBe("SIGINT");
    expect((await readdir(folder)).filter((name) => !name.startsWith("tsx-"))).toEqual([]);
    expect(leftovers(folder, child.pid)).toEqual([]);
  });
});

describeReal("socklab bench primitives", () => {
  test("measures every part once per contender and value, and leaves nothing behind", async () => {
    const folder = await ownTemporaryFolder();
    const { measurements } = await bench("primitives", "--samples", "1");
    expect(measurements.filter(({ status }) => status === "failed")).toEqual([]);
    const rows = (metric: string) => measurements.filter((each) => each.metric === metric).length;
    // bind, overlay; 0, 10, 100, 1000
    expect(rows("mount a root, write to it, unmount it")).toBe(2 * 4);
    // no namespace and 7 kinds; 1, 2, 4, 8 clients
    expect(rows("processes in new namespaces per second")).toBe(8 * 4);
    expect(rows("fork of a Zygote, until the child runs")).toBe(3 * 6); // 3 ways; 0 to 256 MiB
    expect(rows("child in its cgroup, reaped, 30 ms apart")).toBe(4);
    expect(leftovers(folder)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("--only names parts; an unknown name is refused, and the error lists the parts", async () => {
    const { measurements } = await bench("primitives", "--only", "forks", "--samples", "1");
    expect(new Set(measurements.map(({ metric }) => metric)).size).toBe(1);
    const { exitCode, err } = await runCli("bench", "primitives", "--only", "spoons");
    expect(exitCode).toBe(2);
    expect(err).toMatch(/"spoons" is not one of mounts, namespaces/);
  });
});

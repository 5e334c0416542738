import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { TRACE_OPTIONS } from "../../src/cli/options/trace-options.js";
import { RUN_OPTIONS } from "../../src/cli/run.js";
import { SWEEP_OPTIONS } from "../../src/cli/sweep.js";
import { type Result, resultSchema } from "../../src/results/result.js";
import { runCli, temporaryFolder } from "./run-cli.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** The built program, because worker threads run built modules. */
const PROGRAM = join(ROOT, "bin", "socklab.js");
const TINY = ["sweep", join(ROOT, "traces", "tiny"), "--jobs", "1"];

/** The limit of a test, because other suites run at the same time. */
const HOOK_TIMEOUT_MS = 120_000;
const CUT = ["--minutes", "20"];
/** Two policies, two memory sizes and two seeds with a trace whose runs are short. */
const DEMO = ["sweep", join(ROOT, "traces", "demo"), "--jobs", "2", ...CUT].concat(
  ...["--policy", "openwhisk,sock", "--memory", "1GiB,4GiB", "--seed", "1..2"],
);

beforeAll(() => {
  expect(
    existsSync(join(ROOT, "dist", "lab", "sweep", "pool-worker.js")),
    "npm run build first",
  ).toBe(true);
});

test("a dry run lists every run, and makes no file", async () => {
  const out = join(await temporaryFolder(), "study");
  const grid = ["--policy", "sock,openwhisk", "--memory", "1GiB..4GiB:x2", "--seed", "1..2"];
  const listed = await runCli(...TINY, ...grid, "--out", out, "--dry-run");
  const lines = listed.out.trimEnd().split("\n");
  expect([listed.exitCode, listed.err, lines.length]).toEqual([0, "", 1 + 12 + 1]);
  expect(lines[0]).toMatch(/^result +state +seed +policy +memory$/);
  expect(lines[1]).toMatch(/^[0-9a-f]{16} +to do +1 +sock +1GiB$/);
  expect(lines.at(-1)).toBe("12 runs, 0 done");
  await expect(readdir(out)).rejects.toThrow("ENOENT");
});

test("a study file asks for the same runs as the command line, whose options win if both give one", async () => {
  const folder = await temporaryFolder();
  const yaml = join(folder, "study.yaml");
  const trace = join(ROOT, "traces", "tiny");
  await writeFile(
    yaml,
    `trace: ${trace}\npolicy: [sock, openwhisk]\nseed: 1..3\nset: [evict=lru]\n`,
  );
  const json = join(folder, "study.json");
  await writeFile(
    json,
    JSON.stringify({ trace, policy: "sock,openwhisk", seed: "1..3", set: "evict=lru" }),
  );
  const byFile = await runCli("sweep", "--study", yaml, "--dry-run");
  expect(byFile.out).toContain("6 runs");
  expect((await runCli("sweep", "--study", json, "--dry-run")).out).toBe(byFile.out);
  const options = ["--policy", "sock,openwhisk", "--seed", "1..3", "--set", "evict=lru"];
  expect((await runCli("sweep", trace, ...options, "--dry-run")).out).toBe(byFile.out);
  const one = await runCli("sweep", "--study", yaml, "--dry-run", "--seed", "9");
  expect(one.out).toContain("2 runs");
});

test("bad input is reported in one line and exits with 2", async () => {
  const folder = await temporaryFolder();
  const study = join(folder, "study.yaml");
  await writeFile(study, "trace: traces/tiny\nmemry: 1GiB\n");
  const torn = join(folder, "torn.yaml");
  await writeFile(torn, "policy: [sock\nseed: }");
  const wrong: readonly (readonly [argv: readonly string[], said: RegExp])[] = [
    [["sweep"], /no trace/],
    [["sweep", "--study", study], /study\.yaml.*memry/],
    [["sweep", "--study", torn], /torn\.yaml: not YAML/],
    [["sweep", "--study", join(folder, "none")], /ENOENT/],
    [["sweep", join(folder, "absent")], /absent: no such file/],
    [[...TINY, "--policy", "sock,sokc"], /--policy: "sokc"/],
    [[...TINY, "--set", "zygote=none,sokc"], /sokc/],
    [[...TINY, "--memory", "1GiB..4GiB"], /--memory: .* no step/],
    [[...TINY, "--seed", "5..1"], /--seed: .* does not rise/],
    [[...TINY, "--jobs", "0"], /--jobs/],
    [[...TINY, "--max-lost", "2"], /--max-lost: "2" is not a share, expected 0 to 1 or 0% to 100%/],
    [[...TINY, "--max-lost", "%"], /--max-lost: "%" is not a share/],
    [[...TINY, "--interval", "normal"], /--interval: "normal" is not one of t, bootstrap/],
    [[...TINY, "--costs", join(folder, "none")], /--costs .*ENOENT/],
    [[...TINY, "--journal", "x"], /journal/],
    [[...TINY, "--out", study], /--out: .*study\.yaml/],
  ];
  for (const [argv, said] of wrong) {
    const { exitCode, out, err } = await runCli(...argv);
    expect([exitCode, out], argv.join(" ")).toEqual([2, ""]);
    expect(err).toMatch(said);
    expect(err.trimEnd().split("\n"), err).toHaveLength(1);
  }
});

test("the help lists every option of `run` except those that name a file of one run", async () => {
  const { out } = await runCli("sweep", "--help");
  const none = ["journal", "json", "invocations"];
  const names = Object.keys({ ...RUN_OPTIONS, ...TRACE_OPTIONS, ...SWEEP_OPTIONS });
  for (const name of names.filter((each) => !none.includes(each)))
    expect(out).toContain(`--${name}`);
  expect(out).toContain("Examples:");
});

describe("a sweep", () => {
  let whole: ReturnType<typeof socklab>;
  let results: ReadonlyMap<string, Result>;

  beforeAll(async () => {
    const out = await mkdtemp(join(tmpdir(), "socklab-sweep-"));
    whole = socklab(...DEMO, "--out", out);
    results = await resultsIn(out);
    return () => rm(out, { recursive: true });
  }, HOOK_TIMEOUT_MS);

  test("makes one result per run, which equals the result of `run` except for times, and a table", () => {
    expect([whole.status, whole.stderr]).toEqual([0, ""]);
    expect(whole.stdout).toMatch(/openwhisk +1 GiB +2 /);
    expect(whole.stdout).toMatch(/less openwhisk/);
    expect(results.size).toBe(8);
    const one = [...results.values()].find(
      ({ run }) => run.seed === 2 && run.policy.preset === "sock",
    )!;
    const machine = ["--memory", `${one.run.memoryBytes}B`, ...CUT];
    const alone = socklab("run", DEMO[1], "--policy", "sock", "--seed", "2", ...machine, "--json");
    expect(withoutTimes(JSON.parse(alone.stdout))).toEqual(withoutTimes(one));
  });

  test("gives every policy and every memory size the same arrivals and packages for one seed", () => {
    const bySeed = new Map<number, Set<string>>();
    for (const { run, timeline, functions } of results.values()) {
      const arrivals = JSON.stringify([
        timeline.map((minute) => [minute.atUs, minute.arrivals]),
        functions.map((each) => [each.name, each.invocations]),
        run.options.packages,
      ]);
      bySeed.set(run.seed, (bySeed.get(run.seed) ?? new Set()).add(arrivals));
    }
    expect([...bySeed.values()].map((seen) => seen.size)).toEqual([1, 1]);
  });

  test("that was killed continues where it stopped, and makes the same files as one that was not killed", async () => {
    const out = join(await temporaryFolder(), "study");
    await endAfter(2, out, "SIGKILL");
    const kept = stamps(await resultsIn(out));
    expect(kept.size).toBeGreaterThanOrEqual(2);
    expect(kept.size).toBeLessThan(8);
    await writeFile(join(out, `${"0".repeat(16)}.json.999999999.tmp`), '{"half":');
    const resumed = socklab(...DEMO, "--out", out);
    expect([resumed.status, resumed.stderr]).toEqual([0, ""]);
    const after = await resultsIn(out);
    for (const [name, startedAt] of kept) expect(stamps(after).get(name), name).toBe(startedAt);
    expect(comparable(after)).toEqual(comparable(results));
    expect(await readdir(out)).toHaveLength(8 + 1);
    expect(tableOf(resumed.stdout)).toBe(tableOf(whole.stdout));
  });

  test("that Ctrl-C ended reports what is done, exits with 130 and leaves no unfinished file", async () => {
    const out = join(await temporaryFolder(), "study");
    const { code, err } = await endAfter(1, out, "SIGINT");
    expect(code).toBe(130);
    expect(err).toMatch(/^socklab: interrupted: [1-7] of 8 runs are done .*\n$/);
    const study = JSON.parse(await readFile(join(out, "study.json"), "utf8"));
    const done = study.runs.filter(({ state }: { state: string }) => state === "done");
    expect((await resultsIn(out)).size).toBeGreaterThanOrEqual(done.length);
    expect((await readdir(out)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("repeats the runs of truncated and foreign files, and reports each in one line", async () => {
    const out = join(await temporaryFolder(), "study");
    const args = [...TINY, "--policy", "sock", "--seed", "1..4", "--out", out];
    socklab(...args);
    const before = comparable(await resultsIn(out));
    const [first, second, third, fourth] = [...before.keys()];
    await truncate(join(out, first), 1000);
    await writeFile(join(out, second), '{"schema":"other/1"}\n');
    await cp(join(out, fourth), join(out, third));
    const again = socklab(...args);
    expect(again.status).toBe(0);
    const lines = again.stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    for (const [name, why] of [
      [first, /truncated/],
      [second, /not a socklab result/],
      [third, /another run/],
    ] as const) {
      expect(lines.find((line) => line.includes(name))).toMatch(why);
    }
    expect(comparable(await resultsIn(out))).toEqual(before);
    expect(socklab(...args).stderr).toBe("");
  });

  test("reports a run that fails, performs the others, and exits with 1", async () => {
    const folder = await temporaryFolder();
    const policy = join(folder, "breaks.mjs");
    await writeFile(policy, BREAKS);
    const out = join(folder, "study");
    const policies = ["--policy", `sock,${policy}`, "--seed", "1..2"];
    const { status, stderr, stdout } = socklab(...TINY, ...policies, "--out", out);
    expect(status).toBe(1);
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatch(
        /^socklab: run seed=. policy=.* failed: .*on purpose, at .*breaks\.mjs:3$/,
      );
    expect(stdout).toMatch(/sock +8 GiB +2 /);
    const study = JSON.parse(await readFile(join(out, "study.json"), "utf8"));
    expect(study.runs.map(({ state }: { state: string }) => state).toSorted()).toEqual([
      "done",
      "done",
      "failed",
      "failed",
    ]);
    expect((await resultsIn(out)).size).toBe(2);
  });
});

const BREAKS = `export default {
  family: "dispatch", name: "breaks", summary: "-", source: "-", departures: [], parameters: {},
  create() { throw new Error("on purpose"); },
};`;

function socklab(...argv: readonly string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...argv], { encoding: "utf8" });
}

/** Begins the sweep, and sends a signal when `results` result files exist. */
async function endAfter(results: number, out: string, signal: NodeJS.Signals) {
  const child = spawn(process.execPath, [PROGRAM, ...DEMO, "--out", out]);
  let err = "";
  child.stderr.on("data", (text) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  while (child.exitCode === null && (await resultNames(out)).length < results) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  child.kill(signal);
  return { code: await ended, err };
}

async function resultNames(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{16}\.json$/.test(name)).toSorted();
}

async function resultsIn(folder: string): Promise<ReadonlyMap<string, Result>> {
  const results = new Map<string, Result>();
  for (const name of await resultNames(folder)) {
    const value: unknown = JSON.parse(await readFile(join(folder, name), "utf8"));
    results.set(name, resultSchema.parse(value));
  }
  return results;
}

function stamps(results: ReadonlyMap<string, Result>): ReadonlyMap<string, string> {
  return new Map([...results].map(([name, { run }]) => [name, run.startedAt]));
}

/** The text that a sweep prints, without the folder's name. */
function tableOf(text: string): string {
  return text.replace(/^8 results: .*$/m, "");
}

function comparable(results: ReadonlyMap<string, Result>) {
  return new Map([...results].map(([name, result]) => [name, withoutTimes(result)]));
}

function withoutTimes({ run, ...rest }: Result) {
  const { startedAt, wallUs, invocationsPerSecond, ...others } = run;
  return { ...rest, run: others };
}

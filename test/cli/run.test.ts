import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { PRESETS } from "../../src/policies/presets.js";
import { type Result, resultSchema } from "../../src/results/result.js";
import { runCli, temporaryFolder } from "./run-cli.js";

const TRACE = "traces/tiny";
const DAY = "../shared/data/azure2019/eunomia400_d01";

async function runTiny(...options: readonly string[]): Promise<Result> {
  const { exitCode, out, err } = await runCli("run", TRACE, "--json", ...options);
  expect([exitCode, err]).toEqual([0, ""]);
  return resultSchema.parse(JSON.parse(out));
}

test("--json prints an object of the documented shape, whose outcomes and starts add up", async () => {
  const { exitCode, out } = await runCli("run", TRACE, "--json");
  expect(exitCode).toBe(0);
  const parsed = JSON.parse(out);
  const result = resultSchema.strict().parse(parsed);
  expect(result).toEqual(parsed); // no field beyond the schema, and no field lost
  const { total, completed, failed, timedOut, rejected } = result.invocations;
  expect(completed + failed + timedOut + rejected).toBe(total);
  const { warm, resumed, delayedWarm } = result.invocations;
  const { count } = result.coldStarts;
  expect(warm + resumed + delayedWarm + count).toBe(result.timesUs.run.count);
  expect(result.functions.reduce((sum, { invocations }) => sum + invocations, 0)).toBe(total);
  expect(result.timeline.reduce((sum, { arrivals }) => sum + arrivals, 0)).toBe(total);
  const { memory } = result;
  const idle = memory.handlerByteSeconds + memory.zygoteByteSeconds;
  expect(memory.wastedByteSeconds).toBe(idle - memory.zygoteInUseByteSeconds);
});

test("--warmup keeps the caches' state: the same decisions, and only later invocations in the figures", async () => {
  const all = await runTiny("--policy", "openwhisk");
  const rest = await runTiny("--policy", "openwhisk", "--warmup", "10");
  expect(rest.run.digest).toBe(all.run.digest);
  const before = all.timeline.filter(({ atUs }) => atUs <= 10 * 60_000_000);
  const arrived = before.reduce((sum, { arrivals }) => sum + arrivals, 0);
  expect(rest.measured).toMatchObject({ fromUs: 10 * 60_000_000, invocationsBefore: arrived });
  expect(rest.invocations.total).toBe(all.invocations.total - arrived);
  expect(rest.timeline).toEqual(all.timeline);
  expect(rest.memory.handlerByteSeconds).toBeLessThan(all.memory.handlerByteSeconds);
});

test("a warm-up that leaves nothing of the trace is refused, with the minutes that there are", async () => {
  const { exitCode, err } = await runCli("run", TRACE, "--minutes", "10", "--warmup", "10");
  expect(exitCode).toBe(2);
  expect(err).toContain("--warmup: 10 minutes leave nothing of the 10 minutes of traces/tiny");
});

test("a function's row has the application, owner and trigger of the trace", async () => {
  const { functions } = await runTiny();
  // the first row of traces/tiny/functions.csv, which has no column for owners
  const first = functions.find(({ name }) => name === "f0");
  expect(first).toMatchObject({ application: "a0", owner: "", trigger: "queue" });
  for (const { invocations, neverStarted, ...row } of functions) {
    const { warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold } = row;
    const made = zygote + zygoteBuilt + rootZygote + cold;
    expect(warm + resumed + delayedWarm + made + neverStarted).toBe(invocations);
    expect(row.coldShare).toBe(made / invocations);
  }
});

test("every preset runs, and the result names the preset", async () => {
  for (const { name } of PRESETS) {
    const { run, invocations } = await runTiny("--policy", name);
    expect(run.policy.preset).toBe(name);
    expect(invocations.total, name).toBeGreaterThan(0);
  }
});

test("equal seeds give equal digests, and another seed gives another digest", async () => {
  const [first, again, other] = await Promise.all(
    ["7", "7", "8"].map((seed) => runTiny("--seed", seed)),
  );
  expect(again.run.digest).toBe(first.run.digest);
  expect(other.run.digest).not.toBe(first.run.digest);
});

test("--set changes one family and does not change the others", async () => {
  const plain = await runTiny();
  const changed = await runTiny("--set", "keep-alive=fixed:keep=1m", "--set", "dispatch=lru");
  expect(changed.run.policy.keepAlive.parameters).toMatchObject({ keep: 60_000_000 });
  expect(changed.run.policy.dispatch.name).toBe("lru");
  expect(changed.run.policy.zygote).toEqual(plain.run.policy.zygote);
});

test("unlimited memory is null in JSON, and nothing is evicted", async () => {
  const { run, memory, tiers } = await runTiny("--memory", "unlimited", "--policy", "openwhisk");
  expect([run.memoryBytes, memory.limitBytes, tiers.handler.evictions]).toEqual([null, null, 0]);
});

test("without --json the output is a text for people about starts, outcomes, times, memory and caches", async () => {
  const { out } = await runCli("run", TRACE);
  for (const part of ["starts", "outcomes", "times", "memory", "caches", "zygote"]) {
    expect(out).toContain(part);
  }
  expect(() => JSON.parse(out)).toThrow();
});

test("the files of --out and --journal are complete, and no other file stays in the folder", async () => {
  const folder = await temporaryFolder();
  const [file, journal] = [join(folder, "run.json"), join(folder, "run.journal")];
  const result = await runTiny("--out", file, "--journal", journal);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(result);
  expect(readFileSync(journal, "utf8")).toContain(`\nend ${result.run.digest} `);
  expect(readdirSync(folder).sort()).toEqual(["run.journal", "run.json"]);
});

test("--packages none removes all packages; a policy that needs packages reports this", async () => {
  const result = await runTiny("--packages", "none", "--policy", "openwhisk");
  expect([result.run.options.packages, result.timesUs.import.count]).toEqual(["none", 0]);
  const { exitCode, err } = await runCli("run", TRACE, "--packages", "none", "--policy", "sock");
  expect(exitCode).toBe(2);
  expect(err).toMatch(/needs functions with packages/);
});

test("--backend real exits with 3 if the machine lacks what it needs", async () => {
  const argv = ["run", TRACE, "--backend", "real", "--python", "/nonexistent/python3"];
  const { exitCode, out, err } = await runCli(...argv);
  expect([exitCode, out]).toEqual([3, ""]);
  expect(err).toMatch(/^socklab: --python .*apt-get install .*\n$/);
});

const BAD_OPTIONS: readonly (readonly [string, readonly string[]])[] = [
  ["--memory", ["--memory", "8"]],
  ["--memory", ["--memory", "lots"]],
  ["--memory", ["--memory", "0"]],
  ["--disk", ["--disk", "-1GiB"]],
  ["--cores", ["--cores", "0"]],
  ["--cores", ["--cores", "1.5"]],
  ["--seed", ["--seed", "x"]],
  ["--seed", ["--seed", "1", "--seed", "2"]],
  ["--functions", ["--functions", "0"]],
  ["--from", ["--from", "-1"]],
  ["--from", ["--from", "99999"]],
  ["--minutes", ["--minutes", "0"]],
  ["--speedup", ["--speedup", "0"]],
  ["--placement", ["--placement", "random"]],
  ["--run-times", ["--run-times", "none"]],
  ["--queue-limit", ["--queue-limit", "-5"]],
  ["--queue-timeout", ["--queue-timeout", "60"]],
  ["--runs-per-core", ["--runs-per-core", "0"]],
  ["--backend", ["--backend", "cloud"]],
  ["--policy", ["--policy", "sokc"]],
  ["--set", ["--set", "zygote"]],
  ["--set", ["--set", "zygote=sokc"]],
  ["--set", ["--set", "keep-alive=fixed:kept=1m"]],
  ["--costs", ["--costs", "nowhere.json"]],
  ["nowhere.json", ["--packages", "nowhere.json"]],
  ["--out", ["--out", "no/such/folder/run.json"]],
  ["--journal", ["--journal", "no/such/folder/run.journal"]],
];

for (const [named, options] of BAD_OPTIONS) {
  test(`${options.join(" ")} exits with 2 and one line that names ${named}`, async () => {
    const { exitCode, out, err } = await runCli("run", TRACE, "--json", ...options);
    expect([exitCode, out]).toEqual([2, ""]);
    expect(err.trimEnd().split("\n")).toHaveLength(1);
    expect(err).toContain(named);
  });
}

const FUNCTIONS = "function,meanRunUs\nf,1000\n";
const BAD_TRACES: Readonly<Record<string, Readonly<Record<string, string | Buffer>>>> = {
  "a column is missing": {
    "functions.csv": "name\nf\n",
    "invocations.csv": "timeUs,function\n1,f\n",
  },
  "a duration is negative": {
    "functions.csv": FUNCTIONS,
    "invocations.csv": "timeUs,function,durationUs\n1,f,5\n2,f,-5\n",
  },
  "a time is not a number": {
    "functions.csv": FUNCTIONS,
    "invocations.csv": "timeUs,function\n1,f\nsoon,f\n",
  },
  "gzip data is cut off": {
    "functions.csv": FUNCTIONS,
    "invocations.csv.gz": gzipSync(`timeUs,function\n${"1,f\n".repeat(5000)}`).subarray(0, 40),
  },
  "no function is left": {
    "functions.csv": "function,meanRunUs\n",
    "invocations.csv": "timeUs,function\n",
  },
};

for (const [what, files] of Object.entries(BAD_TRACES)) {
  test(`if ${what}, a run exits with 2, names the file, and leaves no output`, async () => {
    const folder = await temporaryFolder();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const before = readdirSync(folder).sort();
    const out = join(folder, "run.json");
    const journal = join(folder, "run.journal");
    const run = await runCli("run", folder, "--json", "--out", out, "--journal", journal);
    expect([run.exitCode, run.out]).toEqual([2, ""]);
    expect(run.err.trimEnd().split("\n")).toHaveLength(1);
    expect(run.err).toContain(folder);
    expect(readdirSync(folder).sort()).toEqual(before);
  });
}

test.skipIf(!existsSync(DAY))(
  "ten minutes of an Azure day (if ../shared/data contains it) count every arrival once",
  async () => {
    const { out } = await runCli("run", DAY, "--from", "600", "--minutes", "10", "--json");
    const { invocations, timeline } = resultSchema.parse(JSON.parse(out));
    const { total, completed, failed, timedOut, rejected } = invocations;
    expect(completed + failed + timedOut + rejected).toBe(total);
    expect(total).toBeGreaterThan(100_000); // 18,452,673 per day are 128,000 per ten minutes
    expect(timeline.length).toBeGreaterThanOrEqual(10);
  },
);

test("the policy of docs/guide/writing-a-policy.md evicts in a run, and the run's journal replays with it", async () => {
  const journal = join(await temporaryFolder(), "run.jsonl");
  const options = [
    "--set",
    "evict=largest-first:candidates=3",
    "--policy",
    "docs/examples/largest-first.ts",
  ];
  const result = await runTiny(...options, "--memory", "600MiB", "--journal", journal);
  expect(result.run.policy.evict).toMatchObject({
    name: "largest-first",
    parameters: { candidates: 3 },
  });
  expect(result.tiers.handler.evictions).toBeGreaterThan(0);
  expect((await runCli("replay", journal)).exitCode).toBe(0);
});

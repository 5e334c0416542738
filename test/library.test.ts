import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import largestFirst from "../docs/examples/largest-first.js";
import { InputError, PackageSet, readResults, readWorkload, simulate } from "../src/library.js";
import { FAMILIES, NONE } from "../src/policy-author.js";
import { runCli, temporaryFolder } from "./cli/run-cli.js";

const TINY = { trace: "tiny", minutes: 10 } as const;
const MEMORY_BYTES = 512 * 1024 ** 2;

test("a program's run and the command line's decide the same: their digests are equal", async () => {
  const result = await simulate({
    ...TINY,
    policy: "faascache",
    memoryBytes: MEMORY_BYTES,
    seed: 7,
  });
  const options = ["--minutes", "10", "--policy", "faascache", "--memory", "512MiB", "--seed", "7"];
  const { run } = JSON.parse((await runCli("run", "tiny", ...options, "--json")).out);
  expect(result.run.digest).toBe(run.digest);
  expect(result.run.command).toBe(run.command);
});

test("without options a program's run is the usual run", async () => {
  const result = await simulate(TINY);
  const { run } = JSON.parse((await runCli("run", "tiny", "--minutes", "10", "--json")).out);
  expect(result.run.digest).toBe(run.digest);
});

test("a workload read once can be simulated again and again, with the same result as its trace", async () => {
  const workload = await readWorkload({ ...TINY, seed: 3 });
  const [first, second, direct] = [
    await simulate({ workload, seed: 3 }),
    await simulate({ workload, seed: 3 }),
    await simulate({ ...TINY, seed: 3 }),
  ].map(({ run }) => run.digest);
  expect([second, direct]).toEqual([first, first]);
});

test("a workload that a program makes runs: 3 arrivals are 3 invocations, the first of them cold", async () => {
  const none = new PackageSet([]);
  const profile = { name: "f", app: 0, memoryBytes: 1024 ** 2, weight: 3 };
  const result = await simulate({
    workload: {
      trace: "three arrivals",
      functions: [{ ...profile, requirements: none, closure: none }],
      catalogue: { source: "none", packages: [] },
      spanUs: 60_000_000,
      expectedInvocations: 3,
      arrivals: () => {
        const batches = [
          {
            count: 3,
            atUs: Float64Array.of(0, 20_000_000, 40_000_000),
            functionId: Int32Array.of(0, 0, 0),
            runUs: Float64Array.of(1000, 1000, 1000),
          },
        ];
        return { next: () => batches.pop() ?? null };
      },
    },
    policy: "openwhisk",
  });
  const { total, completed, cold, warm, resumed } = result.invocations;
  expect([total, completed, cold, warm + resumed]).toEqual([3, 3, 1, 2]);
  expect(result.run.trace).toBe("three arrivals");
});

test("a policy in memory does what its file does, and takes changes of its parameters", async () => {
  const options = { ...TINY, memoryBytes: MEMORY_BYTES };
  const file = "docs/examples/largest-first.ts";
  const [held, read, changed] = await Promise.all([
    simulate({ ...options, policy: largestFirst }),
    simulate({ ...options, policy: file }),
    simulate({
      ...options,
      policy: [largestFirst, { choices: { evict: "largest-first:candidates=1" } }],
    }),
  ]);
  expect(held.run.digest).toBe(read.run.digest);
  expect(held.run.policy).toEqual({ ...read.run.policy, preset: "largest-first" });
  expect(changed.run.policy.evict.parameters).toEqual({ candidates: 1 });
});

test("what is wrong is named: option, value, policy, trace", async () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ ...TINY, memory: "1GiB" }, /^simulate: .*"memory"/],
    [{ ...TINY, memoryBytes: 0 }, /^simulate: memoryBytes: a limit of 0 leaves no room/],
    [{ ...TINY, seed: 1.5 }, /^simulate: seed/],
    [{ ...TINY, placement: "poison" }, /^simulate: placement/],
    [{ ...TINY, policy: "soc" }, /"soc" is neither a file nor a preset/],
    [{ ...TINY, policy: { family: "evict" } }, /^given: name/],
    [{}, /trace: expected one, or a workload/],
    [{ trace: "absent" }, /^absent: no such file/],
    [{ workload: await readWorkload(TINY), minutes: 5 }, /minutes: a workload is given/],
  ];
  for (const [options, message] of wrong) {
    const failure = await simulate(options as typeof TINY).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect((failure as Error).message).toMatch(message);
  }
});

test("results that a run has written are read back whole", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "a.json");
  await runCli("run", "tiny", "--minutes", "1", "--out", file);
  const written = JSON.parse(await readFile(file, "utf8"));
  expect(await readResults(file)).toEqual([written]);
  expect(await readResults(folder, file)).toHaveLength(2);
  await writeFile(file, JSON.stringify({ ...written, schema: "socklab.result/0" }));
  await expect(readResults(file)).rejects.toThrow(InputError);
});

test("a trace that ships is found by its name; a path of that name wins", async () => {
  const folder = await temporaryFolder();
  const before = process.cwd();
  process.chdir(folder);
  try {
    expect((await readWorkload(TINY)).functions.length).toBeGreaterThan(0);
    await writeFile("tiny", "no trace\n");
    await expect(readWorkload(TINY)).rejects.toThrow(/^tiny: not a trace of a known format/);
  } finally {
    process.chdir(before);
  }
});

test("the constants of policies are those of the engine", () => {
  expect(NONE).toBe(-1);
  expect(FAMILIES).toHaveLength(6);
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommandLine } from "../../../src/lab/run/run-command-line.js";
import type { RunSettings } from "../../../src/lab/run/run-settings.js";
import type { Result } from "../../../src/results/result.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";

const SETTINGS: RunSettings = {
  trace: "traces/demo",
  backend: "sim",
  policy: "sock",
  set: [],
  unit: "function",
  memoryBytes: Number.POSITIVE_INFINITY,
  diskBytes: 1024,
  cores: 4,
  runsPerCore: Number.POSITIVE_INFINITY,
  creationsPerCore: Number.POSITIVE_INFINITY,
  creationsPerFunction: Number.POSITIVE_INFINITY,
  queueLimit: 8,
  queueTimeoutUs: 60_000_000,
  packages: undefined,
  costs: undefined,
  index: undefined,
  journal: undefined,
  invocations: undefined,
  functions: undefined,
  fromMinute: 0,
  minutes: undefined,
  warmupMinutes: 0,
  speedup: 1,
  placement: "poisson",
  runTimes: "trace",
  seed: 3,
};

test("the command in a result leads to the same decisions again", async () => {
  const out = join(await temporaryFolder(), "run.json");
  const options = [
    "--policy",
    "faascache",
    "--set",
    "keep-alive=fixed:keep=1m",
    "--memory",
    "1GiB",
  ];
  await runCli("run", "traces/tiny", ...options, "--minutes", "10", "--seed", "7", "--out", out);
  const first: Result = JSON.parse(await readFile(out, "utf8"));
  const [program, ...argv] = first.run.command.split(" ");
  expect(program).toBe("socklab");
  const again: Result = JSON.parse((await runCli(...argv, "--json")).out);
  expect(again.run.digest).toBe(first.run.digest);
  expect(again.run.command).toBe(first.run.command);
});

test("a path with a blank or a quote is quoted for a shell", () => {
  const trace = "/data/it's a trace";
  expect(runCommandLine({ ...SETTINGS, trace })).toContain(
    "run '/data/it'\\''s a trace' --backend",
  );
});

test("a simulated run's command repeats --index, because with it downloads take time", () => {
  expect(runCommandLine({ ...SETTINGS, index: "wheels" })).toMatch(/--seed 3 --index wheels$/);
});

test("a missing limit is written as `unlimited`, and an option that was not given is left out", () => {
  expect(runCommandLine(SETTINGS)).toBe(
    "socklab run traces/demo --backend sim --policy sock --unit function --memory unlimited" +
      " --disk 1024B --cores 4 --runs-per-core unlimited" +
      " --creations-per-core unlimited --creations-per-function unlimited" +
      " --queue-limit 8 --queue-timeout 60000000us" +
      " --from 0 --warmup 0 --speedup 1 --placement poisson --run-times trace --seed 3",
  );
});

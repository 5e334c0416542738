import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { loadPolicy } from "../../src/cli/load-policy.js";
import { expandGrid, type GivenAxes, readGrid } from "../../src/cli/sweep-grid.js";
import { ConfigurationHasher, canonicalJson } from "../../src/cli/sweep-hash.js";
import { temporaryFolder } from "./run-cli.js";

const TRACE = "traces/tiny";

test("a configuration has one name, wherever its trace lies", async () => {
  const folder = await temporaryFolder();
  await cp(TRACE, join(folder, "copy"), { recursive: true });
  const name = await nameOf({}, TRACE);
  expect(name).toMatch(/^[0-9a-f]{16}$/);
  expect(await nameOf({}, TRACE)).toBe(name);
  expect(await nameOf({ memory: "8192MiB", policy: "sock" }, TRACE)).toBe(name);
  expect(await nameOf({}, join(folder, "copy"))).toBe(name);
});

test("whatever moves a result moves the name", async () => {
  const changes: readonly GivenAxes[] = [
    ...[{ seed: "2" }, { memory: "4GiB" }, { disk: "1GiB" }, { cores: "2" }, { minutes: "1" }],
    ...[{ policy: "openwhisk" }, { set: ["zygote=none"] }, { placement: "uniform" }],
    ...[{ "run-times": "mean" }, { speedup: "2" }, { packages: "none" }, { functions: "2" }],
    ...[{ "queue-limit": "1" }, { "queue-timeout": "1s" }, { "runs-per-core": "1" }],
  ];
  const names = await Promise.all([{}, ...changes].map((given) => nameOf(given, TRACE)));
  expect(new Set(names).size).toBe(changes.length + 1);
});

test("the content of trace, cost and policy files counts", async () => {
  const folder = await temporaryFolder();
  const trace = join(folder, "trace");
  await cp(TRACE, trace, { recursive: true });
  const costs = join(folder, "costs.json");
  await cp("costs.json", costs);
  const policy = join(folder, "policy.json");
  await writeFile(policy, '{"base":"sock","choices":{}}');
  const name = () => nameOf({ costs, policy }, trace);
  const before = await name();
  await writeFile(costs, "{}");
  const otherCosts = await name();
  await writeFile(join(trace, "more.csv"), "a\n");
  const otherTrace = await name();
  await writeFile(policy, '{"base":"openwhisk","choices":{}}');
  expect(new Set([before, otherCosts, otherTrace, await name()]).size).toBe(4);
});

test("canonical JSON does not know the order of keys", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
    }),
  );
});

async function nameOf(given: GivenAxes, trace: string): Promise<string> {
  const [{ settings }] = expandGrid(readGrid(given), trace) as [ReturnType<typeof expandGrid>[0]];
  return new ConfigurationHasher().hash(settings, await loadPolicy(settings.policy, settings.set));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, reversed(part)]);
  return Object.fromEntries(entries.toReversed());
}

import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { TRACE_OPTIONS } from "../../../src/cli/options/trace-options.js";
import { IDLE_OPTIONS, REAL_OPTIONS } from "../../../src/cli/options/what-counts.js";
import { type GivenRunOptions, RUN_OPTIONS, readRunSettings } from "../../../src/cli/run.js";
import { expandGrid, type GivenAxes, readGrid } from "../../../src/cli/sweep-grid.js";
import { hashCode, modulesOf } from "../../../src/lab/run/hash-code.js";
import { loadPolicy } from "../../../src/lab/run/load-policy.js";
import { ConfigurationHasher, canonicalJson } from "../../../src/lab/sweep/configuration-hash.js";
import { temporaryFolder } from "../../cli/run-cli.js";

const TRACE = "traces/tiny";

test("a configuration has one name, independent of the path of its trace", async () => {
  const folder = await temporaryFolder();
  await cp(TRACE, join(folder, "copy"), { recursive: true });
  const name = await nameOf({}, TRACE);
  expect(name).toMatch(/^[0-9a-f]{16}$/);
  expect(await nameOf({}, TRACE)).toBe(name);
  expect(await nameOf({ memory: "8192MiB", policy: "sock" }, TRACE)).toBe(name);
  expect(await nameOf({}, join(folder, "copy"))).toBe(name);
});

const ALL_OPTIONS = { ...RUN_OPTIONS, ...TRACE_OPTIONS };
/** A value that differs from the default, for every option of `run`. */
const OTHER_VALUES: Readonly<Record<keyof typeof ALL_OPTIONS, string>> = {
  ...{ seed: "2", functions: "2", from: "1", minutes: "1", speedup: "2", placement: "uniform" },
  ...{ "run-times": "mean", packages: "none", costs: "other-costs.json", policy: "openwhisk" },
  ...{ set: "zygote=none", memory: "4GiB", disk: "1GiB", cores: "2", "runs-per-core": "1" },
  ...{ "creations-per-core": "1", "creations-per-function": "1" },
  ...{ "queue-limit": "1", "queue-timeout": "1s", backend: "real", index: "wheels" },
  ...{ python: "python3.9", base: "/usr", network: "none", "container-memory": "1GiB" },
  ...{ "container-cores": "1", "container-processes": "8", scratch: "1MiB", "ready-slots": "0" },
  ...{
    unit: "application",
    spares: "3",
    state: "/srv/state",
    journal: "a.journal",
    invocations: "a.csv",
    out: "a.json",
    json: "true",
  },
  ...{ "allow-metadata": "true", warmup: "1" },
};

test("an option changes the name of a simulated and of a real run, or is listed as changing no result", async () => {
  const folder = await temporaryFolder();
  const costs = join(folder, OTHER_VALUES.costs);
  await cp("costs.json", costs);
  const wheels = join(folder, OTHER_VALUES.index);
  await mkdir(wheels);
  const other = { ...OTHER_VALUES, costs, index: wheels };
  for (const backend of ["sim", "real"]) {
    const idle = [
      ...Object.keys(IDLE_OPTIONS),
      ...(backend === "sim" ? REAL_OPTIONS : ["backend"]), // the backend is "real" already
    ];
    const before = await nameOfRun({ backend });
    for (const [name, value] of Object.entries(other)) {
      const after = await nameOfRun({ backend, [name]: value });
      expect(after === before, `${backend} --${name} ${value}`).toBe(idle.includes(name));
    }
  }
});

test("two changed options have another name than each of them", async () => {
  const names = [{}, { seed: "2" }, { memory: "4GiB" }, { seed: "2", memory: "4GiB" }];
  expect(new Set(await Promise.all(names.map(nameOfRun))).size).toBe(4);
});

test("the content of a folder of wheels changes the name of a real run", async () => {
  const index = await temporaryFolder();
  const name = () => nameOfRun({ backend: "real", index });
  const empty = await name();
  await writeFile(join(index, "a-1-py3-none-any.whl"), "one");
  const one = await name();
  await writeFile(join(index, "a-1-py3-none-any.whl"), "two");
  expect(new Set([empty, one, await name()]).size).toBe(3);
});

test("the hashed code is everything that the module of runs imports, at every depth; the real backend counts only for real runs", async () => {
  const folder = await temporaryFolder();
  const write = (name: string, text: string) => writeFile(join(folder, `${name}.ts`), text);
  await write("a", 'import { b } from "./b.js";\nimport {\n  c,\n} from "./c.js";\n');
  await write("b", 'import "node:fs";\nexport { a } from "./a.js";\n');
  await write("c", 'export const late = () => import("./d.js");\n');
  const found = await modulesOf([pathToFileURL(join(folder, "a.js"))]);
  expect(found.toSorted()).toEqual(["a.ts", "b.ts", "c.ts"].map((name) => join(folder, name)));
  const [simulated, real] = await Promise.all([hashCode(false), hashCode(true)]);
  expect(simulated).toMatch(/^[0-9a-f]{64}$/);
  expect(real).not.toBe(simulated);
});

test("the content of trace, cost and policy files changes the name", async () => {
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

test("canonical JSON does not depend on the order of keys", () => {
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

const DEFAULTS = Object.fromEntries(
  Object.entries(ALL_OPTIONS).map(([name, option]) => [
    name,
    "default" in option ? option.default : undefined,
  ]),
) as unknown as GivenRunOptions;

/** Name of `run TRACE` with these options. */
async function nameOfRun(given: Readonly<Record<string, string>>): Promise<string> {
  const settings = readRunSettings(TRACE, { ...DEFAULTS, ...given });
  return new ConfigurationHasher().hash(settings, await loadPolicy(settings.policy, settings.set));
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, part]) => [key, reversed(part)]);
  return Object.fromEntries(entries.toReversed());
}

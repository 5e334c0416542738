import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderCheck } from "../../../src/cli/check-policy.js";
import { checkPolicy } from "../../../src/lab/check/check-policy.js";
import { checkTypes } from "../../../src/lab/check/check-types.js";
import { runCli, temporaryFolder } from "../../cli/run-cli.js";

/** Less time for an answer than an author gets, but more than a right policy needs for one. */
const LIMIT_MS = 2000;
const NO_ZYGOTES = ["zygote=none"];

const hasPython = (() => {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

async function write(name: string, text: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** A policy whose `victim` begins in line 4. */
const evictPolicy = (victim: string) => `let loads = 0;
export default { family: "evict", name: "mine", summary: "s", source: "s", departures: [],
  parameters: {}, create: () => ({
    ${victim},
  }) };`;

const inPython = (victim: string) => `family, name, summary, source = "evict", "mine", "s", "s"
class Mine:
    def victim(self, view, needed_bytes):
        ${victim}
def create(parameters, context): return Mine()
`;

/** What each slip of an author is named as. */
const SLIPS: readonly (readonly [slip: string, victim: string, python: string, named: RegExp])[] = [
  [
    "offers no victim",
    "victim: () => null",
    "return None",
    /^no-victim: .*named nothing that may go.*\(policy evict=mine, at .*mine\.\w+:[34]\)/,
  ],
  [
    "names a busy container",
    `victim(view) {
      for (let id = 0; ; id++) if (!view.containers.isIdle(id)) return { tier: "handler", container: id };
    }`,
    'return {"tier": "handler", "container": next(i for i in range(10**6) if not view.containers.is_idle(i))}',
    /^victim-refused: the evict policy named a container that is not idle \(policy evict=mine, at .*mine\.\w+:[34]\)/,
  ],
  [
    "names an id that there is not",
    'victim: () => ({ tier: "handler", container: 99999 })',
    'return {"tier": "handler", "container": 99999}',
    /^victim-refused: .*\(policy evict=mine, at .*mine\.\w+:[34]\)/,
  ],
  [
    "throws",
    "victim: (view) => view.no.such",
    "return view.no.such",
    /^policy evict=mine: victim threw: .*, at .*mine\.\w+:4$/,
  ],
  [
    "answers with an id instead of an object",
    "victim: () => 0",
    "return 0",
    /^policy evict=mine: victim: answered 0, expected null.*, at .*mine\.\w+:[34]$/,
  ],
];

test.each(SLIPS)(
  "a policy that %s is named with file and line",
  async (_, victim, python, named) => {
    const script = await checkPolicy(await write("mine.mjs", evictPolicy(victim)), NO_ZYGOTES);
    expect(script.faults[0]).toMatch(named);
    if (!hasPython) return;
    const other = await checkPolicy(await write("mine.py", inPython(python)), NO_ZYGOTES);
    expect(other.faults[0]).toMatch(named);
  },
);

test("a loop that never ends is named with the line at which it is, in a method, a notice or the module", async () => {
  const oldest = `victim({ containers }) {
      const container = containers.oldestIdle();
      return container === -1 ? null : { tier: "handler", container };
    }`;
  const loops = [
    ["victim", evictPolicy("victim() {\n for (;;);\n }"), 5],
    ["onEnd", evictPolicy(`${oldest},\n onEnd() {\n while (true) loads++;\n }`), 9],
    ["loading", `for (;;);\n${evictPolicy("victim: () => null")}`, 1],
  ] as const;
  for (const [what, text, line] of loops) {
    const { faults } = await checkPolicy(await write("mine.ts", text), NO_ZYGOTES, LIMIT_MS);
    expect(faults.at(-1)).toMatch(
      new RegExp(`^the policy: ${what} has not ended after 2 s, at .*mine\\.ts:${line}$`),
    );
  }
}, 60_000);

test("a policy that draws chance differs between two runs, and the line that draws it is named", async () => {
  const text = evictPolicy(`victim({ containers }) {
      const idle = [];
      for (let id = containers.oldestIdle(); id !== -1; id = containers.nextIdle(id)) idle.push(id);
      const container = idle[Math.floor(Math.random() * idle.length)];
      return container === undefined ? null : { tier: "handler", container };
    }`);
  const { faults } = await checkPolicy(await write("mine.mjs", text), NO_ZYGOTES);
  expect(faults[0]).toMatch(/^it depends on more than the run: Math\.random\(\) at .*mine\.mjs:7$/);
  expect(faults[1]).toMatch(/^two runs differ: digests [0-9a-f]{16} and [0-9a-f]{16}$/);
});

test("a policy that reads a clock is named even if the decisions are equal, once per line", async () => {
  const text = evictPolicy(`victim({ containers }) {
      if (Date.now() < 0 || +new Date() < 0) return null;
      const container = containers.oldestIdle();
      return container === -1 ? null : { tier: "handler", container };
    }`);
  const { faults, run } = await checkPolicy(await write("mine.mjs", text), NO_ZYGOTES);
  const reads = ["Date.now()", "new Date()"].map((written) =>
    expect.stringContaining(`${written} at `),
  );
  expect(faults).toEqual(reads);
  expect(run?.asked.get("victim")).toBeGreaterThan(0);
});

test.skipIf(!hasPython)(
  "a policy in Python that draws chance differs between two runs",
  async () => {
    const path = await write(
      "mine.py",
      `import random
${inPython(`idle, container = [], view.containers.oldest_idle()
        while container != -1:
            idle.append(container)
            container = view.containers.next_idle(container)
        return {"tier": "handler", "container": random.choice(idle)} if idle else None`)}`,
    );
    const { faults } = await checkPolicy(path, NO_ZYGOTES);
    expect(faults).toEqual([expect.stringMatching(/^two runs differ/)]);
  },
);

test("the examples of the documents have no fault, and TypeScript's are type-checked", async () => {
  const zygotes = await runCli("check-policy", "docs/examples/common-packages.ts");
  expect(zygotes).toMatchObject({ exitCode: 0, err: "" });
  expect(zygotes.out).toMatch(/no error \(TypeScript \d/);
  const victims = ["docs/examples/largest-first.ts", "docs/examples/largest_first.py"];
  const checks = victims.slice(0, hasPython ? 2 : 1).map((path) => checkPolicy(path, NO_ZYGOTES));
  const [first, ...others] = await Promise.all(checks);
  expect(first.faults).toEqual([]);
  expect(first.run?.serves).toEqual(["evict=largest-first"]);
  for (const other of others) expect(other.run?.digest).toBe(first.run?.digest);
});

test("a type error is a fault with file and line, also in a file that the policy imports", async () => {
  const folder = await temporaryFolder();
  writeFileSync(
    join(folder, "mine.ts"),
    `import type { PolicySpec } from "socklab/policy";
import { second } from "./other.ts";
const mine: PolicySpec<"evict"> = { family: "evict", name: "mine", summary: "s", source: "s",
  departures: [], parameters: {}, create: () => ({
    victim: (view) => ({ tier: "handler", container: view.containers.oldestIdel?.() ?? second }),
  }) };
export default mine;`,
  );
  writeFileSync(join(folder, "other.ts"), 'export const second: number = "0";');
  const { exitCode, out } = await runCli("check-policy", join(folder, "mine.ts"));
  expect(exitCode).toBe(1);
  expect(out).toMatch(/fault: .*mine\.ts:5: .*oldestIdel/);
  expect(out).toMatch(/fault: .*other\.ts:1: Type 'string' is not assignable to type 'number'/);
});

test("without a compiler near the file and near socklab, one line says that types are not checked, and how to get it", async () => {
  const path = "docs/examples/common-packages.ts";
  expect(await checkTypes(path, [join(await temporaryFolder(), "mine.ts")])).toBeUndefined();
  const text = renderCheck(path, { types: undefined, run: undefined, unasked: [], faults: [] });
  expect(text).toMatch(/^ {2}types +not checked: .*npm install --save-dev typescript\)$/m);
});

test.each([
  ["a file that is not there", ["no-such-file.mjs"], /there is no file no-such-file\.mjs/],
  ["a file without a policy", ["costs.json"], /costs\.json: not a file with a policy/],
  ["a change that is not one", ["docs/examples/largest-first.ts", "--set", "x"], /--set/],
  ["an unknown family", ["docs/examples/largest-first.ts", "--set", "evic=lru"], /--set/],
  ["no file", [], /argument/],
])("%s is one line and exit code 2", async (_, argv, named) => {
  const { exitCode, out, err } = await runCli("check-policy", ...argv);
  expect([exitCode, out]).toEqual([2, ""]);
  expect(err).toMatch(named);
  expect(err.trimEnd().split("\n")).toHaveLength(1);
});

test("a file that cannot be loaded, or has no policy, is a fault that names the line if there is one", async () => {
  const broken = await checkPolicy(await write("mine.ts", "const a = 1;\nconst = 2;"), []);
  expect(broken.faults.at(-1)).toMatch(/mine\.ts: cannot be loaded: .*mine\.ts:2/);
  const unused = `const policy = (name) => ({ family: "evict", name, summary: "s", source: "s",
    departures: [], parameters: {}, create: () => ({ victim: () => null }) });
    export default [{ base: "sock", choices: {} }, policy("mine")];`;
  const { faults } = await checkPolicy(await write("mine.mjs", unused), []);
  expect(faults).toEqual([expect.stringMatching(/^evict=mine: .* no family uses it$/)]);
});

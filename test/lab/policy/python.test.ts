import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { PackageSet } from "../../../src/contract/package-set.js";
import { NOTICES, QUESTIONS } from "../../../src/contract/policy-methods.js";
import { encodeJson } from "../../../src/lab/policy/python-json.js";
import { performRun } from "../../../src/lab/run/perform-run.js";
import { USUAL_RUN } from "../../../src/lab/run/run-settings.js";
import { temporaryFolder } from "../../cli/run-cli.js";

/** Undefined if this machine has no python3. */
const python = (() => {
  try {
    return execFileSync("python3", ["--version"], { encoding: "utf8" });
  } catch {
    return undefined;
  }
})();

const SMALL = { ...USUAL_RUN, trace: "tiny", memoryBytes: 512 * 1024 ** 2 };
const run = (policy: string, ...set: readonly string[]) => performRun({ ...SMALL, policy, set });

/** Writes a policy whose class has these methods, and returns its path. */
async function write(family: string, methods: string): Promise<string> {
  const path = join(await temporaryFolder(), "mine.py");
  writeFileSync(
    path,
    `import os
family, name, summary, source = ${family}, "mine", "s", "this test"

class Mine:
${methods.replaceAll(/^/gm, "    ")}

def create(parameters, context):
    Mine.context = context
    return Mine()
`,
  );
  return path;
}

test("JSON for Python has Infinity, sets and no methods", () => {
  const value = { a: Infinity, b: new PackageSet([3, 1]), c: new Set([2]), d: NaN, e: () => 1 };
  expect(encodeJson([value, undefined, 'a"b'])).toBe(
    '[{"a":1e999,"b":{"$set":[1,3]},"c":{"$set":[2]},"d":null},null,"a\\"b"]',
  );
});

describe.skipIf(python === undefined)("a policy in Python (skipped without python3)", () => {
  let before: readonly string[];
  beforeAll(() => {
    before = pipesLeft();
  });

  test("decides as the same policy in TypeScript does, to the digest", async () => {
    const [inPython, inTypeScript] = await Promise.all([
      run("docs/examples/largest_first.py", "zygote=none"),
      run("docs/examples/largest-first.ts", "zygote=none"),
    ]);
    expect(inPython.tiers.handler.evictions).toBeGreaterThan(0);
    expect(inPython.run.digest).toBe(inTypeScript.run.digest);
    expect(inPython.run.policy.preset).toBe("largest-first");
  });

  test("receives every notice and every question by its name in Python, and may draw chance", async () => {
    const seen = join(await temporaryFolder(), "seen");
    const snake = (name: string) => name.replaceAll(/[A-Z]/g, (each) => `_${each.toLowerCase()}`);
    const notices = NOTICES.map(
      (name) => `def ${snake(name)}(self, view, *args): self.note("${name}")`,
    );
    const path = await write(
      '["evict", "keep-alive"]',
      [
        "seen = set()",
        "def note(self, name):",
        "    if name not in self.seen:",
        "        self.seen.add(name)",
        `        print(name, file=open(${JSON.stringify(seen)}, "a"))`,
        ...notices,
        "def decide(self, view, container, decision):",
        "    assert view.containers.is_idle(container) in (True, False)",
        "    assert view.memory.free_bytes >= 0",
        "    assert decision.keep_us == float('inf') and 0 <= self.context.random.next() < 1",
        "    decision.keep_us = 1e6 if container % 2 else float('inf')",
        "    self.note('decide')",
        "def victim(self, view, needed_bytes):",
        "    self.note('victim')",
        "    container = view.containers.oldest_idle()",
        '    return None if container == -1 else {"tier": "handler", "container": container}',
      ].join("\n"),
    );
    const result = await run(path, "zygote=root", "install=lru");
    expect(result.warnings).toEqual([]);
    expect(result.tiers.handler.expirations).toBeGreaterThan(0); // what decide set is followed
    const heard = new Set(readFileSync(seen, "utf8").trim().split("\n"));
    const usual = [
      "onArrival",
      "onStart",
      "onEnd",
      "onIdle",
      "onContainerReady",
      "onContainerGone",
    ];
    for (const name of [...usual, "onFork", "onPackageUse", "decide", "victim"])
      expect(heard, name).toContain(name);
    expect(Object.keys(QUESTIONS.evict)).toContain("victim");
  });

  test("may act on its own initiative: a tick comes at the time that it asks for", async () => {
    const path = await write(
      '"dispatch"',
      `def on_begin(self, view, act):
    self.act = act
    act.tick_at(90e6)
def on_tick(self, view):
    print(view.now_us, file=open(os.path.dirname(__file__) + "/ticks", "a"))
    if view.now_us < 100e6: self.act.tick_at(150e6)
def pick(self, view, function_id):
    return view.containers.newest_idle_of(function_id)
def wait_for_busy_us(self, view, function_id):
    return 0`,
    );
    await run(path);
    const ticks = readFileSync(join(path, "..", "ticks"), "utf8")
      .trim()
      .split("\n");
    expect(ticks.map(Number)).toEqual([90e6, 150e6]);
  });

  test("creates Zygotes from plain ids", async () => {
    const path = await write(
      '"zygote"',
      `starts_with_root = False
def choose(self, view, function_id):
    closure = view.functions[function_id].closure
    for zygote in view.zygotes.live:
        if view.zygotes.packages_of(zygote) == closure:
            return {"fork_from": zygote, "create": None}
    return {"fork_from": ${NONE}, "create": {"parent": ${NONE}, "packages": closure}}`,
    );
    const { zygotes, invocations, warnings } = await run(path);
    expect(invocations.zygote).toBeGreaterThan(0);
    expect(zygotes.length).toBeGreaterThan(0);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["raises", "raise ValueError('boom')", /victim threw: ValueError: boom, at .*mine\.py:6$/],
    [
      "divides by zero in a function that it calls",
      "return (lambda: 1 / 0)()",
      /ZeroDivisionError: .*mine\.py:6$/,
    ],
    ["answers with another shape", "return 7", /victim: answered 7, expected null, .*mine\.py:5$/],
    [
      "answers with no number",
      'return {"tier": "handler", "container": float("nan")}',
      /"container":null/,
    ],
    ["ends its process", "os._exit(3)", /the Python process ended without an answer/],
    ["is killed", "os.kill(os.getpid(), 9)", /the Python process ended without an answer/],
  ])("that %s ends the run with one line", async (_, body, message) => {
    const path = await write('"evict"', `def victim(self, view, needed_bytes):\n    ${body}`);
    await expect(run(path, "zygote=none")).rejects.toThrow(message);
  });

  test("that loops for ever is ended at its time limit, and its line is named", async () => {
    const body = "def victim(self, view, needed_bytes):\n    while True: pass";
    await expect(run(await write('"evict"', body), "zygote=none")).rejects.toThrow(
      /victim threw: TimeoutError: no answer within 10 s, at .*mine\.py:6$/,
    );
  }, 60_000);

  test.each([
    ["is no program", "x = (\n", /mine\.py: cannot be loaded: SyntaxError: .*, at .*mine\.py:1$/],
    [
      "imports what is not there",
      "\nimport no_such_module\n",
      /ModuleNotFoundError: .*mine\.py:2$/,
    ],
    ["has no create", "family = 'evict'\n", /no function create\(parameters, context\)/],
    ["lacks a field", "family = 'evict'\ndef create(p, c): pass\n", /mine\.py: name: /],
  ])("whose file %s is refused with file and line", async (_, text, message) => {
    const path = join(await temporaryFolder(), "mine.py");
    writeFileSync(path, text);
    await expect(run(path)).rejects.toThrow(message);
  });

  test("leaves no pipe behind", () => {
    expect(pipesLeft()).toEqual(before);
  });
});

function pipesLeft(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("socklab-python-"));
}

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/basics/errors.js";
import { RandomStreams } from "../../../src/basics/random.js";
import { loadPolicy, reloadPolicies } from "../../../src/lab/run/load-policy.js";
import { makePolicies } from "../../../src/policies/registry.js";
import { FakeView, fakeFunction, fakePackage } from "../../policies/fake-view.js";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "socklab-policy-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const EXAMPLE = "docs/examples/largest-first.ts";

describe("presets", () => {
  test("the name of a preset selects its choices, and --set replaces one", async () => {
    const { resolved } = await loadPolicy("faascache", ["keep-alive=fixed:keep=20m"]);
    expect(resolved.preset).toBe("faascache");
    expect(resolved.modules).toEqual([]);
    expect(resolved.choices.evict.name).toBe("gdsf");
    expect(resolved.choices["keep-alive"].parameters).toMatchObject({ keep: 1_200_000_000 });
  });

  test("a JSON preset takes the families that it does not name from its base", async () => {
    const path = write("a.json", '{"base": "openwhisk", "choices": {"dispatch": "lru"}}');
    const { resolved } = await loadPolicy(path);
    expect(resolved.preset).toBe(path);
    expect(resolved.choices.dispatch.name).toBe("lru");
    expect(resolved.choices.zygote.name).toBe("none");
  });
});

describe("the worked example", () => {
  test("can be used without a preset, and evicts the largest of the containers that are idle longest", async () => {
    const { choices, specs, resolved } = await loadPolicy(EXAMPLE, ["zygote=none"]);
    expect(resolved.choices.evict).toEqual({
      name: "largest-first",
      parameters: { candidates: 10 },
    });
    expect(resolved.choices.install.name).toBe("lru"); // from the preset sock
    const view = new FakeView([fakeFunction([0])], [fakePackage("p")]);
    const policy = makePolicies(choices, specs, view.context, new RandomStreams(1)).evict;
    expect(policy.victim(view, 1)).toBeNull();
    for (const bytes of [10, 30, 20]) view.fallIdle(view.addContainer({ bytes }));
    expect(policy.victim(view, 1)).toEqual({ tier: "handler", container: 1 });
  });

  test("is loaded again from the data in a journal", async () => {
    const { resolved, choices } = await loadPolicy(EXAMPLE, ["evict=largest-first:candidates=2"]);
    const stored = JSON.parse(JSON.stringify(resolved));
    const again = await reloadPolicies(stored, "run.journal");
    expect(again.choices).toEqual(choices);
  });
});

test("in a JavaScript array of a preset and policies, the preset may name these policies", async () => {
  const path = write(
    "both.mjs",
    `const mine = { family: "dispatch", name: "mine", summary: "s", source: "s", departures: [],
       parameters: {}, create: () => ({ pick: () => 7, waitForBusyUs: () => 0 }) };
     export default [{ base: "no-cache", choices: { dispatch: "mine" } }, mine];`,
  );
  const { resolved, specs } = await loadPolicy(path);
  expect(resolved.choices.dispatch).toEqual({ name: "mine", parameters: {} });
  expect(resolved.choices.install.name).toBe("none");
  expect(specs.at(-1)?.name).toBe("mine");
});

describe("an error is one line that names the file", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["broken.json", "{", /broken\.json: cannot be read as JSON/],
    ["field.json", '{"choices": {}, "chioces": {}}', /field\.json: .*chioces/],
    ["family.json", '{"choices": {"evikt": "lru"}}', /family\.json: choices.*: /],
    [
      "base.json",
      '{"base": "x", "choices": {}}',
      /base\.json: base "x" is not a preset, expected one/,
    ],
    ["name.json", '{"choices": {"evict": "x"}}', /name\.json: no evict policy is called "x"/],
    ["syntax.mjs", "export default {", /syntax\.mjs: cannot be loaded: /],
    ["none.mjs", "export const a = 1;", /none\.mjs: has no default export/],
    ["empty.mjs", "export default [];", /empty\.mjs: contains nothing/],
    ["spec.mjs", 'export default {family: "evict", name: "x"}', /spec\.mjs: summary: /],
    ["policy.txt", "", /policy\.txt: not a policy file/],
  ];
  test.each(cases)("%s", async (name, text, message) => {
    const path = write(name, text);
    await expect(loadPolicy(path)).rejects.toThrow(message);
    await expect(loadPolicy(path)).rejects.toBeInstanceOf(InputError);
  });

  test("neither a file nor a preset", async () => {
    await expect(loadPolicy("sokc")).rejects.toThrow(
      /^--policy: "sokc" is neither a file nor a preset, expected one of sock, openlambda/,
    );
  });
});

test("a TypeScript policy works in a folder without a package.json", async () => {
  const path = write(
    "plain.ts",
    `const mine = { family: "evict" as const, name: "mine", summary: "s", source: "s", departures: [] as string[],
       parameters: {}, create: () => ({ victim: () => null }) };
     export default mine;`,
  );
  const { specs } = await loadPolicy(path);
  expect(specs.at(-1)?.name).toBe("mine");
});

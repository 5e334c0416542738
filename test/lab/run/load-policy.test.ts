import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../../src/basics/errors.js";
import { RandomStreams } from "../../../src/basics/random.js";
import { FAMILIES } from "../../../src/contract/policy.js";
import { loadPolicy, reloadPolicies } from "../../../src/lab/run/load-policy.js";
import { presetNames } from "../../../src/policies/presets.js";
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
    expect(resolved.preset).toBe("a");
    expect(resolved.choices.dispatch.name).toBe("lru");
    expect(resolved.choices.zygote.name).toBe("none");
  });
});

describe("names of the field", () => {
  test.each([
    ["lru", "keep-all"],
    ["gdsf", "faascache"],
    ["ttl", "openwhisk"],
    ["hist", "hybrid-histogram"],
    ["keepalive", "openwhisk"],
  ])("%s is %s, and the result says so", async (alias, name) => {
    expect((await loadPolicy(alias)).resolved).toEqual((await loadPolicy(name)).resolved);
  });

  test("name one preset each, and no name is that of a preset", () => {
    expect(new Set(presetNames()).size).toBe(presetNames().length);
  });

  test.each([
    ["sokc", "sock"],
    ["fascache", "faascache"],
    ["hybrid-histogramm", "hybrid-histogram"],
  ])("%s is answered with a question for %s", async (slip, meant) => {
    await expect(loadPolicy(slip)).rejects.toThrow(`(did you mean "${meant}"?)`);
  });

  test("a name that is like no other is answered with the list alone", async () => {
    await expect(loadPolicy("xyz")).rejects.toThrow(
      /^--policy: "xyz" is neither a file nor a preset, expected/,
    );
  });

  test("a slip in the name of a policy is answered in the same way", async () => {
    await expect(loadPolicy("sock", ["evict=gdfs"])).rejects.toThrow(
      'no evict policy is called "gdfs" (did you mean "gdsf"?)',
    );
  });
});

describe("--set family=FILE", () => {
  const lfu = (name = "lfu") =>
    write(
      `${name}.mjs`,
      `export default { family: "evict", name: "${name}", summary: "s", source: "s", departures: [],
         parameters: { count: { kind: "number", default: 1, unit: "u", min: 0, max: 9, description: "d" } },
         create: () => ({ victim: () => null }) };`,
    );

  test("takes the policy of the file in this family, and leaves the others to the preset", async () => {
    const path = lfu();
    const { resolved } = await loadPolicy("faascache", [`evict=${path}:count=3`]);
    expect(resolved.choices.evict).toEqual({ name: "lfu", parameters: { count: 3 } });
    expect(resolved.choices.zygote.name).toBe("none");
    expect(resolved.modules).toEqual([path]);
    expect((await reloadPolicies(resolved, "run.journal")).choices.evict.parameters).toEqual({
      count: 3,
    });
  });

  test("is refused if the file is not there, or has no policy of the family", async () => {
    await expect(loadPolicy("sock", ["evict=./no.mjs"])).rejects.toThrow(
      "--set evict=./no.mjs: there is no file ./no.mjs",
    );
    await expect(loadPolicy("sock", [`zygote=${lfu()}`])).rejects.toThrow(
      /lfu\.mjs has 0 policies of the family zygote, expected one; it has evict=lfu$/,
    );
  });

  test("a policy of a file is called by its name, and not by its path", async () => {
    const { resolved } = await loadPolicy(lfu("mine"));
    expect(resolved.preset).toBe("mine");
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
      /^--policy: "sokc" is neither a file nor a preset \(did you mean "sock"\?\), expected one of sock, openlambda/,
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

describe("a policy's module", () => {
  const counting = (extension: string) =>
    write(
      `counting.${extension}`,
      `import { next } from "./counter.${extension}";
       export default { family: "evict", name: "counting", summary: String(next()), source: "s",
         departures: [], parameters: {}, create: () => ({ victim: () => null }) };`,
    );

  test.each(["mjs", "ts"])(
    "in .%s is loaded afresh with the files that it imports, so runs share no state",
    async (extension) => {
      write(`counter.${extension}`, "let count = 0; export const next = () => ++count;");
      const path = counting(extension);
      const summaries = [await loadPolicy(path), await loadPolicy(path)].map(
        ({ specs }) => specs.at(-1)?.summary,
      );
      expect(summaries).toEqual(["1", "1"]);
    },
  );

  test("knows its own address, and finds packages and Node's modules", async () => {
    const path = write(
      "addresses.mjs",
      `import { basename } from "node:path";
       import { FAMILIES } from "socklab/policy";
       export default { family: "evict", name: "addresses", source: "s", departures: [], parameters: {},
         summary: basename(import.meta.url) + FAMILIES.length, create: () => ({ victim: () => null }) };`,
    );
    const { specs } = await loadPolicy(path);
    expect(specs.at(-1)?.summary).toBe(`addresses.mjs${FAMILIES.length}`);
  });

  test("in CommonJS may require", async () => {
    const path = write(
      "common.cjs",
      `const { basename } = require("node:path");
       module.exports = { family: "evict", name: "common", source: "s", departures: [], parameters: {},
         summary: basename(__filename), create: () => ({ victim: () => null }) };`,
    );
    const { specs } = await loadPolicy(path);
    expect(specs.at(-1)?.summary).toBe("common.cjs");
  });
});

describe("a fault in a policy's module is reported with its file and line", () => {
  const spec = (body: string) =>
    `const a: number = 1;\nconst mine = {\n  family: "evict", name: "mine", summary: "s", source: "s", departures: [], parameters: {},\n  create: () => ({\n    ${body}\n  }),\n};\nexport default mine;\n`;
  const ask = async (text: string) => {
    const { choices, specs } = await loadPolicy(write("fault.ts", text), ["zygote=none"]);
    const view = new FakeView([fakeFunction([])]);
    makePolicies(choices, specs, view.context, new RandomStreams(1)).evict.victim(view, 1);
  };

  test("where the text is no program", async () => {
    await expect(ask("const a = 1;\nconst b = ;\n")).rejects.toThrow(
      /fault\.ts: cannot be loaded: Unexpected ";", at .*fault\.ts:2$/,
    );
  });
  test("where the module throws when it is loaded", async () => {
    await expect(ask("const a: number = 1;\n\nnull.x;\n")).rejects.toThrow(/, at .*fault\.ts:3$/);
  });
  test("where a method throws", async () => {
    await expect(ask(spec("victim: (view) => view.x.y"))).rejects.toThrow(
      /^policy evict=mine: victim threw: TypeError: .*, at .*fault\.ts:5$/,
    );
  });
  test("where the method begins that answers wrongly", async () => {
    await expect(ask(spec("// line 5\n\n    victim: () => 3,"))).rejects.toThrow(
      /^policy evict=mine: victim: answered 3, .*, at .*fault\.ts:7$/,
    );
  });
  test("where `create` throws", async () => {
    const text = spec("").replace(
      "create: () => ({",
      "create: () => {\n    null.x;\n  },\n  x: () => ({",
    );
    await expect(ask(text)).rejects.toThrow(/create threw: .*, at .*fault\.ts:5$/);
  });
});

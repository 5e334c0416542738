import { describe, expect, test } from "vitest";
import { InputError } from "../../src/basics/errors.js";
import { RandomStreams } from "../../src/basics/random.js";
import { FAMILIES } from "../../src/contract/policy.js";
import type { PolicyChoices } from "../../src/policies/choice.js";
import {
  choiceFromData,
  choiceToData,
  parseChoice,
  parseOverride,
} from "../../src/policies/parse.js";
import { PRESETS } from "../../src/policies/presets.js";
import { BUILT_IN_POLICIES, makePolicies } from "../../src/policies/registry.js";
import { FakeView, fakeFunction, fakePackage } from "./fake-view.js";

const parse = (text: string) => parseOverride(text, BUILT_IN_POLICIES, "--set");

describe("a choice as text", () => {
  test("parameters left out have their defaults; units are read into microseconds and bytes", () => {
    expect(parse("keep-alive=fixed:pauseAfter=2s,reset=false")).toEqual({
      family: "keep-alive",
      name: "fixed",
      parameters: { keep: 600_000_000, pauseAfter: 2_000_000, reset: false },
    });
    expect(parse("evict=gdsf:reserve=1GiB").parameters).toMatchObject({ reserve: 1024 ** 3 });
  });

  test("a path may contain = and :", () => {
    const { tree } = parse("zygote=openlambda:tree=/a:b=c.json").parameters;
    expect(tree).toBe("/a:b=c.json");
  });

  test.each([
    [
      "zygotes=sock",
      /^--set: "zygotes=sock" is not family=policy, with family one of zygote, evict/,
    ],
    ["zygote", /is not family=policy/],
    ["evict=newest", /^--set: no evict policy is called "newest", expected one of lru, gdsf, sock/],
    ["zygote=forklift:node=3", /zygote=forklift has no parameter "node", expected one of nodes,/],
    ["evict=lru:a=1", /evict=lru has no parameter "a", it has none/],
    ["zygote=forklift:nodes", /"nodes" is not key=value in zygote=forklift:nodes/],
    ["zygote=forklift:nodes=1,nodes=2", /nodes is given twice/],
    ["zygote=forklift:nodes=many", /^--set: nodes: "many" is not a number from 1 to 1000/],
    ["zygote=forklift:nodes=0", /"0" is not a number from 1 to 1000 \(Zygotes/],
    ["zygote=forklift:nodes=", /"" is not a number/],
    ["zygote=forklift:weights=mass", /weights: "mass" is not one of import, uniform/],
    ["zygote=forklift:multi=yes", /multi: "yes" is not true or false/],
    ["zygote=openlambda:tree=", /tree: the path is empty/],
    ["keep-alive=fixed:keep=10", /^--set: keep: "10" is not a number with a unit/],
    ["keep-alive=fixed:keep=-1s", /keep: "-1s" is not a number with a unit/],
  ])("%s is refused in one line", (text, message) => {
    expect(() => parse(text)).toThrow(InputError);
    expect(() => parse(text)).toThrow(message);
  });
});

describe("a choice as data", () => {
  test("survives JSON, unlimited included", () => {
    const choice = parse("keep-alive=fixed:keep=unlimited");
    const data = JSON.parse(JSON.stringify(choiceToData(choice)));
    expect(data.parameters).toEqual({ keep: null, pauseAfter: null, reset: true });
    expect(choiceFromData("keep-alive", data, BUILT_IN_POLICIES, "j")).toEqual(choice);
  });

  test.each([
    [
      { name: "forklift", parameters: { nodes: "many" } },
      /^run\.journal: nodes is many, expected a number/,
    ],
    [{ name: "forklift", parameters: { nodes: 0 } }, /"0" is not a number from 1/],
    [{ name: "forklift", parameters: { x: 1 } }, /no parameter "x"/],
    [{ name: "none2", parameters: {} }, /no zygote policy is called "none2"/],
  ])("%o is refused with the file", (data, message) => {
    const read = () => choiceFromData("zygote", data, BUILT_IN_POLICIES, "run.journal");
    expect(read).toThrow(message);
  });
});

const choicesOf = (preset: (typeof PRESETS)[number]): PolicyChoices =>
  Object.fromEntries(
    FAMILIES.map((family) => [
      family,
      parseChoice(family, preset.choices[family], BUILT_IN_POLICIES, preset.name),
    ]),
  ) as PolicyChoices;

test.each(PRESETS)("the preset $name makes one policy of each family", (preset) => {
  const view = new FakeView([fakeFunction([0])], [fakePackage("p")]);
  const streams = new RandomStreams(1);
  const policies = makePolicies(choicesOf(preset), BUILT_IN_POLICIES, view.context, streams);
  expect(Object.keys(policies).sort()).toEqual([...FAMILIES].sort());
});

test("without packages, the refusal of a policy that needs them names those that do not", () => {
  const view = new FakeView([fakeFunction([])]);
  const choices = choicesOf(PRESETS.find(({ name }) => name === "sock")!);
  const make = () => makePolicies(choices, BUILT_IN_POLICIES, view.context, new RandomStreams(1));
  expect(make).toThrow(InputError);
  expect(make).toThrow(
    /zygote=sock needs functions with packages, .*: use --set zygote=none or zygote=root, or join packages/,
  );
});

test("names are unique within a family, and every policy names its source", () => {
  const names = BUILT_IN_POLICIES.map(({ family, name }) => `${family}=${name}`);
  expect(new Set(names).size).toBe(names.length);
  for (const { source, summary } of BUILT_IN_POLICIES) {
    expect(source.length).toBeGreaterThan(10);
    expect(summary).toMatch(/\.$/);
  }
});

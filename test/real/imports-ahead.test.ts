import { describe, expect, test } from "vitest";
import { PackageSet } from "../../src/contract/package-set.js";
import type { FunctionProfile } from "../../src/contract/workload.js";
import { ImportsAhead } from "../../src/real/imports-ahead.js";

const NAMES = ["alpha", "beta", "gamma"];

/** Functions that require these packages of NAMES each. */
function aheadOf(...closures: readonly (readonly number[])[]): ImportsAhead {
  const functions = closures.map((ids): FunctionProfile => {
    const closure = new PackageSet(ids);
    return { name: "f", app: 0, memoryBytes: 1, requirements: closure, closure, weight: 1 };
  });
  return new ImportsAhead(functions, {
    keyOf: (id) => `${NAMES[id]}==1`,
    topLevelOf: (id) => [NAMES[id]],
  });
}

const named = (...modules: string[]) => ({ modules, learns: true });

describe("a Zygote imports", () => {
  test("what functions with its packages name of these packages, in their order", () => {
    const ahead = aheadOf([0, 1], [0, 2]);
    ahead.add(0, named("beta.x", "alpha.b", "alpha:a"));
    ahead.add(1, named("alpha.c", "gamma"));
    expect(ahead.modulesFor([0])).toEqual(["alpha.b", "alpha:a", "alpha.c"]);
    expect(ahead.modulesFor([0, 1])).toEqual(["beta.x", "alpha.b", "alpha:a"]);
  });

  test("nothing of packages that it lacks, whatever a function says that it has seen", () => {
    const ahead = aheadOf([0, 1]);
    ahead.add(0, named("alpha"));
    ahead.learn(0, ["beta==1 beta.evil", " os.evil", "alpha==1 alpha.z", "../x y", "alpha==1 a;b"]);
    expect(ahead.modulesFor([0])).toEqual(["alpha", "alpha.z"]);
  });

  test("modules of the standard library only if it has exactly the function's packages", () => {
    const ahead = aheadOf([0, 1]);
    ahead.add(0, named("asyncio", "alpha"));
    ahead.learn(0, [" ssl"]);
    expect(ahead.modulesFor([0])).toEqual(["alpha"]);
    expect(ahead.modulesFor([1, 0])).toEqual(["asyncio", "alpha", "ssl"]);
  });

  test("nothing without packages, since all functions share the base Zygote", () => {
    const ahead = aheadOf([]);
    ahead.add(0, named("asyncio"));
    expect(ahead.modulesFor([])).toEqual([]);
  });

  test("its packages themselves if no function's imports are known there", () => {
    const ahead = aheadOf([0]);
    expect(ahead.modulesFor([0, 2])).toEqual(["alpha", "gamma"]);
    ahead.add(0, named("alpha.b"));
    ahead.remove(0);
    expect(ahead.modulesFor([0])).toEqual(["alpha"]);
  });
});

test("a function is watched at three starts, unless its code changes what imports find", () => {
  const ahead = aheadOf([0], [0]);
  ahead.add(0, named());
  ahead.add(1, { modules: ["alpha"], learns: false });
  expect([1, 2, 3, 4].map(() => ahead.watches(0))).toEqual([true, true, true, false]);
  expect(ahead.watches(1)).toBe(false);
});

test("packages whose Zygotes are unfit lose what was seen, then what is named, then are refused", () => {
  const ahead = aheadOf([0, 1]);
  ahead.add(0, named("alpha.b"));
  ahead.learn(0, ["alpha==1 alpha.c"]);
  expect(ahead.modulesFor([0])).toEqual(["alpha.b", "alpha.c"]);
  expect(ahead.distrust([0])).toBe(true);
  expect(ahead.modulesFor([0])).toEqual(["alpha.b"]);
  expect(ahead.distrust([0])).toBe(true);
  expect(ahead.modulesFor([0])).toEqual(["alpha"]);
  expect(ahead.distrust([0])).toBe(false);
  expect(ahead.modulesFor([1])).toEqual(["beta"]);
});

import { describe, expect, test } from "vitest";
import { InputError } from "../../src/basics/errors.js";
import { expandList } from "../../src/cli/options/sweep-axis.js";
import { expandSet } from "../../src/cli/options/sweep-set.js";
import { expandGrid, readGrid } from "../../src/cli/sweep-grid.js";

describe("a list of values", () => {
  const expand = (text: string) => expandList(text, "--option");

  test("contains values and ranges, which add or multiply, and include the end if a step reaches it", () => {
    expect(expand("sock,forklift")).toEqual(["sock", "forklift"]);
    expect(expand("1..5")).toEqual(["1", "2", "3", "4", "5"]);
    expect(expand("1..10:+4")).toEqual(["1", "5", "9"]);
    expect(expand("1GiB..64GiB:x2")).toHaveLength(7);
    expect(expand("1GiB..6GiB:x2,unlimited")).toEqual(["1GiB", "2GiB", "4GiB", "unlimited"]);
    expect(expand("0.1..0.5:+0.1")).toEqual(["0.1", "0.2", "0.3", "0.4", "0.5"]);
    expect(expand("7..7")).toEqual(["7"]);
  });

  test("of sizes or times in different units is expanded in bytes or microseconds", () => {
    expect(expand("512MiB..1GiB:x2")).toEqual(["536870912B", "1073741824B"]);
    expect(expand("1GiB..2GiB:+512MiB")).toHaveLength(3);
    expect(expand("30s..1m:x2")).toEqual(["30000000us", "60000000us"]);
  });

  test("leaves a path with dots unchanged", () => {
    expect(expand("../policies/mine.ts,./a..b.js")).toEqual(["../policies/mine.ts", "./a..b.js"]);
  });

  test("that has no meaning is an error", () => {
    const wrong = ["1,,2", "", "5..1", "1..5:x1", "1..5:+0", "1GiB..4GiB", "0..8:x2"];
    for (const text of wrong) {
      expect(() => expand(text), text).toThrow(InputError);
    }
    expect(() => expand("1..1000000")).toThrow("more than 10000 values");
  });
});

test("an axis that changes no result of the grid is refused, and the error names it", () => {
  expect(() => readGrid({ network: "host,none" })).toThrow("--network: no simulated result");
  expect(() => readGrid({ spares: "0..2" })).toThrow("--spares");
  expect(readGrid({ backend: "sim,real", network: "host,none" }).get("network")).toHaveLength(2);
  expect(() => readGrid({ backend: "real", state: "/a,/b" })).toThrow(
    "--state: the folder of a real run",
  );
  expect(readGrid({ state: "/a", network: "none" }).get("network")).toEqual(["none"]);
});

test("a change lists policies before its first colon, and values of parameters after it", () => {
  const expand = (text: string) => expandSet(text, "--set");
  expect(expand("zygote=none,sock")).toEqual(["zygote=none", "zygote=sock"]);
  expect(expand("zygote=none,forklift:nodes=20,40,variant=v3")).toEqual([
    "zygote=none",
    "zygote=forklift:nodes=20,variant=v3",
    "zygote=forklift:nodes=40,variant=v3",
  ]);
  expect(expand("keep-alive=fixed:keep=1m..4m:x2,pauseAfter=0,1s")).toHaveLength(6);
});

describe("a grid", () => {
  test("is the product of its axes, and memory varies fastest", () => {
    const grid = readGrid({ policy: "sock,openwhisk", memory: "1GiB,2GiB", seed: "1..3" });
    const points = expandGrid(grid, "trace");
    expect(points).toHaveLength(12);
    expect(points.slice(0, 3).map(({ varying }) => varying)).toEqual([
      { seed: "1", policy: "sock", memory: "1GiB" },
      { seed: "1", policy: "sock", memory: "2GiB" },
      { seed: "1", policy: "openwhisk", memory: "1GiB" },
    ]);
    expect(points[3].settings).toMatchObject({ policy: "openwhisk", memoryBytes: 2 * 1024 ** 3 });
  });

  test("has the defaults of `run` if nothing is given", () => {
    const [point, ...others] = expandGrid(readGrid({}), "trace");
    expect(others).toEqual([]);
    expect(point).toMatchObject({
      varying: {},
      settings: { trace: "trace", policy: "sock", set: [], seed: 1, memoryBytes: 8 * 1024 ** 3 },
    });
  });

  test("treats changes of one family as alternatives, and combines changes of two families", () => {
    const set = ["zygote=none", "zygote=forklift:nodes=20,40", "dispatch=mru,lru"];
    const points = expandGrid(readGrid({ set }), "trace");
    expect(points).toHaveLength(6);
    expect(points[0].settings.set).toEqual(["zygote=none", "dispatch=mru"]);
    expect(points[5].settings.set).toEqual(["zygote=forklift:nodes=40", "dispatch=lru"]);
  });

  test("refuses values that no run takes, and more than 100,000 runs", () => {
    expect(() => expandGrid(readGrid({ memory: "1GiB,2Gib" }), "trace")).toThrow("--memory");
    const huge = readGrid({ seed: "1..1000", cores: "1..1000" });
    expect(() => expandGrid(huge, "trace")).toThrow("more than 100000 runs");
  });
});

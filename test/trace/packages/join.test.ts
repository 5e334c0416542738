import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RandomStreams } from "../../../src/basics/random.js";
import { containerBytes } from "../../../src/contract/footprint.js";
import type { FunctionProfile, Package } from "../../../src/contract/workload.js";
import { footprintOf } from "../../../src/sim/costs/costs.js";
import { generateCatalogue } from "../../../src/trace/generate/generate-catalogue.js";
import { readCatalogue } from "../../../src/trace/packages/catalogue.js";
import { joinPackages } from "../../../src/trace/packages/join.js";
import type { PackageCatalogue } from "../../../src/trace/packages/package-catalogue.js";
import { closeOverDependencies } from "../../../src/trace/packages/requirements.js";
import type { Trace, TraceFunction } from "../../../src/trace/trace.js";
import { SHIPPED_COSTS } from "../../engine/harness.js";
import { DATA_ABSENT, DATA_FOLDER } from "../cuts.js";

const MIB = 1024 ** 2;
const INTERPRETER_BYTES = 4 * MIB;
const OPTIONS = {
  placement: "poisson",
  runTimes: "trace",
  interpreterBytes: INTERPRETER_BYTES,
} as const;

function functionOf(name: string, changes: Partial<TraceFunction> = {}): TraceFunction {
  return {
    name,
    app: `app-of-${name}`,
    trigger: "http",
    memoryBytes: undefined,
    runTimes: undefined,
    requirements: undefined,
    invocations: undefined,
    ...changes,
  };
}

function traceOf(functions: readonly TraceFunction[]): Trace {
  return {
    path: "traces/some",
    format: "test",
    functions,
    spanUs: 1,
    expectedInvocations: undefined,
    arrivals: () => ({ next: () => null }),
  };
}

/** A catalogue from `name==version` and the dependencies of each. Each package has 1 MiB. */
function catalogueOf(
  packages: readonly (readonly [string, readonly number[]])[],
): PackageCatalogue {
  return {
    source: "test",
    requirementSets: [],
    packages: packages.map(([key, dependencies]): Package => {
      const [name, version] = key.split("==");
      return {
        name,
        version,
        dependencies,
        installUs: 1,
        downloadBytes: 1,
        diskBytes: 1,
        importUs: 1,
        memoryBytes: MIB,
        popularity: 1,
      };
    }),
  };
}

function joined(functions: readonly TraceFunction[], catalogue?: PackageCatalogue, seed = 1) {
  return joinPackages(traceOf(functions), catalogue, new RandomStreams(seed), OPTIONS).functions;
}

function packagesOf({ requirements, closure }: FunctionProfile) {
  return [[...requirements.ids], [...closure.ids]];
}

const NAMES = Array.from({ length: 200 }, (_, at) => functionOf(`f${at}`));

describe("closures", () => {
  it("end where dependencies form a cycle", () => {
    const catalogue = catalogueOf([
      ["a==1", [1]],
      ["b==1", [2]],
      ["c==1", [0]],
    ]);
    expect([...closeOverDependencies(catalogue, [1]).ids]).toEqual([0, 1, 2]);
  });

  it("keep the version that is named first: direct before dependencies, near before far", () => {
    const catalogue = catalogueOf([
      ["numpy==1", []],
      ["numpy==2", []],
      ["pandas==1", [1]],
      ["plots==1", [4]],
      ["deep==1", [0]],
    ]);
    const closure = (...direct: number[]) => [...closeOverDependencies(catalogue, direct).ids];
    expect(closure(2)).toEqual([1, 2]);
    expect(closure(2, 0)).toEqual([0, 2]); // numpy==1 is named directly
    expect(closure(3, 2)).toEqual([1, 2, 3, 4]); // numpy==2 is one step away, numpy==1 two
  });

  it("contain the requirements, all that they depend on, and one version per name", () => {
    const catalogueOfAny = fc.integer({ min: 1, max: 25 }).chain((size) =>
      fc.array(fc.tuple(fc.nat(9), fc.array(fc.nat(size - 1), { maxLength: 4 })), {
        minLength: size,
        maxLength: size,
      }),
    );
    fc.assert(
      fc.property(catalogueOfAny, fc.nat(), (entries, seed) => {
        const catalogue = catalogueOf(
          entries.map(([name, dependencies], version) => [`p${name}==${version}`, dependencies]),
        );
        for (const { requirements, closure } of joined(NAMES.slice(0, 5), catalogue, seed)) {
          expect(requirements.size).toBeGreaterThan(0);
          expect(requirements.isSubsetOf(closure)).toBe(true);
          const names = Array.from(closure.ids, (id) => catalogue.packages[id].name);
          expect(new Set(names).size).toBe(names.length);
          for (const id of closure.ids) {
            for (const dependency of catalogue.packages[id].dependencies) {
              expect(names).toContain(catalogue.packages[dependency].name);
            }
          }
        }
      }),
    );
  });
});

describe("a join", () => {
  const catalogue = generateCatalogue(120, new RandomStreams(1));

  it("gives the same packages and memory for the same seed, and different ones for another seed", () => {
    expect(joined(NAMES, catalogue, 7)).toEqual(joined(NAMES, catalogue, 7));
    expect(joined(NAMES, catalogue, 7)).not.toEqual(joined(NAMES, catalogue, 8));
  });

  it("gives a function the same packages with any other functions in the cut, in any order", () => {
    const all = new Map(joined(NAMES, catalogue).map((each) => [each.name, each]));
    const kept = NAMES.filter((_, at) => at % 3 === 1).reverse();
    for (const each of joined(kept, catalogue)) {
      const before = all.get(each.name)!;
      expect(packagesOf(each)).toEqual(packagesOf(before));
      expect(each.memoryBytes).toBe(before.memoryBytes);
    }
  });

  it("gives a function the same packages for any number of invocations", () => {
    const busy = NAMES.map((each) => ({ ...each, invocations: 1_000_000 }));
    expect(joined(busy, catalogue).map(packagesOf)).toEqual(
      joined(NAMES, catalogue).map(packagesOf),
    );
  });

  it("keeps the requirements that a trace names, and closes over them", () => {
    const known = catalogueOf([
      ["a==1", []],
      ["b==1", [0]],
    ]);
    const [some, none] = joined(
      [functionOf("f", { requirements: ["b==1"] }), functionOf("g", { requirements: [] })],
      known,
    );
    expect(packagesOf(some)).toEqual([[1], [0, 1]]);
    expect(packagesOf(none)).toEqual([[], []]);
  });

  it("refuses a package that the catalogue lacks, naming trace, function and package", () => {
    const functions = [functionOf("f", { requirements: ["zeta==9"] })];
    expect(() => joined(functions, catalogue)).toThrow(
      /^traces\/some: function f requires zeta==9, which the catalogue \(.*\) lacks/,
    );
  });

  it("refuses two versions of a package in one function", () => {
    const known = catalogueOf([
      ["a==1", []],
      ["a==2", []],
    ]);
    const functions = [functionOf("f", { requirements: ["a==1", "a==2"] })];
    expect(() => joined(functions, known)).toThrow("traces/some: function f requires a twice");
  });

  it("without a catalogue leaves every closure empty, even if the trace names requirements", () => {
    const functions = [functionOf("f"), functionOf("g", { requirements: ["zeta==9"] })];
    expect(joined(functions).map(packagesOf)).toEqual([
      [[], []],
      [[], []],
    ]);
  });

  it("uses the trace's memory, but at least that of an interpreter, 1 MiB and the closure's", () => {
    const known = catalogueOf([
      ["a==1", []],
      ["b==1", [0]],
    ]);
    const requirements = ["b==1"];
    const [small, large] = joined(
      [
        functionOf("f", { requirements, memoryBytes: 1 }),
        functionOf("g", { requirements, memoryBytes: 99 * MIB }),
      ],
      known,
    );
    expect(small.memoryBytes).toBe(INTERPRETER_BYTES + (1 + 2) * MIB);
    expect(large.memoryBytes).toBe(99 * MIB);
  });

  it("makes the least function as small as measured: forked from the root, 1 MiB and 0.75 MiB that a fork dirties", () => {
    const footprint = footprintOf(SHIPPED_COSTS);
    const { interpreterBytes, forkPrivateBytes } = footprint;
    const trace = traceOf([functionOf("f", { memoryBytes: 1 })]);
    const options = { ...OPTIONS, interpreterBytes };
    const [least] = joinPackages(trace, undefined, new RandomStreams(1), options).functions;
    // The root Zygote has the interpreter, 4.2 MB; what the container does not inherit is its own.
    expect(interpreterBytes).toBeCloseTo(4.2e6, -5);
    expect(containerBytes(least, interpreterBytes, footprint)).toBe(MIB + forkPrivateBytes);
    expect(forkPrivateBytes / MIB).toBeCloseTo(0.75, 2);
  });

  it("draws missing memory once per application, near Azure's quantiles", () => {
    const [one, two] = joined([functionOf("f", { app: "a" }), functionOf("g", { app: "a" })]);
    expect(one.memoryBytes).toBe(two.memoryBytes);
    const many = Array.from({ length: 4_000 }, (_, at) => functionOf(`f${at}`));
    const megabytes = joined(many)
      .map(({ memoryBytes }) => memoryBytes / 1e6)
      .sort((a, b) => a - b);
    // Azure, day 1: p25 120, p50 142, p75 187 MB; the fit itself gives 125.6, 140.4, 175.9.
    expect(Math.abs(megabytes[1_000] / 120 - 1)).toBeLessThan(0.08);
    expect(Math.abs(megabytes[2_000] / 142 - 1)).toBeLessThan(0.08);
    expect(Math.abs(megabytes[3_000] / 187 - 1)).toBeLessThan(0.08);
  });

  it("numbers applications by first appearance, and weights functions by invocations, or by 1 if these are unknown", () => {
    const functions = joined([
      functionOf("f", { app: "x", invocations: 5 }),
      functionOf("g", { app: "y" }),
      functionOf("h", { app: "x", invocations: 0 }),
    ]);
    expect(functions.map(({ app }) => app)).toEqual([0, 1, 0]);
    expect(functions.map(({ weight }) => weight)).toEqual([5, 1, 0]);
  });

  it("draws observed requirement sets by their weights if the catalogue has them", () => {
    const known: PackageCatalogue = {
      ...catalogueOf([
        ["a==1", []],
        ["b==1", [0]],
      ]),
      requirementSets: [
        { direct: [0], closure: undefined, weight: 3 },
        { direct: [1], closure: [1], weight: 1 },
      ],
    };
    const many = Array.from({ length: 4_000 }, (_, at) => functionOf(`f${at}`));
    const closures = joined(many, known).map((each) => packagesOf(each).join("|"));
    expect(new Set(closures)).toEqual(new Set(["0|0", "1|1"]));
    // Binomial(4000, 3/4): one standard deviation is sqrt(.75 * .25 / 4000) = .0068.
    const share = closures.filter((each) => each === "0|0").length / closures.length;
    expect(Math.abs(share - 0.75)).toBeLessThan(4 * 0.0068);
  });
});

describe.skipIf(DATA_ABSENT)("a join with ReqBench (skipped without ../shared/data)", () => {
  it("draws closures like those of ReqBench's distinct functions: p50 8, mean 13.3", async () => {
    const catalogue = await readCatalogue(join(DATA_FOLDER, "packages/packages.json.gz"));
    const many = Array.from({ length: 5_000 }, (_, at) => functionOf(`f${at}`));
    const functions = joined(many, catalogue);
    const sizes = functions.map(({ closure }) => closure.size).sort((a, b) => a - b);
    expect(functions.every((each) => each.requirements.isSubsetOf(each.closure))).toBe(true);
    expect(Math.abs(sizes[2_500] - 8)).toBeLessThanOrEqual(1);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(Math.abs(mean - 13.3)).toBeLessThan(1);
  });
});

import { fileURLToPath } from "node:url";
import { RandomStreams } from "../../basics/random.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import type { PackageId } from "../../contract/package-set.js";
import type { FunctionId, FunctionProfile } from "../../contract/workload.js";
import { AliasTable } from "../../trace/distributions/distributions.js";
import { readCatalogue } from "../../trace/packages/catalogue.js";
import type { PackageCatalogue } from "../../trace/packages/package-catalogue.js";
import { RequirementDraw } from "../../trace/packages/requirements.js";

/** The package catalogue that ships with socklab. */
export const CATALOGUE_PATH: string = fileURLToPath(
  new URL("../../../traces/catalogue.json.gz", import.meta.url),
);

/** Functions with invented packages, and the popularity of each. */
export interface SkewedFunctions {
  readonly catalogue: PackageCatalogue;
  readonly functions: readonly FunctionProfile[];
  /** Packages that some function needs, in ascending order. */
  readonly needed: readonly PackageId[];
  /** Starts a sequence of functions to invoke. Each call starts the same sequence again. */
  draw(): () => FunctionId;
}

/**
 * Limit on a function's packages. pip runs once per package, so with more packages the
 * configuration without an install cache would hardly answer.
 */
const MOST_PACKAGES = 5;
const INTERPRETER_BYTES = 13 * BYTES_PER_MIB;
const HANDLER_BYTES = BYTES_PER_MIB;

/**
 * Draws `count` functions by a seed. The popularity of the k-th one is proportional to 1 / k
 * (Zipf).
 */
export async function skewedFunctions(count: number, seed: number): Promise<SkewedFunctions> {
  const catalogue = await readCatalogue(CATALOGUE_PATH);
  const streams = new RandomStreams(seed);
  const requirements = new RequirementDraw(catalogue);
  const random = streams.get("bench/requirements");
  const functions = Array.from({ length: count }, (_, rank): FunctionProfile => {
    let drawn = requirements.draw(random);
    while (drawn.closure.size > MOST_PACKAGES) drawn = requirements.draw(random);
    let memoryBytes = INTERPRETER_BYTES + HANDLER_BYTES;
    for (const id of drawn.closure.ids) memoryBytes += catalogue.packages[id].memoryBytes;
    return {
      name: `f${rank}`,
      app: rank,
      memoryBytes,
      requirements: drawn.direct,
      closure: drawn.closure,
      weight: 1 / (rank + 1),
    };
  });
  const table = new AliasTable(functions.map(({ weight }) => weight));
  const needed = new Set(functions.flatMap(({ closure }) => [...closure.ids]));
  return {
    catalogue,
    functions,
    needed: [...needed].sort((a, b) => a - b),
    draw: () => {
      const arrivals = new RandomStreams(seed).get("bench/arrivals");
      return () => table.draw(arrivals);
    },
  };
}

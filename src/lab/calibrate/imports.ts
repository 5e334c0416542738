import { NONE } from "../../basics/none.js";
import { ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import { NOTHING, type Stand } from "./stand.js";
import { costOf, robustLine } from "./summary.js";
import { LONG_IMPORT_US, SHORT_IMPORT_US } from "./workload.js";

const ZYGOTE = 1;
const CONTAINER = 0;
/** From here on a thousandth of the catalogue's time is not small against a package's fixed part. */
const SHORT_CLOSURE_US = 30_000;
/** Processes from nothing for each forked one. */
const FRESH_SHARE = 0.5;

interface Import {
  /** The catalogue's time, of all that is imported. */
  readonly statedUs: number;
  readonly us: number;
  readonly packages: number;
}

/**
 * Imports of packages: of one, in a process forked from a Zygote that has imported what it needs, and
 * of a package with all it needs, in a process from nothing.
 */
export async function measureImports(stand: Stand, samples: number): Promise<CostFindings> {
  const { importers, catalogue } = stand.workload;
  const forked: Import[] = [];
  const fresh: Import[] = [];
  const statedUs = (ids: Int32Array) =>
    ids.reduce((sum, id) => sum + catalogue.packages[id].importUs, 0);
  const measure = async (functionId: number, parent: number, missing: Int32Array) => {
    const { phaseUs } = await stand.container(CONTAINER, functionId, parent, missing);
    await stand.destroyContainer(CONTAINER);
    return { statedUs: statedUs(missing), us: phaseUs.import, packages: missing.length };
  };
  for (const { packageId, dependencies, functionId } of importers) {
    const parent = dependencies.length === 0 ? ROOT_ZYGOTE_ID : ZYGOTE;
    if (parent === ZYGOTE) await stand.zygote(ZYGOTE, ROOT_ZYGOTE_ID, dependencies);
    for (let sample = 0; sample < samples; sample++) {
      forked.push(await measure(functionId, parent, Int32Array.of(packageId)));
    }
    if (parent === ZYGOTE) await stand.destroyZygote(ZYGOTE);
    const closure = Int32Array.of(packageId, ...dependencies);
    if (statedUs(closure) > SHORT_CLOSURE_US) continue;
    for (let sample = 0; sample < FRESH_SHARE * samples; sample++) {
      fresh.push(await measure(functionId, NONE, closure));
    }
  }
  return {
    costs: importCosts(forked, fresh),
    observed: { importOfNothing: await importOfNothing(stand, samples) },
  };
}

/** The fixed part from short imports in processes from nothing, the factor from long ones. */
function importCosts(forked: readonly Import[], fresh: readonly Import[]): CostFindings["costs"] {
  const line = robustLine(forked.map(({ statedUs, us }) => [statedUs, us]));
  const fixed = costOf(
    fresh.map(({ statedUs, us, packages }) => (us - line.slope * statedUs) / packages),
    "us",
    `phase import of a package and all it needs in a process from nothing, less the catalogue's time, for each package: closures up to ${SHORT_CLOSURE_US} us`,
  );
  const first = costOf(
    forked
      .filter(({ statedUs }) => statedUs <= SHORT_IMPORT_US)
      .map(({ statedUs, us }) => us - line.slope * statedUs - fixed.value),
    "us",
    `phase import of one package in a forked process, its dependencies imported, less importFixed and the catalogue's time: packages up to ${SHORT_IMPORT_US} us`,
  );
  return {
    importFixed: fixed,
    importFirst: first,
    importScale: costOf(
      forked
        .filter(({ statedUs }) => statedUs >= LONG_IMPORT_US)
        .map(({ statedUs, us }) => (us - first.value - fixed.value) / statedUs),
      "ratio",
      `phase import less importFirst and importFixed, over the catalogue's time: packages from ${LONG_IMPORT_US} us`,
    ),
  };
}

/** Phase import where nothing is to be imported. */
async function importOfNothing(stand: Stand, samples: number) {
  const values: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const parent = sample % 2 === 0 ? ROOT_ZYGOTE_ID : NONE;
    const { phaseUs } = await stand.container(CONTAINER, stand.workload.plain, parent, NOTHING);
    values.push(phaseUs.import);
    await stand.destroyContainer(CONTAINER);
  }
  return costOf(values, "us", "phase import of containers that import nothing");
}

import { NONE } from "../../basics/none.js";
import { ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import { NOTHING, type Stand } from "./stand.js";
import { costOf, robustLine } from "./summary.js";
import { LONG_IMPORT_US, SHORT_IMPORT_US } from "./workload.js";

const ZYGOTE = 1;
const CONTAINER = 0;
/**
 * Longest closure for which an error of a thousandth of the catalogue's time is small against the
 * fixed part of a package.
 */
const SHORT_CLOSURE_US = 30_000;
/** Processes that are started cold, per forked process. */
const FRESH_SHARE = 0.5;

interface Import {
  /** Import time of the imported packages according to the catalogue. */
  readonly statedUs: number;
  readonly us: number;
  readonly packages: number;
}

/**
 * Measures imports: of one package, in a process forked from a Zygote that has imported the
 * package's dependencies; and of a package with all its dependencies, in a process that is started
 * cold.
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

/**
 * The fixed part per package from short imports, and the factor on the catalogue's time from long
 * ones.
 */
function importCosts(forked: readonly Import[], fresh: readonly Import[]): CostFindings["costs"] {
  const line = robustLine(forked.map(({ statedUs, us }) => [statedUs, us]));
  const fixed = costOf(
    fresh.map(({ statedUs, us, packages }) => (us - line.slope * statedUs) / packages),
    "us",
    `phase import of a package and its dependencies in a process started cold, minus the catalogue's time, per package: closures up to ${SHORT_CLOSURE_US} us`,
  );
  const first = costOf(
    forked
      .filter(({ statedUs }) => statedUs <= SHORT_IMPORT_US)
      .map(({ statedUs, us }) => us - line.slope * statedUs - fixed.value),
    "us",
    `phase import of one package in a forked process, with its dependencies imported before, minus importFixed and the catalogue's time: packages up to ${SHORT_IMPORT_US} us`,
  );
  return {
    importFixed: fixed,
    importFirst: first,
    importScale: costOf(
      forked
        .filter(({ statedUs }) => statedUs >= LONG_IMPORT_US)
        .map(({ statedUs, us }) => (us - first.value - fixed.value) / statedUs),
      "ratio",
      `phase import minus importFirst and importFixed, divided by the catalogue's time: packages from ${LONG_IMPORT_US} us`,
    ),
  };
}

/** Measures the import phase of containers that import nothing. */
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

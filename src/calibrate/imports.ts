import { NONE } from "../engine/policy.js";
import { ROOT_ZYGOTE } from "./containers.js";
import type { Findings } from "./findings.js";
import { NOTHING, type Stand } from "./stand.js";
import { costOf, robustLine } from "./summary.js";
import { LONG_IMPORT_US, SHORT_IMPORT_US } from "./workload.js";

const ZYGOTE = 1;
const CONTAINER = 0;
interface Import {
  /** The catalogue's time. */
  readonly statedUs: number;
  readonly us: number;
}

/** Imports of packages, each in a fresh process forked from a Zygote that has imported what it needs. */
export async function measureImports(stand: Stand, samples: number): Promise<Findings> {
  const { importers, catalogue } = stand.workload;
  const imports: Import[] = [];
  for (const { packageId, dependencies, functionId } of importers) {
    const parent = dependencies.length === 0 ? ROOT_ZYGOTE : ZYGOTE;
    if (parent === ZYGOTE) await stand.zygote(ZYGOTE, ROOT_ZYGOTE, dependencies);
    const statedUs = catalogue.packages[packageId]!.importUs;
    for (let sample = 0; sample < samples; sample++) {
      const missing = Int32Array.of(packageId);
      const { phaseUs } = await stand.container(CONTAINER, functionId, parent, missing);
      imports.push({ statedUs, us: phaseUs.import });
      await stand.destroyContainer(CONTAINER);
    }
    if (parent === ZYGOTE) await stand.destroyZygote(ZYGOTE);
  }
  return {
    costs: importCosts(imports),
    observed: { importOfNothing: await importOfNothing(stand, samples) },
  };
}

/** The fixed part from short imports, the factor from long ones. */
function importCosts(imports: readonly Import[]): Findings["costs"] {
  const line = robustLine(imports.map(({ statedUs, us }) => [statedUs, us]));
  const short = imports.filter(({ statedUs }) => statedUs <= SHORT_IMPORT_US);
  const long = imports.filter(({ statedUs }) => statedUs >= LONG_IMPORT_US);
  const fixed = costOf(
    short.map(({ statedUs, us }) => us - line.slope * statedUs),
    "us",
    `phase import of one package with its dependencies imported, less the catalogue's time: packages up to ${SHORT_IMPORT_US} us`,
  );
  return {
    importFixed: fixed,
    importScale: costOf(
      long.map(({ statedUs, us }) => (us - fixed.value) / statedUs),
      "ratio",
      `phase import less importFixed, over the catalogue's time: packages from ${LONG_IMPORT_US} us`,
    ),
  };
}

/** Phase import where nothing is to be imported. */
async function importOfNothing(stand: Stand, samples: number) {
  const values: number[] = [];
  for (let sample = 0; sample < samples; sample++) {
    const parent = sample % 2 === 0 ? ROOT_ZYGOTE : NONE;
    const { phaseUs } = await stand.container(CONTAINER, stand.workload.plain, parent, NOTHING);
    values.push(phaseUs.import);
    await stand.destroyContainer(CONTAINER);
  }
  return costOf(values, "us", "phase import of containers that import nothing");
}

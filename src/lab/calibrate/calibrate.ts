import type { Stage } from "../../basics/stage.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import type { Catalogue } from "../../contract/workload.js";
import { usualInstallsAtOnce } from "../../real/open-state.js";
import type { CostName, Costs } from "../../sim/costs/costs.js";
import { measureForked, measureFresh, measureKeepers, ROOT_ZYGOTE_ID } from "./containers.js";
import { measureBurns, measureCreations } from "./contention.js";
import type { CostFindings } from "./findings.js";
import { measureImports } from "./imports.js";
import { measureInstalls, measureWrites } from "./installs.js";
import { measureOtherLoad } from "./other-load.js";
import { measureRuns } from "./runs.js";
import { Stand } from "./stand.js";
import { constantCost, shifted } from "./summary.js";
import { measureUnpooled } from "./unpooled.js";
import { calibrationWorkload } from "./workload.js";
import { measureRoots, measureTrees } from "./zygotes.js";

export interface CalibrationSetup {
  readonly catalogue: Catalogue;
  readonly stateFolder: string;
  /** Python of the functions; undefined: the usual one. */
  readonly python: string | undefined;
  readonly cores: number;
  /**
   * Number of forked containers that are measured from creation to end. Other measurements use a
   * share of it.
   */
  readonly samples: number;
  /** Costs that are used if the calibration does not measure them. */
  readonly assumed: Costs;
  /** Called before each operation. It throws to end the calibration. */
  checkStop(): void;
  /** Called when a family of measurements begins. */
  onStage(stage: Stage): void;
}

export interface Calibration {
  readonly costs: Pick<Costs, "costs" | "contention" | "correlation" | "observed">;
  readonly python: string;
}

/**
 * Measures this machine's operations as the engine sees them, and releases everything at the end.
 * Errors: those of `openState`; MachineError if an operation fails.
 */
export async function calibrate(setup: CalibrationSetup): Promise<Calibration> {
  const stand = await Stand.open({
    workload: calibrationWorkload(setup.catalogue),
    stateFolder: setup.stateFolder,
    python: setup.python,
    cpuDemand: setup.assumed.costs.runCpuDemand.value,
    checkStop: setup.checkStop,
  });
  try {
    return { costs: assemble(await measureAll(stand, setup), setup), python: stand.python };
  } finally {
    await stand.close();
  }
}

/**
 * Measures all families of costs in the order of their dependencies: installs first, and last the
 * family that restarts the backend.
 */
async function measureAll(stand: Stand, setup: CalibrationSetup): Promise<CostFindings> {
  const { samples, cores, onStage } = setup;
  const some = Math.max(3, Math.round(samples / 10));
  const all: CostFindings[] = [];
  const found = (name: CostName) => merged(all).costs[name]!.value;
  const families: readonly (readonly [name: string, measure: () => Promise<CostFindings>])[] = [
    ["other work on the machine", measureOtherLoad],
    ["disk", () => measureWrites(stand.packagesFolder)],
    [
      "installs",
      () => measureInstalls(stand, cores, usualInstallsAtOnce(cores), found("diskBandwidth")),
    ],
    ["root Zygotes", () => measureRoots(stand, 2 * some)],
    [
      "forked containers",
      async () => {
        await stand.zygote(ROOT_ZYGOTE_ID);
        return measureForked(stand, samples);
      },
    ],
    ["fresh containers", () => measureFresh(stand, 3 * some)],
    ["long runs", () => measureRuns(stand, some, found("runFixed"))],
    ["memory", () => measureKeepers(stand, some)],
    ["Zygotes", () => measureTrees(stand, some)],
    ["imports", () => measureImports(stand, some)],
    ["cores", () => measureBurns(stand, some, cores)],
    ["creations at once", () => measureCreations(stand, some, cores)],
    [
      "containers without a pool",
      async () => {
        await stand.destroyZygote(ROOT_ZYGOTE_ID);
        return measureUnpooled(stand, 3 * some);
      },
    ],
  ];
  for (const [at, [name, measure]] of families.entries()) {
    onStage({ at: at + 1, of: families.length, name });
    all.push(await measure());
  }
  return merged(all);
}

function merged(all: readonly CostFindings[]): CostFindings {
  const correlation = all.find((each) => each.correlation !== undefined)?.correlation;
  return {
    costs: Object.assign({}, ...all.map(({ costs }) => costs)),
    observed: Object.assign({}, ...all.map(({ observed }) => observed)),
    contention: Object.assign({}, ...all.map(({ contention }) => contention)),
    ...(correlation === undefined ? {} : { correlation }),
  };
}

/** The measured costs, with the assumed cost of each operation that was not measured. */
function assemble(found: CostFindings, { assumed, cores }: CalibrationSetup): Calibration["costs"] {
  const { burn = [], creations = [] } = found.contention ?? {};
  const measured = { ...found.costs, ...forkFloors(found, assumed) };
  const costs = Object.fromEntries(
    Object.entries(assumed.costs).map(([name, cost]) => [name, measured[name as CostName] ?? cost]),
  ) as Costs["costs"];
  return {
    costs: {
      ...costs,
      installConcurrency: constantCost(
        usualInstallsAtOnce(cores),
        "count",
        "set: the number that a real run allows on this machine, two or one per core",
      ),
    },
    contention: { burn, creations },
    ...(found.correlation === undefined ? {} : { correlation: found.correlation }),
    ...(found.observed === undefined ? {} : { observed: found.observed }),
  };
}

/** The floor of a fork: the fork of a root Zygote minus the share of its interpreter's memory. */
function forkFloors({ costs }: CostFindings, assumed: Costs): CostFindings["costs"] {
  const interpreter = costs.interpreterMemory ?? assumed.costs.interpreterMemory;
  const perMib = costs.forkPerMib!.value;
  const interpreterUs = (perMib * interpreter.value) / BYTES_PER_MIB;
  const without = "minus forkPerMib times the interpreter's memory";
  return {
    forkFloor: shifted(costs.forkFloor!, -interpreterUs, without),
    zygoteForkFloor: shifted(costs.zygoteForkFloor!, -interpreterUs, without),
  };
}

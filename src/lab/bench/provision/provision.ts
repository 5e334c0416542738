import { INSTALL_UID } from "../../../real/host/guest-users.js";
import { findPackageTool } from "../../../real/packages/find-python.js";
import { parseIndex } from "../../../real/packages/package-tool.js";
import type { Bench, BenchContext, BenchOutcome } from "../bench.js";
import { choose } from "../choose.js";
import { BenchFindings } from "../findings.js";
import { downloadWheels, installWheels } from "../installed-packages.js";
import {
  inventedSets,
  inventedWarning,
  NOTHING_SET,
  POPULAR_SETS,
  wheelsIn,
} from "../package-sets.js";
import { measureDepth } from "./depth.js";
import type { ProvisionSetup } from "./setup.js";
import { measureStarts } from "./starts.js";
import { measureTechniques } from "./techniques.js";

const DEFAULT_SAMPLES = 150;

const PARTS: readonly {
  readonly name: string;
  readonly measure: (setup: ProvisionSetup, findings: BenchFindings) => Promise<void>;
}[] = [
  { name: "starts", measure: measureStarts },
  { name: "depth", measure: measureDepth },
  { name: "techniques", measure: measureTechniques },
];

/** Starts with packages: cold, from Zygotes, and with each technique left out. */
export const provisionBench: Bench = {
  name: "provision",
  summary: "starts of functions with packages, cold and from Zygotes; the effect of each technique",
  run,
};

async function run(context: BenchContext): Promise<BenchOutcome> {
  const parts = choose(PARTS, context.only);
  const of = parts.length + 1;
  context.onStage({ at: 1, of, name: "downloads and installs packages" });
  const { installed, sets, warnings } = await prepare(context);
  const findings = new BenchFindings();
  try {
    const samples = context.samples ?? DEFAULT_SAMPLES;
    for (const [at, { name, measure }] of parts.entries()) {
      context.onStage({ at: at + 2, of, name });
      await measure({ installed, sets, samples, context }, findings);
    }
  } finally {
    await installed.release();
  }
  return findings.outcome(warnings);
}

/** Installs real packages if the index has them, else invented ones. */
async function prepare(context: BenchContext) {
  const { folder, python, signal } = context;
  const wheels = wheelsIn(folder);
  const tool = await findPackageTool(python, INSTALL_UID);
  const index =
    context.index === undefined ? { kind: "default" as const } : parseIndex(context.index);
  const names = [...new Set(POPULAR_SETS.flatMap(({ packages }) => packages))];
  const warnings: string[] = [];
  let sets = POPULAR_SETS;
  try {
    await downloadWheels(wheels, tool.python, index, names, signal);
  } catch (error) {
    if (context.index !== undefined) throw error;
    warnings.push(inventedWarning(error));
    sets = await inventedSets(`${wheels}-invented`);
  }
  const from = warnings.length > 0 ? `${wheels}-invented` : wheels;
  const installed = await installWheels(from, folder, tool.python);
  return { installed, sets: [NOTHING_SET, ...sets], warnings };
}

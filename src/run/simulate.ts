import { assert } from "../basics/errors.js";
import type { RandomStreams } from "../basics/random.js";
import type { Costs } from "../sim/costs/costs.js";
import { SimBackend } from "../sim/sim-backend.js";
import { type RunParts, runOn } from "./on-backend.js";
import type { RunEnd } from "./run-end.js";

export interface Simulation extends RunParts {
  readonly costs: Costs;
  readonly streams: RandomStreams;
}

/** Runs a workload in virtual time, from its first arrival to the end of its span. */
export async function simulate(run: Simulation): Promise<RunEnd> {
  const { workload, config, costs, streams } = run;
  const { functions, catalogue } = workload;
  const { packages } = catalogue;
  const setup = { costs, cores: config.cores, packages, functions, streams };
  const end = await runOn(new SimBackend(setup), run);
  assert(end !== undefined, "a simulation ended that nothing stopped");
  return end;
}

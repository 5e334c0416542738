import { FAULTS } from "./faults.js";
import { killWorkers } from "./killed-worker.js";
import { type Plan, type Round, runRound } from "./round.js";
import { soak } from "./soak.js";

type RunRound = (plan: Plan) => Promise<Round>;

/** Functions that run a round of a fault, by the fault's name, in the order in which they run. */
export const RUNS: ReadonlyMap<string, RunRound> = new Map<string, RunRound>([
  ["soak", soak],
  ...FAULTS.map((fault) => [fault.name, (plan: Plan) => runRound(fault, plan)] as const),
  ["killed-worker", killWorkers],
]);

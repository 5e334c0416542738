import type { Backend } from "../engine/backend.js";
import type { EngineConfig } from "../engine/config.js";
import { drive } from "../engine/drive.js";
import { Engine } from "../engine/engine.js";
import { type JournalHeader, JournalWriter } from "../engine/journal.js";
import type { Observer } from "../engine/observer.js";
import type { Policies } from "../engine/policy.js";
import type { RandomStreams } from "../engine/random.js";
import { endOf, type RunEnd } from "../engine/run-end.js";
import type { Workload } from "../engine/workload.js";
import type { Costs } from "./costs.js";
import { SimBackend } from "./sim-backend.js";

export interface Simulation {
  readonly workload: Workload;
  readonly config: EngineConfig;
  readonly policies: Policies;
  readonly costs: Costs;
  readonly streams: RandomStreams;
  readonly observer: Observer;
  /** Where the journal's lines go; absent: none is written. */
  readonly journal?:
    | { readonly header: JournalHeader; readonly write: (text: string) => void }
    | undefined;
  /** Told the time reached, now and then; a promise it returns is waited for. */
  readonly onProgress?: ((nowUs: number) => Promise<void> | undefined) | undefined;
}

/** Runs a workload in virtual time, from its first arrival to the end of its span. */
export function simulate(run: Simulation): Promise<RunEnd> {
  const { workload, config, costs, streams } = run;
  const { functions, catalogue } = workload;
  const { packages } = catalogue;
  const setup = { costs, cores: config.cores, packages, functions, streams };
  return simulateOn(new SimBackend(setup), run);
}

/** The same on another backend of virtual time. */
export async function simulateOn(
  backend: Backend,
  run: Omit<Simulation, "costs" | "streams">,
): Promise<RunEnd> {
  const { workload, config, policies, observer } = run;
  const { functions, catalogue } = workload;
  const journal = run.journal && new JournalWriter(run.journal.header, backend, run.journal.write);
  const operations = journal ?? backend;
  const engine = new Engine({
    config,
    functions,
    packages: catalogue.packages,
    policies,
    operations,
    observer,
  });
  const arrivals = workload.arrivals();
  const endUs = await drive({
    engine,
    backend,
    arrivals,
    endUs: workload.spanUs,
    journal,
    onProgress: run.onProgress,
  });
  journal?.end(engine.digest);
  return endOf(engine, endUs);
}

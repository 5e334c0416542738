import type { EngineConfig } from "../../contract/config.js";
import type { Workload } from "../../contract/workload.js";
import {
  functionRow,
  futureRows,
  packageRow,
  trainedRows,
} from "../../run/journal/journal-rows.js";
import { JOURNAL_SCHEMA, type JournalHeader } from "../../run/journal/journal-writer.js";
import { finiteOrNull } from "./finite-or-null.js";
import type { ResolvedPolicies } from "./load-policy.js";
import type { KnownAhead } from "./policy-context.js";
import { findCommit, SOCKLAB_VERSION } from "./provenance.js";

/** What a journal records about a run in addition to its decisions. */
export interface JournalRun extends KnownAhead {
  readonly backend: string;
  readonly trace: string;
  readonly seed: number;
  readonly resolved: ResolvedPolicies;
  readonly config: EngineConfig;
}

/** Everything that a replay needs to make the engine of a run again. */
export function journalHeader(
  { backend, trace, seed, resolved, config, trained = {}, future }: JournalRun,
  { functions, catalogue }: Pick<Workload, "functions" | "catalogue">,
): JournalHeader {
  return {
    schema: JOURNAL_SCHEMA,
    version: SOCKLAB_VERSION,
    commit: findCommit(),
    backend,
    trace,
    seed,
    config: {
      memoryLimitBytes: finiteOrNull(config.memoryLimitBytes),
      diskLimitBytes: finiteOrNull(config.diskLimitBytes),
      cores: finiteOrNull(config.cores),
      runsPerCore: finiteOrNull(config.runsPerCore),
      creationsPerCore: finiteOrNull(config.creationsPerCore),
      creationsPerFunction: finiteOrNull(config.creationsPerFunction),
      queueLimit: finiteOrNull(config.queueLimit),
      queueTimeoutUs: finiteOrNull(config.queueTimeoutUs),
      footprint: config.footprint,
    },
    policies: resolved.choices,
    modules: resolved.modules,
    catalogueSource: catalogue.source,
    packages: catalogue.packages.map(packageRow),
    functions: functions.map(functionRow),
    ...(Object.keys(trained).length > 0 && { trained: trainedRows(trained) }),
    ...(future && { future: futureRows(future) }),
  };
}

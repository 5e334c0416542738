import type { EngineConfig } from "../engine/config.js";
import { JOURNAL_SCHEMA, type JournalHeader } from "../engine/journal.js";
import type { Workload } from "../engine/workload.js";
import { finiteOrNull } from "./finite-or-null.js";
import type { ResolvedPolicies } from "./load-policy.js";
import { findCommit, SOCKLAB_VERSION } from "./machine.js";
import type { RunSettings } from "./run-settings.js";

/** All a replay needs to make the engine of a run again. */
export function journalHeader(
  settings: RunSettings,
  resolved: ResolvedPolicies,
  config: EngineConfig,
  { functions, catalogue }: Workload,
): JournalHeader {
  return {
    schema: JOURNAL_SCHEMA,
    version: SOCKLAB_VERSION,
    commit: findCommit(),
    backend: settings.backend,
    trace: settings.trace,
    seed: settings.seed,
    config: {
      memoryLimitBytes: finiteOrNull(config.memoryLimitBytes),
      diskLimitBytes: finiteOrNull(config.diskLimitBytes),
      cores: finiteOrNull(config.cores),
      runsPerCore: finiteOrNull(config.runsPerCore),
      queueLimit: finiteOrNull(config.queueLimit),
      queueTimeoutUs: finiteOrNull(config.queueTimeoutUs),
      footprint: config.footprint,
    },
    policies: resolved.choices,
    modules: resolved.modules,
    catalogueSource: catalogue.source,
    packages: catalogue.packages.map((each) => [
      each.name,
      each.version,
      each.dependencies,
      each.installUs,
      each.downloadBytes,
      each.diskBytes,
      each.importUs,
      each.memoryBytes,
      each.popularity,
    ]),
    functions: functions.map((each) => [
      each.name,
      each.app,
      each.memoryBytes,
      [...each.requirements.ids],
      [...each.closure.ids],
      each.weight,
    ]),
  };
}

import { InputError } from "../../basics/errors.js";
import type { EngineConfig } from "../../contract/config.js";
import { addPlaces } from "../../contract/places.js";
import type { Catalogue, FunctionProfile, Package } from "../../contract/workload.js";
import { functionOf, packageOf } from "./journal-rows.js";
import { JOURNAL_SCHEMA, type JournalHeader } from "./journal-writer.js";

/** An engine's set-up, made from a journal's header. */
export interface ReplaySetup {
  readonly config: EngineConfig;
  /**
   * `functions` and `packages` are the engine's own arrays. In a worker's journal their entries begin
   * as placeholders, and each `registered` line replaces some of them.
   */
  readonly functions: FunctionProfile[];
  readonly packages: Package[];
  readonly catalogue: Catalogue;
}

/** Reads a header line. Errors: InputError that names the file. */
export function readHeader(line: string | undefined, path: string): JournalHeader {
  let header: { schema?: unknown } | undefined;
  try {
    header = JSON.parse(line ?? "");
  } catch {
    header = undefined;
  }
  if (header?.schema === JOURNAL_SCHEMA) return header as JournalHeader;
  throw new InputError(
    `${path}:1: not a journal: its first line should be a header with schema "${JOURNAL_SCHEMA}"`,
  );
}

export function setupFromHeader(header: JournalHeader): ReplaySetup {
  const unlimited = (value: number | null) => value ?? Number.POSITIVE_INFINITY;
  const config = header.config;
  const functions = header.functions.map(functionOf);
  const packages = header.packages.map(packageOf);
  if (header.places !== undefined) addPlaces(functions, packages, header.places);
  return {
    config: {
      memoryLimitBytes: unlimited(config.memoryLimitBytes),
      diskLimitBytes: unlimited(config.diskLimitBytes),
      cores: unlimited(config.cores),
      runsPerCore: unlimited(config.runsPerCore),
      creationsPerCore: unlimited(config.creationsPerCore),
      creationsPerFunction: unlimited(config.creationsPerFunction),
      queueLimit: unlimited(config.queueLimit),
      queueTimeoutUs: unlimited(config.queueTimeoutUs),
      footprint: config.footprint,
    },
    functions,
    packages,
    catalogue: { source: header.catalogueSource, packages },
  };
}

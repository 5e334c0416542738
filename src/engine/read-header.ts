import type { EngineConfig } from "./config.js";
import { InputError } from "./errors.js";
import { JOURNAL_SCHEMA, type JournalHeader } from "./journal.js";
import { PackageSet } from "./package-set.js";
import type { Catalogue, FunctionProfile } from "./workload.js";

/** The engine's surroundings, made again from a journal's header. */
export interface ReplaySetup {
  readonly config: EngineConfig;
  readonly functions: readonly FunctionProfile[];
  readonly catalogue: Catalogue;
}

/** Reads a header line. Errors: InputError naming the file. */
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
  return {
    config: {
      memoryLimitBytes: unlimited(config.memoryLimitBytes),
      diskLimitBytes: unlimited(config.diskLimitBytes),
      cores: unlimited(config.cores),
      runsPerCore: unlimited(config.runsPerCore),
      queueLimit: unlimited(config.queueLimit),
      queueTimeoutUs: unlimited(config.queueTimeoutUs),
      footprint: config.footprint,
    },
    functions: header.functions.map(([name, app, memoryBytes, requirements, closure, weight]) => ({
      name,
      app,
      memoryBytes,
      requirements: new PackageSet(requirements),
      closure: new PackageSet(closure),
      weight,
    })),
    catalogue: {
      source: header.catalogueSource,
      packages: header.packages.map(
        ([
          name,
          version,
          dependencies,
          installUs,
          downloadBytes,
          diskBytes,
          importUs,
          memoryBytes,
          popularity,
        ]) => ({
          name,
          version,
          dependencies,
          installUs,
          downloadBytes,
          diskBytes,
          importUs,
          memoryBytes,
          popularity,
        }),
      ),
    },
  };
}

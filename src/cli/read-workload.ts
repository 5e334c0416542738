import { dirname, join } from "node:path";
import { RandomStreams } from "../engine/random.js";
import type { Workload } from "../engine/workload.js";
import { type PackageCatalogue, readCatalogue } from "../trace/catalogue.js";
import { openTrace } from "../trace/formats.js";
import { joinPackages } from "../trace/join.js";
import { fileExists } from "../trace/json-file.js";
import type { Trace } from "../trace/trace.js";
import { keepArrivals } from "./keep-arrivals.js";
import { PROJECT_ROOT } from "./machine.js";
import { NO_PACKAGES, type RunSettings } from "./run-settings.js";
import { traceCut } from "./trace-options.js";

const CATALOGUE_NAMES = ["catalogue.json", "catalogue.json.gz"];

/**
 * Reads the traces of runs, cut and joined with their packages, and keeps what it read last: runs
 * that differ in policies or machine alone share a workload, runs of other seeds the trace.
 */
export class WorkloadReader {
  readonly #arrivalBytes: number;
  readonly #trace = new Last<Trace>();
  readonly #catalogue = new Last<PackageCatalogue>();
  readonly #workload = new Last<Workload>();

  /** `arrivalBytes`: arrivals of a workload are kept too where they need no more memory. */
  constructor(arrivalBytes = 0) {
    this.#arrivalBytes = arrivalBytes;
  }

  /** Errors: InputError. */
  read(settings: RunSettings): Promise<Workload> {
    const { placement, runTimes, seed, packages } = settings;
    const key = [...cutKey(settings), placement, runTimes, seed, packages];
    return this.#workload.get(key, async () => {
      const trace = await this.#trace.get(cutKey(settings), () =>
        openTrace(settings.trace, traceCut(settings)),
      );
      const path = await findCatalogue(packages, trace.path);
      const catalogue =
        path === undefined
          ? undefined
          : await this.#catalogue.get([path], () => readCatalogue(path));
      const options = { placement, runTimes };
      const workload = joinPackages(trace, catalogue, new RandomStreams(seed), options);
      return keepArrivals(workload, this.#arrivalBytes);
    });
  }
}

/**
 * Path of the catalogue that functions draw from: the one asked for, else the one beside the trace,
 * else the one that ships with socklab; undefined: none.
 */
export async function findCatalogue(
  packages: RunSettings["packages"],
  tracePath: string,
): Promise<string | undefined> {
  if (packages === NO_PACKAGES) return undefined;
  if (packages !== undefined) return packages;
  for (const folder of [tracePath, dirname(tracePath)]) {
    for (const name of CATALOGUE_NAMES) {
      const path = join(folder, name);
      if (await fileExists(path)) return path;
    }
  }
  return join(PROJECT_ROOT, "traces", "catalogue.json.gz");
}

type Key = readonly (string | number | undefined)[];

/** What a cut depends on; the seed only where it chooses the functions. */
function cutKey({ trace, functions, fromMinute, minutes, speedup, seed }: RunSettings): Key {
  const sampled = functions === undefined ? [] : [functions, seed];
  return [trace, fromMinute, minutes, speedup, ...sampled];
}

/** The value made last, with its key. */
class Last<T> {
  #key = "";
  #value: T | undefined;

  async get(key: Key, make: () => Promise<T>): Promise<T> {
    const text = JSON.stringify(key);
    if (this.#value !== undefined && this.#key === text) return this.#value;
    this.#value = undefined; // lets go of it before the next one is made
    const value = await make();
    this.#key = text;
    this.#value = value;
    return value;
  }
}

import { RandomStreams } from "../../basics/random.js";
import type { Workload } from "../../contract/workload.js";
import { footprintOf } from "../../sim/costs/costs.js";
import { openTrace } from "../../trace/formats/formats.js";
import { readCatalogue } from "../../trace/packages/catalogue.js";
import { joinPackages } from "../../trace/packages/join.js";
import type { PackageCatalogue } from "../../trace/packages/package-catalogue.js";
import type { Trace } from "../../trace/trace.js";
import { findCatalogue } from "./find-catalogue.js";
import { keepArrivals } from "./keep-arrivals.js";
import { locateTrace } from "./locate-trace.js";
import { readCosts } from "./read-costs.js";
import { NO_PACKAGES, type RunSettings } from "./run-settings.js";
import { traceCut } from "./trace-settings.js";

/**
 * Reads the traces of runs, cut and joined with their packages, and keeps what it read last. So
 * runs that differ only in policies or machine share a workload, and runs with different seeds
 * share the trace.
 */
export class WorkloadReader {
  readonly #arrivalBytes: number;
  readonly #trace = new Last<Trace>();
  readonly #catalogue = new Last<PackageCatalogue>();
  readonly #workload = new Last<Workload>();

  /** Arrivals of a workload are kept too if they need at most `arrivalBytes`. */
  constructor(arrivalBytes = 0) {
    this.#arrivalBytes = arrivalBytes;
  }

  /** Errors: InputError. */
  async read(settings: RunSettings): Promise<Workload> {
    const { placement, runTimes, seed, packages, costs } = settings;
    const { interpreterBytes } = footprintOf(await readCosts(costs));
    const key = [...cutKey(settings), placement, runTimes, seed, packages, interpreterBytes];
    return this.#workload.get(key, async () => {
      const trace = await this.#trace.get(cutKey(settings), () =>
        openTrace(locateTrace(settings.trace), traceCut(settings)),
      );
      const path = await catalogueOf(packages, trace.path);
      const catalogue =
        path === undefined
          ? undefined
          : await this.#catalogue.get([path], () => readCatalogue(path));
      const options = { placement, runTimes, interpreterBytes };
      const workload = joinPackages(trace, catalogue, new RandomStreams(seed), options);
      return keepArrivals(workload, this.#arrivalBytes);
    });
  }
}

/**
 * Path of the catalogue from which functions draw packages. Undefined: functions have no packages.
 */
export async function catalogueOf(
  packages: RunSettings["packages"],
  tracePath: string,
): Promise<string | undefined> {
  if (packages === NO_PACKAGES) return undefined;
  return packages ?? findCatalogue(tracePath);
}

type Key = readonly (string | number | undefined)[];

/** What a cut depends on. The seed counts only if it chooses the functions. */
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
    this.#value = undefined; // frees the old value before the next one is made
    const value = await make();
    this.#key = text;
    this.#value = value;
    return value;
  }
}

import { BYTES_PER_MIB, US_PER_SECOND } from "../../basics/units.js";
import type { FunctionProfile, Package } from "../../contract/workload.js";
import type { Costs } from "./costs.js";
import { MemoryModel } from "./process-memory.js";

/**
 * Median time of each function's cold start on an idle machine, by function, with all packages on
 * disk.
 */
export function coldStartTimes(
  costs: Costs,
  functions: readonly FunctionProfile[],
  packages: readonly Package[],
): readonly number[] {
  const memory = new MemoryModel({ costs, functions, packages });
  const { freshCreate, freshLoad, loadPerMib, ready, importFixed, importScale } = costs.costs;
  const fixedUs = freshCreate.value + freshLoad.value + ready.value;
  return functions.map(({ closure }, id) => {
    let us = fixedUs + (loadPerMib.value * memory.handlerBytes(id)) / BYTES_PER_MIB;
    for (const packageId of closure.ids)
      us += importFixed.value + importScale.value * packages[packageId].importUs;
    return us;
  });
}

/** Median time of each package's installation on an idle machine, by package. */
export function installTimes(costs: Costs, packages: readonly Package[]): readonly number[] {
  const { installFixed, installScale, downloadBandwidth, diskBandwidth } = costs.costs;
  return packages.map(
    ({ installUs, downloadBytes, diskBytes }) =>
      installFixed.value +
      installScale.value * installUs +
      (downloadBytes / downloadBandwidth.value + diskBytes / diskBandwidth.value) * US_PER_SECOND,
  );
}

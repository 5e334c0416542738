import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { RandomStreams } from "../../basics/random.js";
import { formatBytes } from "../../basics/units.js";
import type { PackageId } from "../../contract/package-set.js";
import { type WrittenWheels, writeWheels } from "../../real/made-up/wheels.js";
import { formatCount } from "../../results/text-table.js";
import { openTrace } from "../../trace/formats/formats.js";
import { CATALOGUE_FILE, writeGeneratedCatalogue } from "../../trace/generate/generate.js";
import type { GenerateOptions } from "../../trace/generate/generate-options.js";
import { readCatalogue } from "../../trace/packages/catalogue.js";
import { joinPackages } from "../../trace/packages/join.js";
import { findCatalogue } from "../run/find-catalogue.js";

/** True if a path names a package catalogue, not a trace's folder. */
export function isCataloguePath(path: string): boolean {
  return /\.json(\.gz)?$/.test(path);
}

/**
 * Writes a new folder with a drawn catalogue and the wheels of all its packages. Errors:
 * InputError.
 */
export async function writeGeneratedWheels(
  folder: string,
  options: GenerateOptions,
  streams: RandomStreams,
  tell: (line: string) => void,
): Promise<void> {
  const catalogue = `${folder}.${process.pid}.${CATALOGUE_FILE}`;
  try {
    await writeGeneratedCatalogue(catalogue, options, streams);
    tell(textOf(await writeWheels(folder, await readCatalogue(catalogue))));
    await rename(catalogue, join(folder, CATALOGUE_FILE));
  } finally {
    await rm(catalogue, { force: true });
  }
}

/**
 * Writes a new folder with the wheels of a catalogue, or of the packages that a trace's functions
 * need. Errors: InputError.
 */
export async function writeWheelsOf(
  folder: string,
  path: string,
  streams: RandomStreams,
  tell: (line: string) => void,
): Promise<void> {
  if (isCataloguePath(path)) {
    tell(textOf(await writeWheels(folder, await readCatalogue(path))));
    return;
  }
  const whole = { functions: undefined, fromMinute: 0, minutes: undefined, speedup: 1, streams };
  const trace = await openTrace(path, whole);
  const catalogue = await readCatalogue(await findCatalogue(trace.path));
  const workload = joinPackages(trace, catalogue, streams, {
    placement: "poisson",
    runTimes: "trace",
    interpreterBytes: 0, // wheels are the same for functions of any memory
  });
  const needed = new Set<PackageId>();
  for (const { closure } of workload.functions) for (const id of closure.ids) needed.add(id);
  const ids = [...needed].sort((a, b) => a - b);
  tell(textOf(await writeWheels(folder, catalogue, ids)));
}

function textOf({ folder, count, diskBytes }: WrittenWheels): string {
  return `${folder}: ${formatCount(count)} wheels, ${formatBytes(diskBytes)} installed\n`;
}

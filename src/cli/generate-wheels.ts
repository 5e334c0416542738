import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { PackageId } from "../engine/package-set.js";
import type { RandomStreams } from "../engine/random.js";
import { formatBytes } from "../engine/units.js";
import { type WrittenWheels, writeWheels } from "../real/wheels.js";
import { formatCount } from "../results/text-table.js";
import { readCatalogue } from "../trace/catalogue.js";
import { openTrace } from "../trace/formats.js";
import { CATALOGUE_FILE, writeGeneratedCatalogue } from "../trace/generate.js";
import type { GenerateOptions } from "../trace/generate-options.js";
import { joinPackages } from "../trace/join.js";
import { findCatalogue } from "./find-catalogue.js";
import type { CliIo } from "./io.js";

/** True where a path asks for a package catalogue, not for a trace's folder. */
export function isCataloguePath(path: string): boolean {
  return /\.json(\.gz)?$/.test(path);
}

/** A new folder with a drawn catalogue and the wheels of all its packages. Errors: InputError. */
export async function writeGeneratedWheels(
  folder: string,
  options: GenerateOptions,
  streams: RandomStreams,
  io: CliIo,
): Promise<void> {
  const catalogue = `${folder}.${process.pid}.${CATALOGUE_FILE}`;
  try {
    await writeGeneratedCatalogue(catalogue, options, streams);
    tell(await writeWheels(folder, await readCatalogue(catalogue)), io);
    await rename(catalogue, join(folder, CATALOGUE_FILE));
  } finally {
    await rm(catalogue, { force: true });
  }
}

/** A new folder with the wheels of a catalogue, or of what a trace's functions need. Errors: InputError. */
export async function writeWheelsOf(
  folder: string,
  path: string,
  streams: RandomStreams,
  io: CliIo,
): Promise<void> {
  if (isCataloguePath(path)) {
    tell(await writeWheels(folder, await readCatalogue(path)), io);
    return;
  }
  const whole = { functions: undefined, fromMinute: 0, minutes: undefined, speedup: 1, streams };
  const trace = await openTrace(path, whole);
  const catalogue = await readCatalogue(await findCatalogue(trace.path));
  const workload = joinPackages(trace, catalogue, streams, {
    placement: "poisson",
    runTimes: "trace",
  });
  const needed = new Set<PackageId>();
  for (const { closure } of workload.functions) for (const id of closure.ids) needed.add(id);
  tell(
    await writeWheels(
      folder,
      catalogue,
      [...needed].sort((a, b) => a - b),
    ),
    io,
  );
}

function tell({ folder, count, diskBytes }: WrittenWheels, io: CliIo): void {
  io.err.write(`${folder}: ${formatCount(count)} wheels, ${formatBytes(diskBytes)} installed\n`);
}

import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { InputError } from "../../basics/errors.js";
import { fileExists } from "../../basics/file-exists.js";
import { makeFolder } from "../../basics/make-folder.js";
import type { RandomStreams } from "../../basics/random.js";
import { INVOCATIONS_FILE } from "../formats/socklab-csv.js";
import { formatCatalogue } from "../packages/catalogue.js";
import { type ConvertedTrace, convertTrace } from "../tools/convert.js";
import { generateCatalogue } from "./generate-catalogue.js";
import { type GenerateOptions, generateCommand } from "./generate-options.js";
import { generatedTrace } from "./generated-trace.js";

export const CATALOGUE_FILE = "catalogue.json";
const GZIP_LEVEL = 9;

/**
 * Writes a workload drawn from published distributions (fits.ts) as a new folder: functions.csv,
 * invocations.csv, and the catalogue.json from which its functions draw. `gzip` packs the latter
 * two. The folder appears when it is complete. One seed always gives the same bytes (before
 * packing).
 *
 * Errors: InputError if the folder exists.
 */
export async function generateTrace(
  folder: string,
  options: GenerateOptions,
  streams: RandomStreams,
  { gzip }: { readonly gzip: boolean },
): Promise<ConvertedTrace> {
  await refuseTaken(folder);
  const catalogue = catalogueOf(options, streams);
  const trace = generatedTrace(folder, options, catalogue, streams);
  const unfinished = `${folder}.${process.pid}.tmp`;
  makeFolder(dirname(folder), "trace");
  try {
    const written = await convertTrace(trace, unfinished, {
      streams,
      placement: "poisson",
      runTimes: "trace",
    });
    const text = formatCatalogue(catalogue, generateCommand(options, streams.seed));
    await writeFile(join(unfinished, CATALOGUE_FILE), text);
    if (gzip) {
      await packFile(join(unfinished, INVOCATIONS_FILE));
      await packFile(join(unfinished, CATALOGUE_FILE));
    }
    await rename(unfinished, folder);
    return { ...written, folder };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * Writes the catalogue that `generateTrace` makes for these options and this seed, without a
 * workload. It is packed if the path ends in .gz. Errors: InputError if the file exists.
 */
export async function writeGeneratedCatalogue(
  path: string,
  options: GenerateOptions,
  streams: RandomStreams,
): Promise<void> {
  await refuseTaken(path);
  const catalogue = catalogueOf(options, streams);
  const text = formatCatalogue(catalogue, generateCommand(options, streams.seed));
  const unfinished = `${path}.${process.pid}.tmp`;
  makeFolder(dirname(path), "catalogue");
  try {
    await writeFile(
      unfinished,
      path.endsWith(".gz") ? gzipSync(text, { level: GZIP_LEVEL }) : text,
    );
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

function catalogueOf(options: GenerateOptions, streams: RandomStreams) {
  const { packages, packageS: s, packageQ: q } = options;
  return generateCatalogue(packages, streams, { s, q });
}

async function packFile(path: string): Promise<void> {
  const packed = createWriteStream(`${path}.gz`);
  await pipeline(createReadStream(path), createGzip({ level: GZIP_LEVEL }), packed);
  await unlink(path);
}

async function refuseTaken(path: string): Promise<void> {
  if (await fileExists(path)) {
    throw new InputError(`${path}: exists already, name a path that does not`);
  }
}

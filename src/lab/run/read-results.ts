import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { BENCH_SCHEMA, type BenchResult, benchSchema } from "../../results/bench-result.js";
import type { ReadBound } from "../../results/bound/check-bound.js";
import { BOUND_SCHEMA, boundSchema } from "../../results/bound/trace-bound.js";
import { RESULT_SCHEMA, type Result, resultSchema } from "../../results/result.js";
import { studySchema } from "../../results/study-result.js";
import { checkShape } from "../../trace/tables/check-shape.js";
import { readJson } from "../../trace/tables/json-file.js";

/** The part of a sweep's study file that is needed here: the state of its runs. */
const studyStateSchema = studySchema.pick({ schema: true, runs: true });

const EXPECTED = "a result file of socklab run, sweep or bench";

/** A result and the file it was read from. */
export interface ReadResult {
  readonly path: string;
  readonly result: Result;
}

export interface ReadResults {
  readonly sources: readonly ReadResult[];
  /** Results of benches, which a report draws on a separate page. */
  readonly benches: readonly BenchResult[];
  /** Bounds, which a report draws beside results. */
  readonly bounds: readonly ReadBound[];
  /** Remarks for the reader of a report on these results, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads the results in files and folders, in the order of the paths; those of one folder in the
 * order of its sweep, or of its file names if it has none. A file contains one result or a list of results. Other files of socklab
 * in a folder are skipped.
 *
 * Errors: InputError naming the file if it is not a result, is cut off, has another schema, or
 * contradicts itself.
 */
export async function readResults(paths: readonly string[]): Promise<ReadResults> {
  const all = await Promise.all(paths.map(readPath));
  return {
    sources: all.flatMap(({ sources }) => sources),
    benches: all.flatMap(({ benches }) => benches),
    bounds: all.flatMap(({ bounds }) => bounds),
    notes: all.flatMap(({ notes }) => notes),
  };
}

async function readPath(path: string): Promise<ReadResults> {
  const info = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const reason =
      error.code === "ENOENT" ? "no such file or folder" : `cannot be read (${error.code})`;
    throw new InputError(`${path}: ${reason}, expected ${EXPECTED}, or a folder of them`);
  });
  if (info.isDirectory()) return readFolder(path);
  return { ...checkResults(path, await readJson(path, EXPECTED)), notes: [] };
}

async function readFolder(path: string): Promise<ReadResults> {
  const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
  const sources: ReadResult[] = [];
  const benches: BenchResult[] = [];
  const bounds: ReadBound[] = [];
  const notes: string[] = [];
  const order: string[] = [];
  for (const name of names) {
    const file = join(path, name);
    const value = await readJson(file, EXPECTED);
    if (isOtherFile(value)) {
      notes.push(...notesOf(file, value));
      order.push(...orderOf(value));
      continue;
    }
    const found = checkResults(file, value);
    sources.push(...found.sources);
    benches.push(...found.benches);
    bounds.push(...found.bounds);
  }
  if (order.length > 0) sortBySweep(sources, order);
  if (sources.length > 0 || benches.length > 0) return { sources, benches, bounds, notes };
  throw new InputError(
    `${path}: there is no result in this folder, expected .json files of socklab run, sweep or bench`,
  );
}

function checkResults(path: string, value: unknown): Omit<ReadResults, "notes"> {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0) throw new InputError(`${path}: an empty list, expected ${EXPECTED}`);
  const ofSchema = (schema: string) => list.filter((each) => schemaOf(each) === schema);
  return {
    sources: list
      .filter((each) => ![BENCH_SCHEMA, BOUND_SCHEMA].includes(schemaOf(each) ?? ""))
      .map((each) => ({ path, result: checkResult(path, each) })),
    benches: ofSchema(BENCH_SCHEMA).map((each) => checkShape(path, benchSchema, each)),
    bounds: ofSchema(BOUND_SCHEMA).map((each) => ({
      path,
      bound: checkShape(path, boundSchema, each),
    })),
  };
}

function checkResult(path: string, value: unknown): Result {
  const schema = schemaOf(value);
  if (schema !== RESULT_SCHEMA) {
    const found = schema === undefined ? "no schema" : `schema "${schema}"`;
    throw new InputError(
      `${path}: ${found}, expected "${RESULT_SCHEMA}": make it again with this version`,
    );
  }
  const result = checkShape(path, resultSchema, value);
  checkSums(path, result);
  return result;
}

function checkSums(path: string, { invocations, timesUs }: Result): void {
  const { total, completed, failed, timedOut, rejected, ...kinds } = invocations;
  const outcomes = completed + failed + timedOut + rejected;
  if (outcomes !== total) {
    throw new InputError(
      `${path}: invocations: outcomes sum to ${outcomes} and not to the total ${total}: the file was changed`,
    );
  }
  const starts = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  if (starts !== timesUs.startup.count) {
    throw new InputError(
      `${path}: invocations: ${starts} starts by kind and ${timesUs.startup.count} startup times: the file was changed`,
    );
  }
}

/** A remark for each sweep that is not complete. */
function notesOf(path: string, value: unknown): string[] {
  const study = studyStateSchema.safeParse(value);
  if (!study.success) return [];
  const { runs } = study.data;
  const missing = runs.filter(({ state }) => state !== "done");
  if (missing.length === 0) return [];
  const why = missing.find((run) => run.why !== undefined)?.why ?? "it was interrupted";
  return [
    `The sweep of ${path} is not complete: ${missing.length} of ${runs.length} runs have no result (${why}).`,
  ];
}

/** The hashes of a sweep's runs, which are the names of their files, as the sweep has them. */
function orderOf(value: unknown): string[] {
  const study = studyStateSchema.safeParse(value);
  return study.success ? study.data.runs.flatMap(({ hash }) => hash ?? []) : [];
}

/** Files that the sweep does not have come last, in their order. */
function sortBySweep(sources: ReadResult[], order: readonly string[]): void {
  const places = new Map(order.map((hash, place) => [`${hash}.json`, place]));
  const placeOf = ({ path }: ReadResult) => places.get(basename(path)) ?? order.length;
  sources.sort((a, b) => placeOf(a) - placeOf(b));
}

/** True for files that socklab writes next to results: a sweep's study, a report's JSON. */
function isOtherFile(value: unknown): boolean {
  const schema = schemaOf(value);
  const isRead = ["result", "bench", "bound"].some((name) =>
    schema?.startsWith(`socklab.${name}/`),
  );
  return schema?.startsWith("socklab.") === true && !isRead;
}

function schemaOf(value: unknown): string | undefined {
  const schema = (value as { readonly schema?: unknown } | null)?.schema;
  return typeof schema === "string" ? schema : undefined;
}

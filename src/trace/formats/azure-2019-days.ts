import { basename, dirname, join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { listFolder } from "../tables/table-file.js";

const INVOCATIONS = /^invocations_per_function_md\.anon\.(d\d\d)\.csv(\.gz)?$/;

/** One day's invocations table, and the folder that it shares with the day's other two tables. */
export interface Day {
  readonly folder: string;
  /** All names in the folder. */
  readonly names: readonly string[];
  readonly invocations: string;
  /** `d01`, `d02`, ... */
  readonly day: string;
}

/**
 * The days in a folder, or the one whose invocations table the path names; empty for other paths.
 */
export async function findDays(path: string): Promise<readonly Day[]> {
  const names = await listFolder(path);
  const isTable = INVOCATIONS.test(basename(path));
  const folder = isTable ? dirname(path) : path;
  const tables = isTable ? [basename(path)] : names;
  const present = isTable ? await listFolder(folder) : names;
  return tables.flatMap((invocations) => {
    const day = INVOCATIONS.exec(invocations)?.[1];
    return day === undefined ? [] : [{ folder, names: present, invocations, day }];
  });
}

/** The one day at a path. Errors: InputError if there is no day, or more than one. */
export async function chooseDay(path: string): Promise<Day> {
  const days = await findDays(path);
  if (new Set(days.map(({ day }) => day)).size === 1) return days[0];
  if (days.length === 0) {
    throw new InputError(
      `${path}: not a day of azure-2019: expected a folder with invocations_per_function_md.anon.dNN.csv[.gz]`,
    );
  }
  const found = days.map(({ day }) => day).join(", ");
  throw new InputError(
    `${path}: contains several days (${found}), name one as in ${join(path, days[0].invocations)}`,
  );
}

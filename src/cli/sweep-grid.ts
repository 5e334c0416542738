import type { Options } from "yargs";
import { InputError } from "../basics/errors.js";
import type { GridPoint } from "../lab/sweep/grid-point.js";
import { type Given, readTexts } from "./options/read-option.js";
import { expandList } from "./options/sweep-axis.js";
import { expandSet, familyOf } from "./options/sweep-set.js";
import { TRACE_OPTIONS } from "./options/trace-options.js";
import { IDLE_OPTIONS, REAL_OPTIONS } from "./options/what-counts.js";
import { type GivenRunOptions, RUN_OPTIONS, readRunSettings } from "./run.js";

const MOST_RUNS = 100_000;

const { set, journal, invocations, out, json, memory, packages, ...others } = RUN_OPTIONS;

/**
 * Options of `run` for which a sweep takes lists, except `set`. The first vary slowest. Options
 * that make a new workload come before those that only run it differently, so runs of one workload
 * are neighbours. Memory comes last, so a listing is grouped by policy.
 */
const AXES: Readonly<Record<string, Options>> = { ...TRACE_OPTIONS, packages, ...others, memory };

/** The axes without their defaults, because a study file may replace these. */
export const AXIS_OPTIONS: Readonly<Record<string, Options>> = Object.fromEntries(
  Object.entries({ ...AXES, set }).map(
    ([name, { default: value, ...option }]: [string, Options]) => [
      name,
      {
        ...option,
        ...(value === undefined ? {} : { describe: `${option.describe} [${value}]` }),
        // a list of flags is written as true,false
        ...(isFlag(option) ? { type: "string", requiresArg: true } : {}),
      },
    ],
  ),
);

function isFlag({ type }: Options): boolean {
  return type === "boolean";
}

/** Prefix of the axis of a policy family's changes; the family's name follows. */
const CHANGE = "set ";

/**
 * Values of each axis. The key is an option's name, or `set` and a family's name for changes of
 * policies.
 */
export type Grid = ReadonlyMap<string, readonly string[]>;

/** What a command line or a study file gives for each option: texts as they were written. */
export interface GivenAxes {
  readonly set?: Given | undefined;
  readonly [option: string]: Given | undefined;
}

/**
 * The grid of the given values, with the default of each option that was not given. Errors:
 * InputError naming the option.
 */
export function readGrid(given: GivenAxes): Grid {
  const grid = new Map<string, readonly string[]>();
  for (const [name, option] of Object.entries(AXES)) {
    const texts = readTexts(given[name] ?? (isFlag(option) ? `${option.default}` : option.default));
    const values = texts.flatMap((text) => expandList(text, `--${name}`));
    if (values.length > 0) grid.set(name, unique(values));
    if (name === "policy") addChanges(grid, readTexts(given.set));
  }
  for (const [name, { length }] of grid) if (length > 1) refuseIdleAxis(name, grid);
  return grid;
}

/** Refuses an axis whose points would all be the same run. Errors: InputError naming the option. */
function refuseIdleAxis(name: string, grid: Grid): void {
  const why = IDLE_OPTIONS[name];
  if (why !== undefined) throw new InputError(`--${name}: ${why}, expected one value`);
  if (!REAL_OPTIONS.includes(name) || grid.get("backend")?.includes("real")) return;
  throw new InputError(
    `--${name}: no simulated result depends on it, expected one value, or --backend real`,
  );
}

/**
 * Every combination of a grid's values. Errors: InputError naming the option if one of its values
 * is not valid, or if there are too many combinations.
 */
export function expandGrid(grid: Grid, trace: string): readonly GridPoint[] {
  let points: readonly Readonly<Record<string, string>>[] = [{}];
  for (const [name, values] of grid) {
    if (points.length * values.length > MOST_RUNS) {
      throw new InputError(`--${name}: the grid has more than ${MOST_RUNS} runs`);
    }
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
  }
  return points.map((point) => ({
    settings: readRunSettings(trace, optionsOf(point)),
    varying: Object.fromEntries(
      Object.entries(point).filter(([name]) => grid.get(name)!.length > 1),
    ),
  }));
}

/** A point as the options of a run. It has a value for each option that has a default. */
function optionsOf(point: Readonly<Record<string, string>>): GivenRunOptions {
  const changes = Object.entries(point).filter(([name]) => name.startsWith(CHANGE));
  const flags = Object.entries(point)
    .filter(([name]) => AXES[name] !== undefined && isFlag(AXES[name]))
    .map(([name, value]) => [name, readFlag(value, `--${name}`)] as const);
  return {
    ...(point as unknown as GivenRunOptions),
    ...Object.fromEntries(flags),
    set: changes.map(([, change]) => change),
  };
}

function readFlag(text: string, option: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new InputError(`${option}: "${text}", expected true or false`);
}

/** Changes of one family are alternatives, those of several families are combined. */
function addChanges(grid: Map<string, readonly string[]>, texts: readonly string[]): void {
  for (const change of texts.flatMap((text) => expandSet(text, "--set"))) {
    const axis = `${CHANGE}${familyOf(change)}`;
    grid.set(axis, unique([...(grid.get(axis) ?? []), change]));
  }
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)];
}

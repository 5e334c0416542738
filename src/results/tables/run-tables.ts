import { METRICS } from "../metrics.js";
import { quantilesSchema, type Result, resultSchema } from "../result.js";
import type { DataColumn, Value } from "./column.js";
import { openColumns, type UnitOfParameter } from "./open-columns.js";
import { type Fields, fieldAt, fieldsOf, valueAt } from "./schema-columns.js";

/** A run and where it comes from. */
export interface TableRun {
  /** Its number within the export, from 1, by which tables are joined. */
  readonly run: number;
  /** Path of its result file. */
  readonly file: string;
  readonly result: Result;
}

/** A tidy table: one row per thing, one column per property. */
export interface DataTable {
  /** Name of its file, without the extension. */
  readonly name: string;
  readonly description: string;
  readonly columns: readonly DataColumn[];
  /** The rows of one run, with one value per column. */
  readonly rowsOf: (run: TableRun) => readonly (readonly Value[])[];
}

/** Fields whose columns have other names than those of the fields that lead to them. */
const NAMES: Readonly<Record<string, string>> = {
  "run.policy.preset": "policy",
  "run.memoryBytes": "memoryLimit",
  "run.diskBytes": "diskLimit",
  "run.options.functions": "sampledFunctions",
  "memory.peakBytes": "memoryPeak",
  "memory.meanBytes": "memoryMean",
};
/** Objects whose names are not a part of their fields' columns. */
const SILENT = ["run", "run.options", "timesUs", "tiers", "memory"];

/** Fields that are no column, each with the reason. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  schema: "equal in all results",
  "memory.limitBytes": "equal to run.memoryBytes",
};

function nameOf(path: readonly string[]): readonly string[] {
  const known = NAMES[path.join(".")];
  if (known !== undefined) return [known];
  const [, family, last] = path.slice(-3);
  if (path[1] === "policy" && last === "name") return [family, "policy"];
  return path.filter((_, at) => !SILENT.includes(path.slice(0, at + 1).join(".")));
}

const ALL = fieldsOf(resultSchema, nameOf);

/** The start of every row: which run it belongs to. */
const RUN: DataColumn = {
  name: "run",
  type: "integer",
  unit: "integer",
  description: "Number of the run within the export, from 1. It joins the tables.",
};
const FILE: DataColumn = {
  name: "file",
  type: "text",
  unit: "text",
  description: "Path of the result file.",
};
/** What tells runs of one study apart, in the tables that have several rows per run. */
const AXES = ["run.policy.preset", "run.memoryBytes", "run.seed"].map(
  (path) => ALL.leaves.find((leaf) => leaf.path.join(".") === path)!,
);

const AXIS_NAMES = AXES.map(({ column }) => column.name);

/** Every table of the given runs. Columns for parameters of policies depend on the runs. */
export function runTables(
  runs: readonly TableRun[],
  unitOf: UnitOfParameter,
): readonly DataTable[] {
  return [
    runsTable(runs, unitOf),
    pivotTable(PIVOTS[0]),
    pivotTable(PIVOTS[1]),
    pivotTable(PIVOTS[2]),
    ...ALL.lists.map(listTable),
  ];
}

function runsTable(runs: readonly TableRun[], unitOf: UnitOfParameter): DataTable {
  const leaves = ALL.leaves.filter(({ path }) => !(path.join(".") in LEFT_OUT));
  const results = runs.map(({ result }) => result);
  const open = openColumns(ALL.records, results, nameOf, unitOf);
  const known = new Set(leaves.map(({ column }) => column.name));
  const metrics = METRICS.filter(({ name }) => !known.has(name));
  return {
    name: "runs",
    description: "One row per run, with every setting and every metric.",
    columns: [
      RUN,
      FILE,
      ...leaves.map(({ column }) => column),
      ...open.map(({ column }) => column),
      ...metrics.map(metricColumn),
    ],
    rowsOf: ({ run, file, result }) => [
      [
        run,
        file,
        ...leaves.map((leaf) => valueAt(result, leaf)),
        ...open.map(({ of }) => of(result)),
        ...metrics.map((metric) => metric.of(result)),
      ],
    ],
  };
}

function metricColumn({ name, title, unit }: (typeof METRICS)[number]): DataColumn {
  const description = `\`${title}\`, as the table of a sweep shows it.`;
  return { name, type: "number", unit, description };
}

/** An object whose fields are objects of one shape, as a table with one row per field. */
interface Pivot {
  readonly name: string;
  readonly path: "timesUs" | "startupByKindUs" | "tiers";
  readonly key: string;
  readonly rows: string;
}

const PIVOTS: readonly Pivot[] = [
  { name: "run-times", path: "timesUs", key: "time", rows: "kind of time" },
  { name: "run-start-kinds", path: "startupByKindUs", key: "startKind", rows: "kind of start" },
  { name: "run-tiers", path: "tiers", key: "tier", rows: "cache" },
];

function pivotTable({ name, path, key, rows }: Pivot): DataTable {
  const schema = resultSchema.shape[path];
  const shape = path === "tiers" ? resultSchema.shape.tiers.shape.handler : quantilesSchema;
  const { leaves } = fieldsOf(shape, (names) => names);
  const kinds = Object.keys(schema.shape);
  return {
    name,
    description: `One row per run and ${rows}. ${schema.meta()?.description}`,
    columns: [
      RUN,
      ...AXES.map(({ column }) => column),
      { name: key, type: "text", unit: "text", description: kinds.map(hyphened).join(", ") },
      ...leaves.map(({ column }) => column),
    ],
    rowsOf: ({ run, result }) => {
      const start = startOf(run, result);
      const all: Readonly<Record<string, unknown>> = result[path];
      return kinds
        .filter((kind) => all[kind] !== undefined)
        .map((kind) => [
          ...start,
          hyphened(kind),
          ...leaves.map((leaf) => valueAt(all[kind], leaf)),
        ]);
    },
  };
}

/** Lists of a result whose tables have other names than the lists. */
const LIST_NAMES: Readonly<Record<string, string>> = {
  timeline: "run-minutes",
  startupEcdfUs: "run-startup-ecdf",
};
/** What the column `name` of a list's rows is called outside of the list. */
const ROW_NAMES: Readonly<Record<string, string>> = { functions: "function" };

function listTable({ path, schema, description }: Fields["lists"][number]): DataTable {
  const list = path.at(-1)!;
  const { leaves } = fieldsOf(schema, (names) => {
    if (names[0] === "name") return [ROW_NAMES[list] ?? "name"];
    // a row of `oracles` has a policy, and so has its run
    return AXIS_NAMES.includes(names[0]) ? [list.replace(/s$/, ""), ...names] : names;
  });
  return {
    name: LIST_NAMES[list] ?? `run-${hyphened(list)}`,
    description: `${description} Of each run.`,
    columns: [RUN, ...AXES.map(({ column }) => column), ...leaves.map(({ column }) => column)],
    rowsOf: ({ run, result }) => {
      const start = startOf(run, result);
      const rows = (fieldAt(result, path) ?? []) as readonly object[];
      return rows.map((row) => [...start, ...leaves.map((leaf) => valueAt(row, leaf))]);
    },
  };
}

function startOf(run: number, result: Result): readonly Value[] {
  return [run, ...AXES.map((leaf) => valueAt(result, leaf))];
}

/** `delayedWarm` as `delayed-warm`, as other outputs write it. */
function hyphened(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

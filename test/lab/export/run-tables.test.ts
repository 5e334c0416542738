import { expect, test } from "vitest";
import { unitOfParameter } from "../../../src/lab/export/parameter-units.js";
import type { Result } from "../../../src/results/result.js";
import type { Value } from "../../../src/results/tables/column.js";
import { INVOCATION_COLUMNS } from "../../../src/results/tables/invocation-columns.js";
import { LEFT_OUT, runTables } from "../../../src/results/tables/run-tables.js";
import { runCli } from "../../cli/run-cli.js";

async function realResult(...options: readonly string[]): Promise<Result> {
  return JSON.parse((await runCli("run", "traces/tiny", "--json", ...options)).out);
}

function tablesOf(results: readonly Result[]) {
  const runs = results.map((result, at) => ({ run: at + 1, file: `${at}.json`, result }));
  return runTables(runs, unitOfParameter).map((table) => ({
    ...table,
    rows: runs.flatMap((run) => table.rowsOf(run)),
    names: table.columns.map(({ name }) => name),
  }));
}

/** A result in which every value occurs once, and the path of each value. */
function marked(value: unknown, path: string, marks: Map<Value, string>): unknown {
  if (Array.isArray(value)) return value.map((each) => marked(each, path, marks));
  if (typeof value === "object" && value !== null) {
    const fields = Object.entries(value).map(([name, field]) => {
      const inner = path === "" ? name : `${path}.${name}`;
      return [name, marked(field, inner, marks)];
    });
    return Object.fromEntries(fields);
  }
  const mark = typeof value === "string" ? `mark ${marks.size}` : 1_000_000 + marks.size;
  marks.set(mark, path);
  return mark;
}

test("every value of a result is in a table, or its field is listed as left out", async () => {
  const marks = new Map<Value, string>();
  const result = marked(await realResult(), "", marks) as Result;
  const cells = new Set(tablesOf([result]).flatMap(({ rows }) => rows.flat()));
  // texts of a list are one cell with spaces between them
  const texts = [...cells].filter((cell) => typeof cell === "string").join(" ");
  const missing = [...marks].filter(([mark, path]) => {
    if (path in LEFT_OUT) return false;
    return !cells.has(mark) && !(typeof mark === "string" && texts.includes(mark));
  });
  expect(missing).toEqual([]);
  expect(marks.size).toBeGreaterThan(500);
});

test("each row has one value per column, and no table has two columns of one name", async () => {
  const tables = tablesOf([await realResult(), await realResult("--policy", "openwhisk")]);
  for (const { name, names, rows } of tables) {
    expect(new Set(names).size, name).toBe(names.length);
    for (const row of rows) expect(row.length, name).toBe(names.length);
  }
});

const UNIT_ENDS: Readonly<Record<string, RegExp>> = {
  microseconds: /Us$/,
  bytes: /[bB]ytes$/,
  "byte-seconds": /ByteSeconds$/,
  ratio: /Ratio|[sS]hare/,
  "1/s": /PerSecond$/,
  minutes: /[mM]inutes?$/,
};
const WITHOUT_UNIT = ["count", "integer", "text", "factor", "ISO 8601", "true or false", ""];
/** As InVitro names them. */
const INVITRO = ["startTime", "actualDuration", "responseTime"];

test("a column's name says its unit, and only once", async () => {
  const tables = tablesOf([await realResult()]);
  for (const { name, unit } of [
    ...tables.flatMap(({ columns }) => columns),
    ...INVOCATION_COLUMNS,
  ]) {
    if (WITHOUT_UNIT.includes(unit) || INVITRO.includes(name)) continue;
    expect(name, `${name} in ${unit}`).toMatch(UNIT_ENDS[unit] ?? /^$/);
    expect(name).not.toMatch(/[a-z]Us[A-Z].*Us$|[bB]ytes.*Bytes$/);
  }
});

test("a table has one row per run, kind, minute or function of each run, and `run` joins them", async () => {
  const results = [await realResult(), await realResult("--seed", "2")];
  const tables = tablesOf(results);
  const rowsOf = (name: string) => tables.find((table) => table.name === name)!.rows;
  const first = (name: string) => rowsOf(name).filter(([run]) => run === 1).length;
  expect(rowsOf("runs").map(([run]) => run)).toEqual([1, 2]);
  const [{ timeline, functions, zygotes, startupByKindUs, timesUs, startupEcdfUs }] = results;
  expect(first("run-minutes")).toBe(timeline.length);
  expect(first("run-functions")).toBe(functions.length);
  expect(first("run-zygotes")).toBe(zygotes.length);
  expect(first("run-start-kinds")).toBe(Object.keys(startupByKindUs).length);
  expect(first("run-times")).toBe(Object.keys(timesUs).length);
  expect(first("run-startup-ecdf")).toBe(startupEcdfUs.length);
  expect(first("run-tiers")).toBe(3);
});

test("an unlimited setting is infinite, and one that another policy lacks has no value", async () => {
  const keptForever = await realResult("--memory", "unlimited", "--policy", "keep-all");
  const tenMinutes = await realResult("--policy", "openwhisk");
  const [{ names, rows, columns }] = tablesOf([keptForever, tenMinutes]);
  const cell = (row: number, name: string) => rows[row][names.indexOf(name)];
  expect(cell(0, "memoryLimitBytes")).toBe(Number.POSITIVE_INFINITY);
  expect(cell(1, "memoryLimitBytes")).toBe(8 * 1024 ** 3);
  expect(cell(0, "policyKeepAliveKeepUs")).toBe(Number.POSITIVE_INFINITY);
  expect(cell(1, "policyKeepAliveKeepUs")).toBe(10 * 60 * 1_000_000);
  const keep = columns.find(({ name }) => name === "policyKeepAliveKeepUs")!;
  expect([keep.type, keep.unit]).toEqual(["number", "microseconds"]);
  const tiers = await realResult("--policy", "sock");
  const [both] = tablesOf([tenMinutes, tiers]);
  const share = both.names.indexOf("policyZygoteShare");
  expect(both.rows.map((row) => row[share])).toEqual([
    null,
    tiers.run.policy.zygote.parameters["share"],
  ]);
});

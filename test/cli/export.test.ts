import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import { EXPORT_OPTIONS } from "../../src/cli/export.js";
import { benched } from "../report/bench-samples.js";
import { reportedStudy } from "../report/samples.js";
import { runCli, temporaryFolder } from "./run-cli.js";

async function folderOfStudy(): Promise<string> {
  const folder = await temporaryFolder();
  for (const run of reportedStudy()) {
    await writeFile(join(folder, `${run.run.id}.json`), JSON.stringify(run));
  }
  return folder;
}

const TABLES = [
  "runs",
  "run-functions",
  "run-minutes",
  "run-start-kinds",
  "run-startup-ecdf",
].concat(...["run-tiers", "run-times", "run-oracles", "run-warnings", "run-zygotes"]);

test("every option has a description with its unit or its value", async () => {
  const { out } = await runCli("export", "--help");
  for (const [name, { describe: text }] of Object.entries(EXPORT_OPTIONS)) {
    expect(out, name).toContain(`--${name}`);
    expect(text, name).toMatch(/\(.+\)/);
  }
});

test.each([
  [["csv"], [".csv"]],
  [["parquet"], [".parquet"]],
  [[], [".csv", ".parquet"]],
])("--format %s writes each table as %s", async (format, ends) => {
  const folder = await folderOfStudy();
  const data = join(folder, "made", "for", "it");
  const option = format.flatMap((name) => ["--format", name]);
  const run = await runCli("export", folder, "--out", data, ...option);
  expect(run).toEqual({
    exitCode: 0,
    out: `8 runs in ${TABLES.length} tables: ${data}\n`,
    err: "",
  });
  const expected = TABLES.flatMap((name) => ends.map((end) => name + end));
  expect((await readdir(data)).toSorted()).toEqual(expected.toSorted());
});

test("in CSV no number has quotes, and a name with a comma or a quote is read back", async () => {
  const folder = await temporaryFolder();
  const [run] = reportedStudy();
  const named = { ...run.functions[0], name: 'a,"b"' };
  await writeFile(join(folder, "a.json"), JSON.stringify({ ...run, functions: [named] }));
  await runCli("export", folder, "--out", folder, "--format", "csv");
  const [, row] = (await readFile(join(folder, "run-functions.csv"), "utf8")).split("\n");
  expect(row).toMatch(/^1,openwhisk,1073741824,1,"a,""b""",[^"]*$/);
  expect(row).toContain(",100,"); // its invocations
});

test("Parquet columns have the types of the reference, and a time is a time", async () => {
  const folder = await folderOfStudy();
  await runCli("export", folder, "--out", folder, "--format", "parquet");
  const file = await asyncBufferFromFile(join(folder, "runs.parquet"));
  const { schema } = await parquetMetadataAsync(file);
  const typeOf = (name: string) => {
    const { type, converted_type: converted } = schema.find((each) => each.name === name)!;
    return [type, converted];
  };
  expect(typeOf("seed")).toEqual(["INT64", undefined]);
  expect(typeOf("memoryLimitBytes")).toEqual(["DOUBLE", undefined]);
  expect(typeOf("policy")).toEqual(["BYTE_ARRAY", "UTF8"]);
  expect(typeOf("startedAt")).toEqual(["INT64", "TIMESTAMP_MILLIS"]);
  const [{ startedAt }] = await parquetReadObjects({ file });
  expect(startedAt).toEqual(new Date(reportedStudy()[0].run.startedAt));
});

describe("bad input is one line and exit code 2, and no file is written", () => {
  test.each([
    ["no such folder", ["none"], /none: no such file or folder/],
    ["results of benches only", ["bench.json"], /results of benches, expected results of runs/],
    ["another format", ["a.json", "--format", "xlsx"], /--format: "xlsx" is not one of csv, parq/],
    [
      "a file instead of the folder",
      ["a.json", "--out", "a.json"],
      /--out .*a\.json: cannot be made/,
    ],
    [
      "a folder below /proc",
      ["a.json", "--out", "/proc/socklab"],
      /--out \/proc\/.*cannot be made/,
    ],
    [
      "a table's name taken by a folder",
      ["a.json", "--out", "taken"],
      /--out .*: this is a folder/,
    ],
  ])("%s", async (_name, [path, ...options], message) => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.json"), JSON.stringify(reportedStudy()[0]));
    await writeFile(join(folder, "bench.json"), JSON.stringify(benched()));
    await mkdir(join(folder, "taken", "run-zygotes.csv"), { recursive: true });
    const within = options.map((word) =>
      /^(a\.json|taken)$/.test(word) ? join(folder, word) : word,
    );
    const given = within.includes("--out") ? within : [...within, "--out", join(folder, "data")];
    const run = await runCli("export", join(folder, path), ...given);
    expect(run).toMatchObject({ exitCode: 2, out: "", err: expect.stringMatching(message) });
    expect(run.err.match(/\n/g)).toHaveLength(1);
    expect(await readdir(join(folder, "taken"))).toEqual(["run-zygotes.csv"]);
    expect((await readdir(folder)).toSorted()).toEqual(["a.json", "bench.json", "taken"]);
  });
});

test("`report --data` refuses results that have no tables, and then writes no page", async () => {
  const folder = await temporaryFolder();
  const bench = join(folder, "bench.json");
  await writeFile(bench, JSON.stringify(benched()));
  const [page, data] = [join(folder, "r.html"), join(folder, "data")];
  const run = await runCli("report", bench, "-o", page, "--data", data);
  expect(run).toMatchObject({
    exitCode: 2,
    err: expect.stringContaining("--data: only results of runs"),
  });
  expect(await readdir(folder)).toEqual(["bench.json"]);
});

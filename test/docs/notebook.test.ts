import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runTables } from "../../src/results/tables/run-tables.js";
import { NOTEBOOK_PYTHON as PYTHON } from "./notebook-python.js";

const ROOT = new URL("../..", import.meta.url).pathname;
const PAGE = readFileSync("docs/guide/notebook.md", "utf8");
const LIMIT_MS = 300_000;

function run(command: string, argv: readonly string[], cwd?: string) {
  return spawnSync(command, argv, { cwd, encoding: "utf8" });
}

/** The reason why a snippet cannot run here; empty: it can. */
function whyNot(modules: readonly string[]): string {
  const missing = modules.filter((name) => run(PYTHON, ["-c", `import ${name}`]).status !== 0);
  return missing.length === 0 ? "" : `not installed: ${missing.join(", ")}`;
}

const PYTHON_MODULES = ["pandas", "pyarrow", "matplotlib", "polars", "duckdb"];
const WITHOUT_PYTHON = whyNot(PYTHON_MODULES);
const WITHOUT_R = run("Rscript", ["--version"]).status === 0 ? "" : "not installed: R";

/** Snippets of a language, each with the heading above it. */
function snippets(language: string): (readonly [string, string])[] {
  const blocks = new RegExp(`^## (.+)$(?:(?!^## )[^])*?^\`\`\`${language}\\n([^]*?)^\`\`\``, "gm");
  return [...PAGE.matchAll(blocks)].map(([, heading, code]) => [heading, code] as const);
}

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "socklab-notebook-"));
  const commands = PAGE.match(/^npx socklab .*$/gm)!.map((line) => line.split(" ").slice(2));
  expect(commands.map(([name]) => name)).toEqual(["sweep", "export", "run", "run"]);
  for (const command of commands) {
    const cut = command[0] === "export" ? [] : ["--minutes", "60"];
    const { status, stderr } = run(
      process.execPath,
      [join(ROOT, "bin", "socklab.js"), ...command, ...cut],
      folder,
    );
    expect([status, stderr]).toEqual([0, ""]);
  }
}, LIMIT_MS);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the page has a snippet for pandas, the curve, Polars and DuckDB in Python, and one in R; none is longer than six lines", () => {
  const headings = snippets("python").map(([heading]) => heading);
  expect(headings).toEqual(["pandas", "The hit-ratio curve", "Polars", "DuckDB"]);
  expect(snippets("r").map(([heading]) => heading)).toEqual(["R"]);
  for (const [heading, code] of [...snippets("python"), ...snippets("r")])
    expect(code.trim().split("\n").length, heading).toBeLessThanOrEqual(6);
});

describe.skipIf(WITHOUT_PYTHON)(`Python ${WITHOUT_PYTHON}`, () => {
  test.each(snippets("python"))(
    "the snippet for %s runs, and shows something if it prints",
    (_heading, code) => {
      const { status, stdout, stderr } = run(PYTHON, ["-c", code], folder);
      expect(status, stderr).toBe(0);
      if (code.includes("print(")) expect(stdout).not.toBe("");
    },
  );

  test("the curve is a PDF", () => {
    expect(readFileSync(join(folder, "curve.pdf"), "latin1").slice(0, 5)).toBe("%PDF-");
  });

  test("pandas loads every number of every table as a number, and equal tables from CSV and Parquet", () => {
    const tables = runTables([], () => "").map(({ name, columns }) => [
      name,
      columns
        .filter(({ type }) => type === "integer" || type === "number")
        .map((each) => each.name),
    ]);
    const { status, stdout, stderr } = run(PYTHON, ["-c", LOAD, JSON.stringify(tables)], folder);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`${tables.length} tables\n`);
  });
});

const LOAD = `
import json, sys
import pandas as pd
tables = json.loads(sys.argv[1])
for name, numbers in tables:
    csv = pd.read_csv(f"data/{name}.csv")
    parquet = pd.read_parquet(f"data/{name}.parquet")
    assert list(csv.columns) == list(parquet.columns), name
    for column in numbers:
        for frame in (csv, parquet):
            is_empty = len(frame) == 0
            assert is_empty or pd.api.types.is_numeric_dtype(frame[column]), (name, column)
    pd.testing.assert_frame_equal(csv[numbers], parquet[numbers], check_dtype=False)
print(len(tables), "tables")
`;

describe.skipIf(WITHOUT_R)(`R ${WITHOUT_R}`, () => {
  test.each(snippets("r"))("the snippet for %s runs", (_heading, code) => {
    const { status, stdout } = run("Rscript", ["-e", code], folder);
    expect(status).toBe(0);
    expect(stdout).toContain("handlerHitRatio");
  });
});

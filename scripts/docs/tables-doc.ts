import type { DataColumn } from "../../src/results/tables/column.js";
import { INVOCATION_COLUMNS } from "../../src/results/tables/invocation-columns.js";
import { LEFT_OUT, runTables } from "../../src/results/tables/run-tables.js";
import { MADE_BY, type Page } from "./page.js";

/** docs/reference/data-tables.md: every column of the tables that socklab writes. */
export function tablesPage(): Page {
  const tables = runTables([], () => "").map(({ name, description, columns }) =>
    [`## ${name}`, description, ...(name === "runs" ? [OPEN] : []), table(columns)].join("\n\n"),
  );
  const leftOut = Object.entries(LEFT_OUT).map(([field, why]) => `\`${field}\` (${why})`);
  const text = `# Tables of data

\`socklab export\` and \`socklab report --data\` write results as tables in files, and \`socklab run --invocations\` writes one row per invocation. [Results in your own tools](../guide/notebook.md) loads them. ${MADE_BY}

Each table is a CSV file, a Parquet file, or both. In CSV, numbers have no quotes, an unlimited number is \`inf\`, and a cell without a value is empty. In Parquet, integers are INT64, numbers DOUBLE, times TIMESTAMP in milliseconds, texts UTF-8, and a cell without a value is null. A name says its unit: \`Us\` is microseconds, \`Bytes\` bytes, \`ByteSeconds\` bytes for one second, and \`Ratio\` or \`Share\` a number between 0 and 1.

Every field of [the result](result.md) is a column, except ${leftOut.join(" and ")}.

${tables.join("\n\n")}

## Invocations

The table of \`socklab run --invocations\`. Rows are in the order in which invocations end. The columns whose names say no unit are named as in the output of the load generator [InVitro](https://github.com/vhive-serverless/invitro), so that its scripts read them; times are in microseconds.

${table(INVOCATION_COLUMNS)}
`;
  return { path: "reference/data-tables.md", text };
}

const OPEN =
  "Depending on the runs there are more columns: `policy` with the family and the name of each parameter of a policy (`policyKeepAliveKeepUs`), and `real` with the name of each option of real containers (`realContainerMemory`).";

function table(columns: readonly DataColumn[]): string {
  const rows = columns.map(
    ({ name, type, unit, description }) =>
      `| \`${name}\` | ${type} | ${unit} | ${description.replaceAll("|", "\\|")} |`,
  );
  return ["| column | type | unit | meaning |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

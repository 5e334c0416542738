/** One measured figure: `median`, `least` and `most` of `rounds` rounds, in `unit`. */
export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly items: number;
  readonly rounds: number;
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function summarise(
  name: string,
  unit: string,
  items: number,
  figures: readonly number[],
): BenchRow {
  const sorted = figures.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  return {
    name,
    unit,
    items,
    rounds: sorted.length,
    median,
    least: sorted[0],
    most: sorted.at(-1)!,
  };
}

/** Rows as a table of aligned columns. */
export function renderBench(rows: readonly BenchRow[]): string {
  const cells = rows.map(({ name, unit, items, rounds, median, least, most }) => [
    name,
    figure(median),
    `${figure(least)} to ${figure(most)}`,
    unit,
    `${rounds} x ${items.toLocaleString("en")}`,
  ]);
  const table = [["what", "median", "least to most", "unit", "rounds x items"], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const isNumber = (column: number) => column === 1 || column === 2;
  return table
    .map((row) =>
      row
        .map((cell, column) =>
          isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

/**
 * Rows of cells as aligned lines: the first column is aligned to the left and the others to the
 * right, with two spaces between them. Rows may have different lengths.
 */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
      )
      .join("  ")
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join("");
}

/** A count as `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** A ratio as `12.34 %`; null (nothing was counted) as `-`. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? "-" : `${(100 * ratio).toFixed(2)} %`;
}

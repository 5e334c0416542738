/** How a table fits a terminal. */
export interface TableFit {
  /**
   * Columns of the terminal; undefined, or 0 for a terminal that does not know its size: as wide as
   * needed.
   */
  readonly width?: number | undefined;
  /** Number of columns that name a row: each block of a table that is too wide begins with them. */
  readonly heads?: number;
}

const GAP = "  ";

/**
 * Rows of cells as aligned lines: the first column is aligned to the left and the others to the
 * right, with two spaces between them. Rows may have different lengths. A table that is too wide
 * for the terminal becomes several blocks below each other, with as many columns as fit.
 */
export function textTable(
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, heads = 1 }: TableFit = {},
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  const blocks = blocksOf(widths, width === 0 ? Number.POSITIVE_INFINITY : width, heads);
  const line = (row: readonly string[], columns: readonly number[]) =>
    columns
      .filter((column) => column < row.length)
      .map((column) => {
        const cell = row[column];
        return column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
      })
      .join(GAP)
      .trimEnd();
  return blocks.map((columns) => rows.map((row) => `${line(row, columns)}\n`).join("")).join("\n");
}

/** The columns of each block: those that name a row, then those that fit, at least one. */
function blocksOf(widths: readonly number[], width: number, heads: number): number[][] {
  const names = widths.slice(0, heads).map((_, column) => column);
  const namesWidth = names.reduce((sum, column) => sum + widths[column] + GAP.length, 0);
  const blocks: number[][] = [];
  let used = Number.POSITIVE_INFINITY;
  for (const [column, columnWidth] of widths.entries()) {
    if (column < heads) continue;
    const last = blocks.at(-1);
    if (last !== undefined && used + columnWidth <= width) {
      last.push(column);
      used += columnWidth + GAP.length;
    } else {
      blocks.push([...names, column]);
      used = namesWidth + columnWidth + GAP.length;
    }
  }
  return blocks.length === 0 ? [names] : blocks;
}

/** A count as `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** A ratio as `12.34 %`; null (nothing was counted) as `-`. */
export function formatRatio(ratio: number | null): string {
  return ratio === null ? "-" : `${(100 * ratio).toFixed(2)} %`;
}

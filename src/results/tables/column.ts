/** What a column's values are. `integer` values are whole and exact; `time` values are ISO 8601. */
export type ColumnType = "integer" | "number" | "text" | "boolean" | "time";

/** A cell; null: there is no value. */
export type Value = number | string | boolean | null;

/** A column of a table of data: its name says its unit. */
export interface DataColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly unit: string;
  readonly description: string;
}

/** How a column's name ends if it has a unit, so that no reader has to look the unit up. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  microseconds: ["Us"],
  bytes: ["Bytes"],
  "byte-seconds": ["ByteSeconds"],
  ratio: ["Ratio", "Share"],
  "1/s": ["PerSecond"],
};

/**
 * A column's name in camelCase from the names that lead to it. The unit is at its end:
 * `timesUs`, `startup`, `p50` in microseconds become `timesStartupP50Us`.
 */
export function columnName(path: readonly string[], unit: string): string {
  const ends = ENDS[unit] ?? [""];
  const words = path.map((word) => withoutUnit(word.replaceAll(/-(\w)/g, upper)));
  const name = [words[0], ...words.slice(1).map((word) => word.replace(/^./, upper))].join("");
  const saysUnit = ends.some((end) => name.endsWith(end) || name === end.toLowerCase());
  return saysUnit ? name : name + ends[0];
}

/** A word without the unit that it says itself: `timesUs`, `bytesPeak`. */
function withoutUnit(word: string): string {
  return word.replace(/(?<=[a-z\d])Us$/, "").replace(/^bytes([A-Z])/, lower);
}

function lower(letters: string): string {
  return letters.at(-1)!.toLowerCase();
}

function upper(letters: string): string {
  return letters.at(-1)!.toUpperCase();
}

import {
  formatBytes,
  formatBytesWithDigits,
  formatUsWithDigits,
  SHOWN_DIGITS,
  US_PER_SECOND,
} from "../basics/units.js";
import type { Cell, Unit } from "./table.js";

const BYTES_PER_GB = 1e9;
const ABSENT = "-";
/** As many digits as a number has. */
const ALL_DIGITS = 15;

/**
 * A cell as text. An estimate is `12.3 ± 0.4 ms`: its mean and half its interval, in the unit of
 * the mean. It has more digits if the interval would otherwise contain 0 in print and not in fact,
 * or in fact and not in print.
 */
export function formatCell(cell: Cell, unit: Unit): string {
  if (cell === null) return ABSENT;
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatValue(cell, unit);
  if ("text" in cell) return cell.text;
  const { value, low, high } = cell;
  const format = (digits: number) => formatValue(value, cell.unit ?? unit, digits);
  if (low === null || high === null || value === 0) return format(SHOWN_DIGITS);
  const half = (high - low) / 2;
  const halfInUnit = (half * numberIn(format(ALL_DIGITS))) / value;
  for (let digits = SHOWN_DIGITS; ; digits++) {
    const [shown, name] = format(digits).split(" ");
    const reach = halfInUnit.toLocaleString("en-US", { maximumSignificantDigits: digits - 1 });
    const excludesZero = numberIn(reach) < Math.abs(numberIn(shown));
    if (excludesZero === half < Math.abs(value) || digits === ALL_DIGITS) {
      return [shown, "±", reach, name].filter((part) => part !== undefined).join(" ");
    }
  }
}

/** The number at the beginning of a formatted value. */
function numberIn(text: string): number {
  return Number(text.split(" ")[0].replaceAll(",", ""));
}

/** `1.5 GiB`, `12 ms`, `12.3 %`: three digits, or as many as given, and a unit. */
export function formatValue(value: number, unit: Unit, digits: number = SHOWN_DIGITS): string {
  switch (unit) {
    case "ratio":
      return `${trimmed(100 * value, digits)} %`;
    case "microseconds":
      return formatUsWithDigits(value, digits);
    case "seconds":
      return formatUsWithDigits(value * US_PER_SECOND, digits);
    case "bytes":
      return formatBytesWithDigits(value, digits);
    case "byte-seconds":
      return `${trimmed(value / BYTES_PER_GB, digits)} GB·s`;
    case "per-second":
      return `${trimmed(value, digits)} /s`;
    case "factor":
      return `${trimmed(value, digits)}x`;
    case "count":
      return trimmed(value, digits);
    case "integer":
    case "text":
      return String(value);
  }
}

/** As `formatValue`, for narrow places: `586K GB·s`. */
export function formatShort(value: number, unit: Unit): string {
  if (unit !== "byte-seconds") return formatValue(value, unit);
  const options = { notation: "compact", maximumSignificantDigits: SHOWN_DIGITS } as const;
  return `${(value / BYTES_PER_GB).toLocaleString("en-US", options)} GB·s`;
}

/** Whole if large, with so many digits if small: `12,345`, `0.0123`. */
function trimmed(value: number, digits: number): string {
  const isLarge = Math.abs(value) >= 10 ** (digits - 1);
  const rounded = isLarge ? Math.round(value) : Number(value.toPrecision(digits));
  return rounded.toLocaleString("en-US", { maximumSignificantDigits: 15 });
}

/** A memory limit; null: unlimited. */
export function formatMemory(bytes: number | null): string {
  return formatBytes(bytes ?? Number.POSITIVE_INFINITY);
}

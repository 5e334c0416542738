import { formatBytes, formatUs, US_PER_SECOND } from "../basics/units.js";
import type { Cell, Unit } from "./table.js";

const BYTES_PER_GB = 1e9;
const ABSENT = "-";

/**
 * A cell as text. An estimate is `12.3 ± 0.4 ms`: its mean and half its interval, in the unit of
 * the mean.
 */
export function formatCell(cell: Cell, unit: Unit): string {
  if (cell === null) return ABSENT;
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatValue(cell, unit);
  if ("text" in cell) return cell.text;
  const { value, low, high } = cell;
  const text = formatValue(value, cell.unit ?? unit);
  if (low === null || high === null || value === 0) return text;
  const [shown, name] = text.split(" ");
  const scale = Number(shown.replaceAll(",", "")) / value;
  const half = Number((((high - low) / 2) * scale).toPrecision(2)).toLocaleString("en-US", {
    maximumSignificantDigits: 2,
  });
  return [shown, "±", half, name].filter((part) => part !== undefined).join(" ");
}

/** `1.5 GiB`, `12 ms`, `12.3 %`: three digits and a unit. */
export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case "ratio":
      return `${trimmed(100 * value)} %`;
    case "microseconds":
      return formatUs(value);
    case "seconds":
      return formatUs(value * US_PER_SECOND);
    case "bytes":
      return formatBytes(value);
    case "byte-seconds":
      return `${trimmed(value / BYTES_PER_GB)} GB·s`;
    case "per-second":
      return `${trimmed(value)} /s`;
    case "factor":
      return `${trimmed(value)}x`;
    case "count":
      return trimmed(value);
    case "integer":
    case "text":
      return String(value);
  }
}

/** Whole if large, with three digits if small: `12,345`, `0.0123`. */
function trimmed(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumSignificantDigits: 15 });
}

/** A memory limit; null: unlimited. */
export function formatMemory(bytes: number | null): string {
  return formatBytes(bytes ?? Number.POSITIVE_INFINITY);
}

import { formatBytes, formatUs, US_PER_SECOND } from "../engine/units.js";
import type { Cell, Unit } from "./table.js";

const BYTES_PER_GB = 1e9;
const ABSENT = "-";

/** A cell for people; an estimate as `12 ms ± 1 ms`. */
export function formatCell(cell: Cell, unit: Unit): string {
  if (cell === null) return ABSENT;
  if (typeof cell === "string") return cell;
  if (typeof cell === "number") return formatValue(cell, unit);
  const shown = cell.unit ?? unit;
  const text = formatValue(cell.value, shown);
  if (cell.low === null || cell.high === null) return text;
  return `${text} ± ${formatValue((cell.high - cell.low) / 2, shown)}`;
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
      return `${trimmed(value / BYTES_PER_GB)} GB s`;
    case "count":
      return trimmed(value);
    case "integer":
    case "text":
      return String(value);
  }
}

/** Whole where large, three digits where small: `12,345`, `0.0123`. */
function trimmed(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString("en-US", { maximumSignificantDigits: 15 });
}

/** A memory limit: null is none. */
export function formatMemory(bytes: number | null): string {
  return formatBytes(bytes ?? Number.POSITIVE_INFINITY);
}

import { InputError } from "./errors.js";

export const US_PER_MS = 1_000;
export const US_PER_SECOND = 1_000_000;
export const US_PER_MINUTE = 60_000_000;
export const BYTES_PER_KIB = 1024;
export const BYTES_PER_MIB = 1024 ** 2;
export const BYTES_PER_GIB = 1024 ** 3;

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: BYTES_PER_KIB,
  MiB: BYTES_PER_MIB,
  GiB: BYTES_PER_GIB,
  TiB: 1024 ** 4,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

const DURATION_UNITS: Readonly<Record<string, number>> = {
  us: 1,
  ms: US_PER_MS,
  s: US_PER_SECOND,
  m: US_PER_MINUTE,
  h: 60 * US_PER_MINUTE,
  d: 24 * 60 * US_PER_MINUTE,
};

/**
 * Reads `512MiB`, `8GB` or `unlimited` (Infinity) as bytes. `what` names the option in the error.
 */
export function parseBytes(text: string, what: string): number {
  return parseQuantity(text, what, BYTE_UNITS, "512MiB");
}

/** Reads `250ms`, `10m` or `unlimited` (Infinity) as microseconds. `what` names the option. */
export function parseDurationUs(text: string, what: string): number {
  return parseQuantity(text, what, DURATION_UNITS, "10m");
}

function parseQuantity(
  text: string,
  what: string,
  units: Readonly<Record<string, number>>,
  example: string,
): number {
  if (text === "unlimited") return Number.POSITIVE_INFINITY;
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text.trim());
  const scale = match === null ? undefined : units[match[2]];
  if (match !== null && Number(match[1]) === 0 && match[2] === "") return 0;
  if (match === null || scale === undefined) {
    const names = Object.keys(units).join(", ");
    throw new InputError(
      `${what}: "${text}" is not a number with a unit (one of ${names}), as in ${example}, or "unlimited"`,
    );
  }
  return Math.round(Number(match[1]) * scale);
}

/** Digits of a number for people. */
export const SHOWN_DIGITS = 3;

/** Bytes for people: `1.5 GiB`. */
export function formatBytes(bytes: number): string {
  return formatBytesWithDigits(bytes, SHOWN_DIGITS);
}

export function formatBytesWithDigits(bytes: number, digits: number): string {
  return formatScaled(bytes, digits, [
    [1024 ** 4, "TiB"],
    [BYTES_PER_GIB, "GiB"],
    [BYTES_PER_MIB, "MiB"],
    [BYTES_PER_KIB, "KiB"],
    [1, "B"],
  ]);
}

/** Microseconds for people: `12.3 ms`. */
export function formatUs(us: number): string {
  return formatUsWithDigits(us, SHOWN_DIGITS);
}

export function formatUsWithDigits(us: number, digits: number): string {
  return formatScaled(us, digits, [
    [24 * 60 * US_PER_MINUTE, "d"],
    [60 * US_PER_MINUTE, "h"],
    [US_PER_MINUTE, "min"],
    [US_PER_SECOND, "s"],
    [US_PER_MS, "ms"],
    [1, "us"],
  ]);
}

function formatScaled(
  value: number,
  digits: number,
  scales: readonly (readonly [number, string])[],
): string {
  if (!Number.isFinite(value)) return "unlimited";
  if (value === 0) return "0";
  const last = scales[scales.length - 1];
  const [scale, unit] = scales.find(([size]) => Math.abs(value) >= size) ?? last;
  return `${Number((value / scale).toPrecision(digits))} ${unit}`;
}

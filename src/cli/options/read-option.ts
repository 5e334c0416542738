import { statSync } from "node:fs";
import { InputError } from "../../basics/errors.js";
import { parseBytes, parseDurationUs } from "../../basics/units.js";

/** An option as yargs parses it: a text, or a list if it was given more than once. */
export type Given = string | readonly string[];

interface Range {
  readonly min: number;
  readonly max?: number;
}

/** Reads an option that has no default. Returns undefined if it was not given. */
export function ifGiven<T>(given: Given | undefined, read: (given: Given) => T): T | undefined {
  return given === undefined ? undefined : read(given);
}

/** The text of an option that may be given only once. Errors: InputError naming the option. */
export function readText(given: Given, option: string): string {
  if (typeof given === "string") return given;
  throw new InputError(`${option}: given ${given.length} times, expected once`);
}

/** All texts of an option that may be given several times. */
export function readTexts(given: Given | undefined): readonly string[] {
  if (given === undefined) return [];
  return typeof given === "string" ? [given] : given;
}

export function readInteger(given: Given, option: string, range: Range): number {
  const value = readNumber(given, option, range);
  if (Number.isSafeInteger(value)) return value;
  throw new InputError(`${option}: ${value} is not a whole number`);
}

export function readNumber(given: Given, option: string, range: Range): number {
  const text = readText(given, option);
  const value = text.trim() === "" ? Number.NaN : Number(text);
  const { min, max = Number.MAX_SAFE_INTEGER } = range;
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  const expected = range.max === undefined ? `of at least ${min}` : `from ${min} to ${max}`;
  throw new InputError(`${option}: "${text}" is not a number ${expected}`);
}

/** Reads a number as `readNumber` does, and `unlimited` as Infinity. */
export function readLimit(given: Given, option: string, range: Range): number {
  return given === "unlimited" ? Number.POSITIVE_INFINITY : readNumber(given, option, range);
}

export function readBytes(given: Given, option: string): number {
  return parseBytes(readText(given, option), option);
}

export function readDurationUs(given: Given, option: string): number {
  return parseDurationUs(readText(given, option), option);
}

export function readChoice<T extends string>(
  given: Given,
  option: string,
  choices: readonly T[],
): T {
  const text = readText(given, option);
  const choice = choices.find((name) => name === text);
  if (choice !== undefined) return choice;
  throw new InputError(`${option}: "${text}" is not one of ${choices.join(", ")}`);
}

/** Path of a folder that exists. Errors: InputError naming the option. */
export function readFolder(given: Given, option: string): string {
  const path = readText(given, option);
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
  throw new InputError(`${option} ${path}: is no folder, expected one that exists`);
}

import { InputError } from "../../basics/errors.js";
import { type Given, readText } from "./read-option.js";

const PERCENT = 100;

/** Reads a share from 0 to 1, written as a number or in percent: `0.01` or `1%`. Errors: InputError. */
export function readShare(given: Given, option: string): number {
  const text = readText(given, option).trim();
  const isPercent = text.endsWith("%");
  const number = (isPercent ? text.slice(0, -1) : text).trim();
  const share = (number === "" ? Number.NaN : Number(number)) / (isPercent ? PERCENT : 1);
  if (share >= 0 && share <= 1) return share;
  throw new InputError(`${option}: "${text}" is not a share, expected 0 to 1 or 0% to 100%`);
}

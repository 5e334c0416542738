import { assert } from "../basics/errors.js";
import type { Parameters } from "../contract/parameters.js";

/** A number, duration or size among checked parameters. */
export function numberOf(parameters: Parameters, key: string): number {
  const value = parameters[key];
  assert(typeof value === "number", `parameter ${key} is not a number`);
  return value;
}

/** A choice or path among checked parameters. */
export function textOf(parameters: Parameters, key: string): string {
  const value = parameters[key];
  assert(typeof value === "string", `parameter ${key} is not text`);
  return value;
}

/** A boolean among checked parameters. */
export function flagOf(parameters: Parameters, key: string): boolean {
  const value = parameters[key];
  assert(typeof value === "boolean", `parameter ${key} is not a boolean`);
  return value;
}

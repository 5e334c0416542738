import type { PackageSet } from "../../contract/package-set.js";

/** A number that JSON cannot represent: readers take it for Infinity. */
const BEYOND_RANGE = "1e999";

/**
 * JSON in which Infinity is a number beyond the range, and a set of packages or of other ids is
 * `{"$set": [...]}`. NaN and undefined are null. Methods are left out, but an object that has only
 * methods is `{"$act": [...]}` with their names.
 */
export function encodeJson(value: unknown): string {
  switch (typeof value) {
    case "number":
      if (Number.isFinite(value)) return String(value);
      return Number.isNaN(value) ? "null" : value > 0 ? BEYOND_RANGE : `-${BEYOND_RANGE}`;
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "object":
      return value === null ? "null" : encodeObject(value);
    default:
      return "null";
  }
}

function encodeObject(value: object): string {
  if (Array.isArray(value)) return `[${value.map(encodeJson).join(",")}]`;
  const ids = value instanceof Set ? [...value] : (value as Partial<PackageSet>).ids;
  if (ids !== undefined) return `{"$set":[${Array.from(ids).join(",")}]}`;
  const fields = Object.entries(value)
    .filter(([, field]) => typeof field !== "function")
    .map(([name, field]) => `${JSON.stringify(name)}:${encodeJson(field)}`);
  const methods = fields.length === 0 ? Object.keys(value) : [];
  return methods.length === 0 ? `{${fields.join(",")}}` : `{"$act":${JSON.stringify(methods)}}`;
}

/** The inverse, for answers: JSON itself reads a number beyond the range as Infinity. */
export function decodeJson(text: string): unknown {
  return JSON.parse(text);
}

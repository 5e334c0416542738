import { InputError, unreachable } from "../basics/errors.js";
import { parseBytes, parseDurationUs } from "../basics/units.js";
import type { ParameterSpec, ParameterValue } from "../contract/parameters.js";
import { FAMILIES, type Family, type PolicySpec } from "../contract/policy.js";
import type { ChoiceData, PolicyChoice } from "./choice.js";
import { findSpec } from "./registry.js";

/**
 * Reads `name` or `name:key=value,key=value`; parameters left out have their defaults. A value may
 * contain `=` and `:`, but no comma. Errors: InputError that begins with `where`.
 */
export function parseChoice(
  family: Family,
  text: string,
  specs: readonly PolicySpec[],
  where: string,
): PolicyChoice {
  const [name, settings] = splitOnce(text, ":");
  const spec = findSpec(family, name.trim(), specs, where);
  const given = new Map<string, ParameterValue>();
  for (const setting of settings?.split(",") ?? []) {
    const [rawKey, value] = splitOnce(setting, "=");
    const key = rawKey.trim();
    if (value === undefined)
      throw new InputError(`${where}: "${setting}" is not key=value in ${family}=${text}`);
    if (given.has(key))
      throw new InputError(`${where}: ${key} is given twice in ${family}=${text}`);
    given.set(key, parseValue(parameterOf(spec, key, where), value.trim(), `${where}: ${key}`));
  }
  return complete(spec, given);
}

/** Reads `family=name:key=value,...`, the form that `--set` accepts. */
export function parseOverride(
  text: string,
  specs: readonly PolicySpec[],
  where: string,
): PolicyChoice {
  const [name, choice] = splitOnce(text, "=");
  const family = FAMILIES.find((candidate) => candidate === name.trim());
  if (family === undefined || choice === undefined)
    throw new InputError(
      `${where}: "${text}" is not family=policy, with family one of ${FAMILIES.join(", ")}, as in zygote=forklift:nodes=40`,
    );
  return parseChoice(family, choice, specs, where);
}

const FILE_CHANGE = /^([^=]+)=\s*(.+?\.(?:js|mjs|cjs|ts|mts|py))\s*(:.*)?$/;

/**
 * The family, the path and the parameters of a change that names a file, `family=FILE:key=value`.
 * The path is undefined if the change names a policy.
 */
export function splitFileChange(
  text: string,
): readonly [family: string, path: string | undefined, parameters: string] {
  const match = FILE_CHANGE.exec(text);
  if (match === null) return [text, undefined, ""];
  return [match[1].trim(), match[2], match[3] ?? ""];
}

/** The choice in the form in which journals and results contain it. */
export function choiceToData({ name, parameters }: PolicyChoice): ChoiceData {
  const values = Object.entries(parameters).map(([key, value]) => {
    return [key, value === Number.POSITIVE_INFINITY ? null : value] as const;
  });
  return { name, parameters: Object.fromEntries(values) };
}

/** The inverse of `choiceToData`. Errors: InputError that begins with `where`. */
export function choiceFromData(
  family: Family,
  data: ChoiceData,
  specs: readonly PolicySpec[],
  where: string,
): PolicyChoice {
  const spec = findSpec(family, data.name, specs, where);
  const given = new Map<string, ParameterValue>();
  for (const [key, stored] of Object.entries(data.parameters)) {
    const parameter = parameterOf(spec, key, where);
    const value = stored ?? Number.POSITIVE_INFINITY;
    if (typeof value !== typeof parameter.default)
      throw new InputError(`${where}: ${key} is ${value}, expected a ${parameter.kind}`);
    given.set(key, checkRange(parameter, value, `${where}: ${key}`, String(value)));
  }
  return complete(spec, given);
}

function complete(spec: PolicySpec, given: ReadonlyMap<string, ParameterValue>): PolicyChoice {
  const values = Object.entries(spec.parameters).map(([key, parameter]) => {
    return [key, given.get(key) ?? parameter.default] as const;
  });
  return { family: spec.family, name: spec.name, parameters: Object.fromEntries(values) };
}

function parameterOf({ family, name, parameters }: PolicySpec, key: string, where: string) {
  if (Object.hasOwn(parameters, key)) return parameters[key];
  const known = Object.keys(parameters).join(", ");
  throw new InputError(
    `${where}: ${family}=${name} has no parameter "${key}", ${known === "" ? "it has none" : `expected one of ${known}`}`,
  );
}

function parseValue(parameter: ParameterSpec, text: string, where: string): ParameterValue {
  switch (parameter.kind) {
    case "duration":
      return parseDurationUs(text, where);
    case "bytes":
      return parseBytes(text, where);
    case "number":
      return checkRange(parameter, text === "" ? Number.NaN : Number(text), where, text);
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw new InputError(`${where}: "${text}" is not true or false`);
    case "choice":
      return checkRange(parameter, text, where, text);
    case "path":
      if (text !== "") return text;
      throw new InputError(`${where}: the path is empty`);
    default:
      return unreachable(parameter);
  }
}

function checkRange(
  parameter: ParameterSpec,
  value: ParameterValue,
  where: string,
  text: string,
): ParameterValue {
  if (parameter.kind === "number") {
    const { min, max, unit } = parameter;
    if (typeof value === "number" && value >= min && value <= max) return value;
    throw new InputError(`${where}: "${text}" is not a number from ${min} to ${max} (${unit})`);
  }
  if (parameter.kind === "choice" && !parameter.choices.includes(String(value)))
    throw new InputError(`${where}: "${text}" is not one of ${parameter.choices.join(", ")}`);
  return value;
}

/**
 * The text before the first separator and the text after it; without a separator, all and
 * undefined.
 */
export function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

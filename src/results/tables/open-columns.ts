import { columnName, type DataColumn, type Value } from "./column.js";
import { fieldAt, type Inner, type NameOf } from "./schema-columns.js";

/** The unit of a policy's parameter by family, policy and parameter; empty: none is known. */
export type UnitOfParameter = (family: string, policy: string, parameter: string) => string;

/** A column and its value in a result. */
export interface OpenColumn {
  readonly column: DataColumn;
  readonly of: (result: object) => Value;
}

/** One field of a record in one result. */
interface Found {
  readonly path: readonly string[];
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly value: Value;
}

const PARAMETERS = "parameters";

/**
 * Columns for fields whose names only the results know: parameters of policies, options of real
 * runs. A column has text if its values are of several kinds. The columns are in order of name.
 */
export function openColumns(
  records: readonly Inner[],
  results: readonly object[],
  nameOf: NameOf,
  unitOf: UnitOfParameter,
): readonly OpenColumn[] {
  const columns = new Map<string, Found[]>();
  for (const result of results) {
    for (const found of records.flatMap((record) => foundIn(result, record, nameOf, unitOf))) {
      columns.set(found.name, [...(columns.get(found.name) ?? []), found]);
    }
  }
  return [...columns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, found]) => columnOf(found));
}

function foundIn(
  result: object,
  { path, description }: Inner,
  nameOf: NameOf,
  unitOf: UnitOfParameter,
): readonly Found[] {
  const isChoice = path.at(-1) === PARAMETERS;
  const words = nameOf(isChoice ? path.slice(0, -1) : path);
  const policy = isChoice ? String(fieldAt(result, [...path.slice(0, -1), "name"])) : "";
  return Object.entries(fieldAt(result, path) ?? {}).map(([key, value]) => {
    const unit = isChoice ? unitOf(path.at(-2)!, policy, key) : "";
    return {
      path: [...path, key],
      name: columnName([...words, key], unit),
      unit,
      description: isChoice
        ? `Parameter \`${key}\` of the ${words.at(-1)} policy; infinite: unlimited.`
        : `${description} Here: \`${key}\`.`,
      value: isChoice && value === null ? Number.POSITIVE_INFINITY : (value as Value),
    };
  });
}

function columnOf(found: readonly Found[]): OpenColumn {
  const [{ path, name, unit, description }] = found;
  const kinds = new Set(
    found.filter(({ value }) => value !== null).map(({ value }) => typeof value),
  );
  const [kind] = kinds;
  const isOne = kinds.size === 1 && kind !== "string";
  const type = isOne ? (kind as "number" | "boolean") : "text";
  const isLimit = path.at(-2) === PARAMETERS && type === "number";
  return {
    column: { name, type, unit, description },
    of: (result) => {
      const value = fieldAt(result, path) as Value | undefined;
      if (value === undefined) return null;
      if (value === null) return isLimit ? Number.POSITIVE_INFINITY : null;
      return type === "text" ? String(value) : value;
    },
  };
}

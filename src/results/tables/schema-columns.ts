import { z } from "zod";
import { type ColumnType, columnName, type DataColumn, type Value } from "./column.js";

/** A field of an object that is one value, as a column. */
export interface Leaf {
  /** Names of the fields that lead to it. */
  readonly path: readonly string[];
  readonly column: DataColumn;
  /** null in the object stands for "no limit". */
  readonly isLimit: boolean;
}

/** Fields of an object that are not one value each. */
export interface Inner {
  readonly path: readonly string[];
  readonly schema: z.ZodType;
  readonly description: string;
}

export interface Fields {
  readonly leaves: readonly Leaf[];
  /** Lists of objects. */
  readonly lists: readonly (Inner & { readonly schema: z.ZodObject })[];
  /** Objects whose fields are not known beforehand. */
  readonly records: readonly Inner[];
}

/** Gives the words of a column's name for the path of a field. */
export type NameOf = (path: readonly string[]) => readonly string[];

/** Every field of an object, at every depth, as its schema declares them. */
export function fieldsOf(
  schema: z.ZodObject,
  nameOf: NameOf,
  above: readonly string[] = [],
): Fields {
  const all = Object.entries(schema.shape).map(([name, field]) =>
    fieldOf(field as z.ZodType, nameOf, [...above, name]),
  );
  return {
    leaves: all.flatMap(({ leaves }) => leaves),
    lists: all.flatMap(({ lists }) => lists),
    records: all.flatMap(({ records }) => records),
  };
}

const NOTHING: Fields = { leaves: [], lists: [], records: [] };

function fieldOf(field: z.ZodType, nameOf: NameOf, path: readonly string[]): Fields {
  const { unit = "", description = "", nullMeans } = (field.meta() ?? {}) as Meta;
  const value = inside(field);
  if (value instanceof z.ZodObject) return fieldsOf(value, nameOf, path);
  if (value instanceof z.ZodRecord) {
    return { ...NOTHING, records: [{ path, schema: value, description }] };
  }
  if (value instanceof z.ZodArray && value.element instanceof z.ZodObject) {
    return { ...NOTHING, lists: [{ path, schema: value.element, description }] };
  }
  const isLimit = nullMeans === "unlimited";
  const column = {
    name: columnName(nameOf(path), unit),
    type: typeOf(value, unit, isLimit),
    unit,
    description: isLimit
      ? description.replace("null: unlimited", "infinite: unlimited")
      : description,
  };
  return { ...NOTHING, leaves: [{ path, column, isLimit }] };
}

interface Meta {
  readonly unit?: string;
  readonly description?: string;
  readonly nullMeans?: string;
}

/** The schema of a field's value when it is present. */
function inside(field: z.ZodType): unknown {
  const mayLack = field instanceof z.ZodNullable || field instanceof z.ZodOptional;
  return mayLack ? inside(field.unwrap() as z.ZodType) : field;
}

const WHOLE_UNITS = ["count", "integer"];

function typeOf(value: unknown, unit: string, isLimit: boolean): ColumnType {
  if (value instanceof z.ZodBoolean) return "boolean";
  if (!(value instanceof z.ZodNumber)) return unit === "ISO 8601" ? "time" : "text";
  // a whole number cannot be infinite
  return WHOLE_UNITS.includes(unit) && !isLimit ? "integer" : "number";
}

/** The value of a field of an object; a list of texts has spaces between them. */
export function valueAt(object: unknown, { path, isLimit }: Leaf): Value {
  const value = fieldAt(object, path);
  if (value === null && isLimit) return Number.POSITIVE_INFINITY;
  if (Array.isArray(value)) return value.join(" ");
  return (value ?? null) as Value;
}

/** The value at the end of a path; undefined if the path ends early. */
export function fieldAt(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | undefined)?.[name];
  return value;
}

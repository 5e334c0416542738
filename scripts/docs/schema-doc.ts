import { z } from "zod";

/**
 * An object and its description as a page: every field with its unit and meaning, as the schema
 * declares them.
 */
export interface SchemaDoc {
  /** Name of the object, with which the headings of its inner objects begin. */
  readonly name: string;
  readonly schema: z.ZodObject;
  readonly description: string;
  /** Objects that appear in several places and are described once: name, schema, description. */
  readonly shared: readonly (readonly [string, z.ZodObject, string])[];
  /** Objects that another page describes: schema and link. */
  readonly elsewhere: readonly (readonly [z.ZodObject, string])[];
}

/** The tables of the object, its inner objects and the shared objects, one block per table. */
export function renderSchema(doc: SchemaDoc): string[] {
  return [
    ...renderObject(doc, doc.name, doc.schema, doc.description),
    ...doc.shared.flatMap(([name, schema, description]) =>
      renderObject(doc, name, schema, description),
    ),
  ];
}

function renderObject(
  doc: SchemaDoc,
  path: string,
  schema: z.ZodObject,
  description: string,
): string[] {
  const fields = Object.entries(schema.shape) as [string, z.ZodType][];
  const rows = fields.map(([name, field]) => [
    `\`${name}\``,
    kindOf(doc, field, `${path}.${name}`),
    metaOf(field, `${path}.${name}`, "description"),
  ]);
  const inner = fields.flatMap(([name, field]) => {
    const object = objectIn(field);
    if (object === undefined || linkOf(doc, object) !== undefined) return [];
    const fieldPath = `${path}.${name}`;
    return renderObject(doc, fieldPath, object, metaOf(field, fieldPath, "description"));
  });
  return [`## ${path}`, description, markdownTable(["field", "unit", "meaning"], rows), ...inner];
}

function kindOf(doc: SchemaDoc, field: z.ZodType, path: string): string {
  const object = objectIn(field);
  if (object === undefined) return metaOf(field, path, "unit");
  const link = linkOf(doc, object) ?? linkTo(path.replace(`${doc.name}.`, ""), path);
  return inside(field) instanceof z.ZodArray ? `list of ${link}` : link;
}

/** The object in a field, or in the rows of a field's list. */
function objectIn(field: z.ZodType): z.ZodObject | undefined {
  const value = inside(field);
  const object = value instanceof z.ZodArray ? value.element : value;
  return object instanceof z.ZodObject ? object : undefined;
}

/** The schema of a field's value when it is present. */
function inside(field: z.ZodType): unknown {
  const mayLack = field instanceof z.ZodNullable || field instanceof z.ZodOptional;
  return mayLack ? field.unwrap() : field;
}

function linkOf({ shared, elsewhere }: SchemaDoc, object: z.ZodObject): string | undefined {
  const name = shared.find(([, schema]) => schema.shape === object.shape)?.[0];
  if (name !== undefined) return linkTo(name, name);
  return elsewhere.find(([schema]) => schema.shape === object.shape)?.[1];
}

function linkTo(text: string, heading: string): string {
  return `[${text}](#${heading.replaceAll(".", "").toLowerCase()})`;
}

function metaOf(field: z.ZodType, path: string, key: "unit" | "description"): string {
  const value = field.meta()?.[key];
  if (typeof value !== "string") throw new Error(`${path} has no ${key}`);
  return value;
}

function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column].length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |`;
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

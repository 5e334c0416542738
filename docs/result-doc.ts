import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { BENCH_SCHEMA, benchSchema } from "../src/results/bench-result.js";
import {
  choiceSchema,
  quantilesSchema,
  RESULT_SCHEMA,
  resultSchema,
  tierSchema,
} from "../src/results/result.js";

export const RESULT_DOC = fileURLToPath(new URL("result.md", import.meta.url));
export const BENCH_DOC = fileURLToPath(new URL("bench-result.md", import.meta.url));

/** Objects that stand in several places and are described once. */
const SHARED: readonly (readonly [string, z.ZodObject, string])[] = [
  ["quantiles", quantilesSchema, "One distribution of times."],
  ["policy", choiceSchema, "The policy of one family."],
  ["tier", tierSchema, "One of the three caches."],
];

/** docs/result.md: every field of a result with its unit and meaning, as the schema declares them. */
export function renderResultDoc(): string {
  return [
    `# The result object (\`${RESULT_SCHEMA}\`)`,
    "What `socklab run --json` prints and `--out` writes. Generated from src/results/result.ts by\n" +
      "`npm run docs`; a test checks that it is up to date.",
    "Times are microseconds, sizes bytes, ratios between 0 and 1. JSON has no Infinity: where\n" +
      "something is unlimited, it is `null`. Quantiles are by nearest rank: p99 is the value at rank\n" +
      "ceil(0.99 x count) of the times in ascending order; what is reported differs from it by at most\n" +
      "`quantileError` of it. Count, mean and max are exact.",
    ...renderObject("result", resultSchema, "All that a run leaves behind."),
    ...SHARED.flatMap(([name, schema, description]) => renderObject(name, schema, description)),
  ]
    .join("\n\n")
    .concat("\n");
}

/** docs/bench-result.md: the same of a bench's result. */
export function renderBenchDoc(): string {
  return [
    `# The result of a bench (\`${BENCH_SCHEMA}\`)`,
    "What `socklab bench --json` prints and `-o` writes; docs/benches.md says how it is measured.\n" +
      "Generated from src/results/bench-result.ts by `npm run docs`; a test checks that it is up to date.",
    ...renderObject("bench", benchSchema, "All that a bench leaves behind."),
  ]
    .join("\n\n")
    .concat("\n");
}

function renderObject(path: string, schema: z.ZodObject, description: string): string[] {
  const fields = Object.entries(schema.shape) as [string, z.ZodType][];
  const rows = fields.map(([name, field]) => [
    `\`${name}\``,
    kindOf(field, `${path}.${name}`),
    metaOf(field, `${path}.${name}`, "description"),
  ]);
  const inner = fields.flatMap(([name, field]) => {
    const object = objectIn(field);
    if (object === undefined || sharedName(object) !== undefined) return [];
    const fieldPath = `${path}.${name}`;
    return renderObject(fieldPath, object, metaOf(field, fieldPath, "description"));
  });
  return [`## ${path}`, description, markdownTable(["field", "unit", "meaning"], rows), ...inner];
}

function kindOf(field: z.ZodType, path: string): string {
  const object = objectIn(field);
  if (object === undefined) return metaOf(field, path, "unit");
  const name = sharedName(object) ?? path;
  const link = `[${name.replace(/^(result|bench)\./, "")}](#${name.replaceAll(".", "").toLowerCase()})`;
  return field instanceof z.ZodArray ? `list of ${link}` : link;
}

/** The object a field holds, if it is not null, or that of a list's rows. */
function objectIn(field: z.ZodType): z.ZodObject | undefined {
  const object =
    field instanceof z.ZodArray
      ? field.element
      : field instanceof z.ZodNullable
        ? field.unwrap()
        : field;
  return object instanceof z.ZodObject ? object : undefined;
}

function sharedName(object: z.ZodObject): string | undefined {
  return SHARED.find(([, schema]) => schema.shape === object.shape)?.[0];
}

function metaOf(field: z.ZodType, path: string, key: "unit" | "description"): string {
  const value = field.meta()?.[key];
  if (typeof value !== "string") throw new Error(`${path} has no ${key}`);
  return value;
}

function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(heads), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join(
    "\n",
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(RESULT_DOC, renderResultDoc());
  await writeFile(BENCH_DOC, renderBenchDoc());
}

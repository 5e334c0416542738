import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { BENCH_SCHEMA, benchSchema } from "../../src/results/bench-result.js";
import {
  choiceSchema,
  quantilesSchema,
  RESULT_SCHEMA,
  resultSchema,
  tierSchema,
} from "../../src/results/result.js";
import { renderSchema } from "./schema-doc.js";

export const RESULT_DOC = fileURLToPath(new URL("../../docs/reference/result.md", import.meta.url));
export const BENCH_DOC = fileURLToPath(
  new URL("../../docs/reference/bench-result.md", import.meta.url),
);

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
    ...renderSchema({
      name: "result",
      schema: resultSchema,
      description: "All that a run leaves behind.",
      shared: SHARED,
      elsewhere: [],
    }),
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
    ...renderSchema({
      name: "bench",
      schema: benchSchema,
      description: "All that a bench leaves behind.",
      shared: [],
      elsewhere: [],
    }),
  ]
    .join("\n\n")
    .concat("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(RESULT_DOC, renderResultDoc());
  await writeFile(BENCH_DOC, renderBenchDoc());
}

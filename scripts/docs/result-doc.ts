import type { z } from "zod";
import { BENCH_SCHEMA, benchSchema } from "../../src/results/bench-result.js";
import {
  quantilesSchema,
  RESULT_SCHEMA,
  resultSchema,
  tierSchema,
} from "../../src/results/result.js";
import { choiceSchema } from "../../src/results/run-schema.js";
import { MADE_BY, type Page } from "./page.js";
import { renderSchema } from "./schema-doc.js";

/** Objects that appear in several places and are described once. */
const SHARED: readonly (readonly [string, z.ZodObject, string])[] = [
  ["quantiles", quantilesSchema, "One distribution of times."],
  ["policy", choiceSchema, "The policy of one family."],
  ["tier", tierSchema, "One of the three caches."],
];

/** docs/reference/result.md: every field of a result with its unit and meaning, as the schema declares them. */
export function resultPage(): Page {
  const blocks = [
    `# The result object (\`${RESULT_SCHEMA}\`)`,
    `The object that \`socklab run --json\` prints and \`--out\` writes. ${MADE_BY}`,
    "Times are in microseconds, sizes in bytes, and ratios between 0 and 1. JSON has no Infinity: an\n" +
      "unlimited value is `null`. Quantiles are by nearest rank: p99 is the value at rank\n" +
      "ceil(0.99 x count) of the times in ascending order. The reported value differs from it by at most\n" +
      "`quantileError` of it. Count, mean and max are exact.",
    ...renderSchema({
      name: "result",
      schema: resultSchema,
      description: "Everything that a run reports.",
      shared: SHARED,
      elsewhere: [],
    }),
  ];
  return { path: "reference/result.md", text: `${blocks.join("\n\n")}\n` };
}

/** docs/reference/bench-result.md: every field of a bench's result. */
export function benchPage(): Page {
  const blocks = [
    `# The result of a bench (\`${BENCH_SCHEMA}\`)`,
    `The object that \`socklab bench --json\` prints and \`-o\` writes. [The guide to benches](../guide/benches.md) says how it is measured. ${MADE_BY}`,
    ...renderSchema({
      name: "bench",
      schema: benchSchema,
      description: "Everything that a bench reports.",
      shared: [],
      elsewhere: [],
    }),
  ];
  return { path: "reference/bench-result.md", text: `${blocks.join("\n\n")}\n` };
}

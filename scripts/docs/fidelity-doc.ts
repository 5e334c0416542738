import type { z } from "zod";
import {
  costUseSchema,
  FIDELITY_SCHEMA,
  fidelityPolicySchema,
  fidelityRunSchema,
  fidelitySchema,
  spreadSchema,
} from "../../src/results/fidelity-result.js";
import { resultSchema } from "../../src/results/result.js";
import { runSchema } from "../../src/results/run-schema.js";
import { MADE_BY, type Page } from "./page.js";
import { renderSchema } from "./schema-doc.js";

const { invocations, timesUs, startupByKindUs, memory, tiers, startupEcdfUs, warnings } =
  resultSchema.shape;
const { policy, options, machine } = runSchema.shape;
const { confusion } = fidelityPolicySchema.shape;

/** Parts of a run's result, and of its description, which docs/reference/result.md describes. */
const IN_RESULT: readonly (readonly [z.ZodObject, string])[] = [
  [invocations, "[as in a result](result.md#resultinvocations)"],
  [timesUs, "[as in a result](result.md#resulttimesus)"],
  [startupByKindUs, "[as in a result](result.md#resultstartupbykindus)"],
  [startupEcdfUs.element, "[as in a result](result.md#resultstartupecdfus)"],
  [memory, "[as in a result](result.md#resultmemory)"],
  [tiers, "[as in a result](result.md#resulttiers)"],
  [warnings.element, "[as in a result](result.md#resultwarnings)"],
  [policy, "[as in a result](result.md#resultrunpolicy)"],
  [options, "[as in a result](result.md#resultrunoptions)"],
  [machine, "[as in a result](result.md#resultrunmachine)"],
];

/** docs/reference/fidelity-object.md: every field of a comparison with its unit and meaning. */
export function fidelityPage(): Page {
  const blocks = [
    `# The comparison (\`${FIDELITY_SCHEMA}\`)`,
    `The object that \`socklab validate --json\` prints and \`--out\` writes. [The guide to validation](../guide/validation.md) says how it is made. ${MADE_BY}`,
    ...renderSchema({
      name: "fidelity",
      schema: fidelitySchema,
      description: "How far the simulator is from the real backend.",
      shared: [
        ["run", fidelityRunSchema, "The part of one run that a comparison needs."],
        ["spread", spreadSchema, "One measure over pairs of runs; null if no pair has it."],
        ["confusion", confusion, "How invocations started in both of two runs."],
        [
          "costs",
          costUseSchema,
          "Where operations of a simulated run found their costs in a real run.",
        ],
      ],
      elsewhere: IN_RESULT,
    }),
  ];
  return { path: "reference/fidelity-object.md", text: `${blocks.join("\n\n")}\n` };
}

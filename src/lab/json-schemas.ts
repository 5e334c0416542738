import { z } from "zod";
import { benchSchema } from "../results/bench-result.js";
import { boundSchema } from "../results/bound/trace-bound.js";
import { fidelitySchema } from "../results/fidelity-result.js";
import { resultSchema } from "../results/result.js";
import { sizeSchema } from "../results/size/size-result.js";
import { studySchema } from "../results/study-result.js";
import { costsSchema } from "../sim/costs/costs.js";

/** An object that socklab writes as JSON. */
interface WrittenObject {
  readonly schema: z.ZodObject;
  /** Which commands write it. */
  readonly title: string;
}

const OBJECTS = {
  run: { schema: resultSchema, title: "A run: socklab run, sweep and demo" },
  study: { schema: studySchema, title: "A sweep: study.json of socklab sweep" },
  bench: { schema: benchSchema, title: "A bench: socklab bench" },
  fidelity: { schema: fidelitySchema, title: "A validation: socklab validate" },
  bound: { schema: boundSchema, title: "Bounds for all policies: socklab bound" },
  size: { schema: sizeSchema, title: "The smallest memory for goals: socklab size" },
  costs: { schema: costsSchema, title: "Costs of a machine: socklab calibrate" },
} as const satisfies Record<string, WrittenObject>;

export type ObjectName = keyof typeof OBJECTS;
export const OBJECT_NAMES = Object.keys(OBJECTS) as readonly ObjectName[];

/** The JSON Schema (draft 2020-12) of an object, as the text of a file. */
export function jsonSchemaText(name: ObjectName): string {
  const { schema, title } = OBJECTS[name];
  const { $schema, ...rest } = z.toJSONSchema(schema);
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}

/** What an object is, in one line. */
export function titleOf(name: ObjectName): string {
  return OBJECTS[name].title;
}

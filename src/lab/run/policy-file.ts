import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import { FAMILIES, type Family, type PolicySpec } from "../../contract/policy.js";
import type { SharedPolicySpec } from "../../contract/shared-policy-spec.js";
import { type CodePlaces, NO_PLACES, type OwnSpec } from "../../policies/own-spec.js";

const description = z.string();
const parameter = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("number"),
    default: z.number(),
    unit: z.string(),
    min: z.number(),
    max: z.number(),
    description,
  }),
  z.object({ kind: z.literal("duration"), default: quantity(), description }),
  z.object({ kind: z.literal("bytes"), default: quantity(), description }),
  z.object({
    kind: z.literal("choice"),
    default: z.string(),
    choices: z.array(z.string()).min(1),
    description,
  }),
  z.object({ kind: z.literal("boolean"), default: z.boolean(), description }),
  z.object({ kind: z.literal("path"), default: z.string(), description }),
]);

const family = z.enum(FAMILIES);
const families = z.array(family).min(1);

const specSchema = z.object({
  family: z.custom<Family | readonly Family[]>(
    (value) => family.safeParse(value).success || families.safeParse(value).success,
    `expected one of ${FAMILIES.join(", ")}, or an array of them`,
  ),
  name: z.string().regex(/^[A-Za-z][\w.-]*$/, "a word of letters, digits, . _ and -"),
  summary: z.string(),
  source: z.string(),
  departures: z.array(z.string()),
  needsPackages: z.boolean().optional(),
  needsFuture: z.boolean().optional(),
  parameters: z.record(z.string(), parameter),
  create: z.custom((value) => typeof value === "function", "expected a function"),
});

const presetSchema = z.strictObject({
  name: z.string().optional(),
  summary: z.string().optional(),
  source: z.string().optional(),
  base: z.string().optional(),
  choices: z.partialRecord(z.enum(FAMILIES), z.string()),
});

/**
 * A preset as a user writes it. The families that it does not name come from the preset called
 * `base`.
 */
export type PresetFile = Pick<z.infer<typeof presetSchema>, "name" | "base" | "choices">;

export interface PolicyFile {
  readonly preset: PresetFile | undefined;
  readonly specs: readonly OwnSpec[];
  /** The preset's name, or the names of the policies if there is no preset; undefined if unnamed. */
  readonly name: string | undefined;
}

/**
 * Checks the content of a policy file: a preset (it has `choices`), a policy, or an array of at
 * most one preset and any number of policies. Errors: InputError naming the file and the field.
 */
export function checkPolicyFile(
  value: unknown,
  path: string,
  places: CodePlaces = NO_PLACES,
): PolicyFile {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const presets: PresetFile[] = [];
  const specs: OwnSpec[] = [];
  for (const part of parts) {
    const isPreset = typeof part === "object" && part !== null && "choices" in part;
    if (isPreset) presets.push(check(presetSchema, part, path));
    else {
      check(specSchema, part, path);
      specs.push(...inEachFamily(part as PolicySpec | SharedPolicySpec, places));
    }
  }
  if (parts.length === 0 || presets.length > 1)
    throw new InputError(
      `${path}: contains ${parts.length === 0 ? "nothing" : `${presets.length} presets`}, expected a preset, a policy, or an array of one preset and policies`,
    );
  const names = [...new Set(specs.map((spec) => spec.name))].join("+");
  const [preset] = presets;
  return { preset, specs, name: preset === undefined ? names : preset.name };
}

/** The policy as a policy of each of its families. */
function inEachFamily(
  origin: PolicySpec | SharedPolicySpec,
  places: CodePlaces,
): readonly OwnSpec[] {
  return [...new Set([origin.family].flat())].map((name) => ({
    ...origin,
    family: name,
    // a method of the original object, because a policy's `create` may use `this`
    create: (parameters, context) => (origin as PolicySpec).create(parameters, context),
    origin,
    places,
  }));
}

function check<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const field = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  throw new InputError(`${path}: ${field}${issue.message}`);
}

/** Microseconds or bytes; Infinity means unlimited. */
function quantity() {
  return z.custom<number>(
    (value) => typeof value === "number" && value >= 0,
    "expected a number not below 0, in microseconds or bytes",
  );
}

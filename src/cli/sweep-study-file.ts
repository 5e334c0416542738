import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { InputError } from "../basics/errors.js";
import { AXIS_OPTIONS, type GivenAxes } from "./sweep-grid.js";

const scalar = z.union([z.string(), z.number()]).transform(String);
const texts = z.union([scalar.transform((text) => [text]), z.array(scalar).min(1)]);

const studySchema = z.strictObject({
  trace: z.string().optional(),
  ...Object.fromEntries(Object.keys(AXIS_OPTIONS).map((name) => [name, texts.optional()])),
});

/** What a study file asks for, in the form that the command line has. */
export interface StudyFile {
  readonly trace: string | undefined;
  readonly axes: GivenAxes;
}

/**
 * Reads a study: a YAML or JSON file with `trace` and the options of `run`. Each option is a value,
 * a list or a range as on the command line, or an array of these. Errors: InputError naming the
 * file and the field.
 */
export async function readStudyFile(path: string): Promise<StudyFile> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--study ${path}: cannot be read (${error.code}), expected a study file`);
  });
  const checked = studySchema.safeParse(parseYaml(path, text));
  if (!checked.success) {
    const issue = checked.error.issues[0];
    const field = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    throw new InputError(`--study ${path}: ${field}${issue.message}`);
  }
  const { trace, ...axes } = checked.data;
  return { trace, axes: axes as GivenAxes };
}

/** JSON is a subset of YAML 1.2. */
function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [line] = String((error as Error).message).split("\n", 1);
    throw new InputError(`--study ${path}: not YAML or JSON: ${line}`);
  }
}

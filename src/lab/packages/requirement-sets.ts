import { readFile } from "node:fs/promises";
import { z } from "zod";
import { InputError } from "../../basics/errors.js";
import { isFunctionName } from "../../real/state/function-folder.js";

const setShape = z.strictObject({
  name: z.string().refine(isFunctionName, "must be a function's name"),
  /** Lines of a requirements.txt. */
  requirements: z.array(z.string()),
  /** Body of `f(event)`; its second and later lines are indented by four spaces. */
  body: z.string(),
});
/** Packages that are used together, and a small handler that uses them. */
export type CheckedSet = z.infer<typeof setShape>;

/** Reads a JSON file of requirement sets. Errors: InputError. */
export async function readRequirementSets(path: string): Promise<readonly CheckedSet[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${path}: cannot be read (${error.code})`);
  });
  const sets = parseSets(path, text);
  const names = sets.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new InputError(`${path}: the set ${twice} is there twice`);
  return sets;
}

function parseSets(path: string, text: string): readonly CheckedSet[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${path}: is not JSON: ${(error as Error).message}`);
  }
  const parsed = z.array(setShape).min(1).safeParse(data);
  if (parsed.success) return parsed.data;
  const [{ path: place, message }] = parsed.error.issues;
  throw new InputError(
    `${path}: ${place.join(".") || "the file"}: ${message}; expected an array of {name, requirements, body}`,
  );
}

/** Text of the `f.py` that runs a set's body. */
export function handlerOf({ body }: CheckedSet): string {
  return `def f(event):\n    ${body}\n`;
}

import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { InputError } from "../../basics/errors.js";
import type { ProbeSet } from "./probe-packages.js";

/** A name, perhaps with extras, versions and a marker (PEP 508). URLs are not packages of an index. */
const REQUIREMENT =
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[A-Za-z0-9,._ -]*\])?\s*(?:[<>=!~][^;@]*)?(?:;.*)?$/;
const EXPECTED = "expected a package, as numpy or numpy==2.4.6, or a file NAME.txt of such lines";

/**
 * The sets that arguments name: a file's lines together are one set, or with `each` one set per
 * line; any other argument is a set of one package. Errors: InputError.
 */
export async function readProbeSets(
  given: readonly string[],
  each: boolean,
): Promise<readonly ProbeSet[]> {
  const sets: ProbeSet[] = [];
  for (const argument of given) {
    if (!argument.includes("/") && !argument.endsWith(".txt")) {
      if (!REQUIREMENT.test(argument)) throw new InputError(`${argument}: ${EXPECTED}`);
      sets.push({ name: argument, requirements: [argument] });
      continue;
    }
    const requirements = await readLines(argument);
    if (each) sets.push(...requirements.map((name) => ({ name, requirements: [name] })));
    else sets.push({ name: basename(argument), requirements });
  }
  return sets;
}

/** Errors: InputError with file and line. */
async function readLines(path: string): Promise<readonly string[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new InputError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const requirements: string[] = [];
  for (const [at, line] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const bare = line.replace(/(?:^|\s)#.*$/, "").trim();
    if (bare === "") continue;
    if (!REQUIREMENT.test(bare)) throw new InputError(`${path}:${at + 1}: "${bare}": ${EXPECTED}`);
    requirements.push(bare);
  }
  if (requirements.length === 0) throw new InputError(`${path}: names no package`);
  return requirements;
}

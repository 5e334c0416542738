import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../basics/errors.js";
import { type Costs, parseCosts } from "../../sim/costs/costs.js";
import { PROJECT_ROOT } from "./provenance.js";

/**
 * Reads the cost file at `path`; undefined: the project's own. Errors: InputError naming the
 * option.
 */
export async function readCosts(path: string | undefined): Promise<Costs> {
  const file = path ?? join(PROJECT_ROOT, "costs.json");
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`--costs ${file}: cannot be read (${error.code}), expected a cost file`);
  });
  return parseCosts(text, file);
}

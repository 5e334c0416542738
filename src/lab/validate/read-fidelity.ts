import { stat } from "node:fs/promises";
import { InputError } from "../../basics/errors.js";
import { FIDELITY_SCHEMA, type Fidelity, fidelitySchema } from "../../results/fidelity-result.js";
import { checkShape } from "../../trace/tables/check-shape.js";
import { readJson } from "../../trace/tables/json-file.js";

/**
 * The comparison that `socklab validate` wrote, where one is among the paths; undefined: none is.
 * Errors: InputError where it is not alone, or not whole.
 */
export async function readFidelity(paths: readonly string[]): Promise<Fidelity | undefined> {
  for (const path of paths) {
    const info = await stat(path).catch(() => undefined); // whoever reads it says what is wrong
    if (info?.isFile() !== true) continue;
    const value = await readJson(path, "a file of socklab run, sweep or validate");
    if ((value as { readonly schema?: unknown } | null)?.schema !== FIDELITY_SCHEMA) continue;
    if (paths.length > 1) {
      throw new InputError(
        `${path}: a comparison of socklab validate makes a report of its own, expected it alone`,
      );
    }
    return checkShape(path, fidelitySchema, value);
  }
  return undefined;
}

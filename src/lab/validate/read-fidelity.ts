import { stat } from "node:fs/promises";
import { InputError } from "../../basics/errors.js";
import { FIDELITY_SCHEMA, type Fidelity, fidelitySchema } from "../../results/fidelity-result.js";
import { checkShape } from "../../trace/tables/check-shape.js";
import { readJson } from "../../trace/tables/json-file.js";

/**
 * Reads the comparison that `socklab validate` wrote, if one of the paths is such a file; else
 * undefined. Errors: InputError if the comparison is not the only path, or is not complete.
 */
export async function readFidelity(paths: readonly string[]): Promise<Fidelity | undefined> {
  for (const path of paths) {
    // the reader of results reports what is wrong
    const info = await stat(path).catch(() => undefined);
    if (info?.isFile() !== true) continue;
    const value = await readJson(path, "a file of socklab run, sweep or validate");
    if ((value as { readonly schema?: unknown } | null)?.schema !== FIDELITY_SCHEMA) continue;
    if (paths.length > 1) {
      throw new InputError(
        `${path}: a comparison of socklab validate fills a whole report, expected no other file`,
      );
    }
    return checkShape(path, fidelitySchema, value);
  }
  return undefined;
}

import { dirname, join } from "node:path";
import { fileExists } from "../../basics/file-exists.js";
import { PROJECT_ROOT } from "./provenance.js";

const CATALOGUE_NAMES = ["catalogue.json", "catalogue.json.gz"];

/** Path of the catalogue in or next to a trace, else of the one that ships with socklab. */
export async function findCatalogue(tracePath: string): Promise<string> {
  for (const folder of [tracePath, dirname(tracePath)]) {
    for (const name of CATALOGUE_NAMES) {
      const path = join(folder, name);
      if (await fileExists(path)) return path;
    }
  }
  return join(PROJECT_ROOT, "traces", "catalogue.json.gz");
}

import { join } from "node:path";

import { MachineError } from "../../basics/errors.js";
import { moduleOf, writeWheels } from "../../real/made-up/wheels.js";
import { readCatalogue } from "../../trace/packages/catalogue.js";
import { closeOverDependencies } from "../../trace/packages/requirements.js";
import { CATALOGUE_PATH } from "./skewed-functions.js";

/** What a function imports: the packages that it needs, and the lines that import them. */
export interface ImportSet {
  readonly name: string;
  readonly packages: readonly string[];
  readonly imports: string;
}

export const NOTHING_SET: ImportSet = { name: "nothing", packages: [], imports: "" };

/** Packages that many functions use, light ones first; the last set combines several. */
export const POPULAR_SETS: readonly ImportSet[] = [
  { name: "jinja2", packages: ["jinja2"], imports: "import jinja2" },
  { name: "requests", packages: ["requests"], imports: "import requests" },
  { name: "flask", packages: ["flask"], imports: "import flask" },
  { name: "sqlalchemy", packages: ["sqlalchemy"], imports: "import sqlalchemy" },
  { name: "pillow", packages: ["pillow"], imports: "import PIL" },
  { name: "numpy", packages: ["numpy"], imports: "import numpy" },
  { name: "pandas", packages: ["pandas"], imports: "import pandas" },
  {
    name: "pandas, requests, flask, sqlalchemy",
    packages: ["pandas", "requests", "flask", "sqlalchemy"],
    imports: "import pandas, requests, flask, sqlalchemy",
  },
];

const INVENTED = 6;

/**
 * Writes wheels of invented packages into a new folder, for a machine without a package index. They
 * are the most popular packages of the shipped catalogue and their dependencies; each import takes
 * the time and memory that the catalogue says. The last set combines all of them.
 */
export async function inventedSets(folder: string): Promise<readonly ImportSet[]> {
  const catalogue = await readCatalogue(CATALOGUE_PATH);
  const { packages } = catalogue;
  const popular = packages
    .map((each, id) => ({ ...each, id }))
    .toSorted((a, b) => b.popularity - a.popularity || a.id - b.id)
    .filter(({ name }, at, all) => all.findIndex((other) => other.name === name) === at)
    .slice(0, INVENTED);
  const ids = popular.map(({ id }) => id);
  await writeWheels(folder, catalogue, closeOverDependencies(catalogue, ids).ids);
  const lines = popular.map(({ name }) => `import ${moduleOf(name)}`);
  const sets = popular
    .map(({ name, importUs }, at) => ({ name, packages: [name], imports: lines[at], importUs }))
    .toSorted((a, b) => a.importUs - b.importUs);
  const names = popular.map(({ name }) => name);
  return [...sets, { name: "all of these", packages: names, imports: lines.join("\n") }];
}

/**
 * Warning that the bench continues with invented packages after a failed download. Any other error
 * is thrown again.
 */
export function inventedWarning(error: unknown): string {
  if (!(error instanceof MachineError)) throw error;
  return `packages are invented, from ${CATALOGUE_PATH.split("/").at(-1)}: ${error.message}`;
}

/** Folder of a bench's wheels. */
export function wheelsIn(folder: string): string {
  return join(folder, "wheels");
}

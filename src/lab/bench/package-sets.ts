import { join } from "node:path";

import { MachineError } from "../../basics/errors.js";
import { moduleOf, writeWheels } from "../../real/made-up/wheels.js";
import { readCatalogue } from "../../trace/packages/catalogue.js";
import { closeOverDependencies } from "../../trace/packages/requirements.js";
import { CATALOGUE_PATH } from "./skewed-functions.js";

/** What a function imports: the packages it needs and the lines that import them. */
export interface ImportSet {
  readonly name: string;
  readonly packages: readonly string[];
  readonly imports: string;
}

export const NOTHING_SET: ImportSet = { name: "nothing", packages: [], imports: "" };

/** Packages that many functions name, smaller ones first, and the heaviest together. */
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
 * Wheels of invented packages in a new folder, for a machine without a package index: the most
 * popular of the shipped catalogue with what they depend on, each importing for as long and keeping
 * as much memory as the catalogue says. The last set is all of them.
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

/** Says that a bench goes on with invented packages, after an error that only the network explains. */
export function inventedWarning(error: unknown): string {
  if (!(error instanceof MachineError)) throw error;
  return `packages are invented ones of ${CATALOGUE_PATH.split("/").at(-1)}: ${error.message}`;
}

/** Where a bench's wheels are put. */
export function wheelsIn(folder: string): string {
  return join(folder, "wheels");
}

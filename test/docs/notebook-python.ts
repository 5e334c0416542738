import { existsSync } from "node:fs";

const OWN = new URL("../../node_modules/.cache/socklab-notebook/venv/bin/python", import.meta.url)
  .pathname;

/** The Python that runs the snippets of docs: the one that the test suite gave pandas, if it could. */
export const NOTEBOOK_PYTHON: string = existsSync(OWN) ? OWN : "python3";

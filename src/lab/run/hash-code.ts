import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { PROJECT_ROOT } from "./provenance.js";

/** `.ts` in src, `.js` in dist. */
const EXTENSION = extname(fileURLToPath(import.meta.url));
/** Relative paths that `import` and `export ... from` name: the project's own modules. */
const IMPORTED = /^(?:import|export)\b(?:[^"=;()]*\bfrom)?\s*"(\.[^"]+)"/gm;
const NATIVE_FOLDERS = ["native", "native/src", "native/guest"];

/**
 * Hash over the code that makes results: the module that performs runs, and everything that it
 * imports at every depth. If `isReal`, also the module that performs real runs, and the sources of
 * the addon and the guest. The hash follows the imports, so no list of folders is needed.
 */
export async function hashCode(isReal: boolean): Promise<string> {
  const entries = isReal ? ["perform-run", "run-real"] : ["perform-run"];
  const modules = await modulesOf(entries.map((name) => new URL(`./${name}.js`, import.meta.url)));
  const natives = isReal ? (await Promise.all(NATIVE_FOLDERS.map(filesOf))).flat() : [];
  const hash = createHash("sha256");
  for (const path of [...modules, ...natives].toSorted()) {
    hash.update(`${path.slice(PROJECT_ROOT.length)}\n`);
    hash.update(await readFile(path));
  }
  return hash.digest("hex");
}

/** Paths of modules and of everything that they import statically. */
export async function modulesOf(entries: readonly URL[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const waiting = [...entries];
  for (let url = waiting.pop(); url !== undefined; url = waiting.pop()) {
    const path = fileURLToPath(url).replace(/\.[jt]s$/, EXTENSION);
    if (found.has(path)) continue;
    found.add(path);
    const text = await readFile(path, "utf8");
    for (const [, name] of text.matchAll(IMPORTED)) waiting.push(new URL(name, url));
  }
  return [...found];
}

async function filesOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(PROJECT_ROOT, folder), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(PROJECT_ROOT, folder, name));
}

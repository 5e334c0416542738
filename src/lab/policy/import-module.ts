import { readFile } from "node:fs/promises";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, extname, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Plugin } from "esbuild";
import { InputError } from "../../basics/errors.js";
import type { CodePlaces } from "../../policies/own-spec.js";
import { remember } from "./known-places.js";

export const SCRIPTS = [".js", ".mjs", ".cjs", ".ts", ".mts"];

/** This project's modules, from which `socklab/policy` is taken: `src` or `dist`. */
const OWN_FOLDER = fileURLToPath(new URL("../../", import.meta.url));
const OWN_EXTENSION = extname(fileURLToPath(import.meta.url));
const OWN_ENTRIES = /^socklab(\/policy)?$/;

/** What a module exports by default, and where its code is. */
export interface ImportedModule {
  readonly exported: unknown;
  readonly places: CodePlaces;
}

/** Each module that is imported has this name and a number in stacks. */
export const MODULE_NAME = "socklab-policy-";

let count = 0;

/**
 * Imports a script, in JavaScript or TypeScript, and returns its default export. Each call makes a
 * fresh instance of the script and of every file that it imports by a relative path, so no state is
 * left over from an earlier run of this process. Packages are loaded once.
 *
 * Errors: InputError that names the file, and the line if it is known.
 */
export async function importModule(path: string): Promise<ImportedModule> {
  const { code, map } = await bundle(path);
  const name = `${MODULE_NAME}${++count}`;
  const places = placesIn(code, map, name, dirname(resolve(path)));
  remember(places);
  const url = `data:text/javascript,${encodeURIComponent(`${code}\n//# sourceURL=${name}`)}`;
  let loaded: { readonly default?: unknown };
  try {
    loaded = await import(/* @vite-ignore */ url);
  } catch (error) {
    const place = places.ofError(error);
    throw new InputError(
      `${path}: cannot be loaded: ${firstLine(error)}${place === undefined ? "" : `, at ${place}`}`,
    );
  }
  return { exported: unwrapDefault(loaded.default), places };
}

/**
 * Places in the code of a script, whichever import of it runs. The script itself does not run.
 * Errors: InputError that names the file, and the line if it is known.
 */
export async function placesOfModule(path: string): Promise<CodePlaces> {
  const { code, map } = await bundle(path);
  return placesIn(code, map, `${MODULE_NAME}\\d+`, dirname(resolve(path)));
}

/** The script and the files that it imports as one module, in JavaScript, with its source map. */
async function bundle(path: string): Promise<{ readonly code: string; readonly map: SourceMap }> {
  const { build } = await import("esbuild"); // loading it takes longer than a short run
  const file = resolve(path);
  try {
    const { outputFiles } = await build({
      entryPoints: [file],
      outfile: `${file}.bundle.mjs`,
      write: false,
      bundle: true,
      platform: "node",
      format: "esm",
      target: "node20",
      sourcemap: "external",
      logLevel: "silent",
      banner: { js: namesOfCommonJs(file) },
      plugins: [OWN_PACKAGE, KEEP_ADDRESSES, OTHER_PACKAGES],
    });
    const text = (end: string) => outputFiles.find((each) => each.path.endsWith(end))!.text;
    return { code: text(".mjs"), map: new SourceMap(JSON.parse(text(".map")) as SourceMapPayload) };
  } catch (error) {
    throw new InputError(`${path}: cannot be loaded: ${buildFault(error)}`);
  }
}

/** What a CommonJS script expects to be there. */
function namesOfCommonJs(file: string): string {
  const [address, folder] = [file, dirname(file)].map((name) => JSON.stringify(name));
  return `import { createRequire as makeRequire } from "node:module"; const require = makeRequire(${address}), __filename = ${address}, __dirname = ${folder};`;
}

/** A policy finds `socklab/policy` even if no package is installed next to it. */
const OWN_PACKAGE: Plugin = {
  name: "own-package",
  setup(build) {
    build.onResolve({ filter: OWN_ENTRIES }, ({ path }) => ({
      path: `${OWN_FOLDER}${path === "socklab" ? "library" : "policy-author"}${OWN_EXTENSION}`,
      external: path === "socklab",
    }));
  },
};

/** `import.meta.url` remains the address of the file in which it is written. */
const KEEP_ADDRESSES: Plugin = {
  name: "keep-addresses",
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]s$/ }, async ({ path }) => {
      const contents = await readFile(path, "utf8");
      if (!contents.includes("import.meta.url")) return undefined;
      return {
        contents: contents.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
        loader: /ts$/.test(path) ? "ts" : "js",
      };
    });
  },
};

/** Packages are not part of the bundle; a module without an address finds them by theirs. */
const OTHER_PACKAGES: Plugin = {
  name: "other-packages",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (kind === "entry-point" || pluginData === SECOND_PASS || path.startsWith("node:"))
        return undefined;
      const found = await build.resolve(path, { kind, resolveDir, pluginData: SECOND_PASS });
      if (found.errors.length > 0) return { errors: found.errors };
      if (found.external) return found;
      const isRequired = kind === "require-call" || kind === "require-resolve";
      return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true };
    });
  },
};

const SECOND_PASS = Symbol("second pass");

/** `name` is a pattern. */
function placesIn(code: string, map: SourceMap, name: string, folder: string): CodePlaces {
  const frame = new RegExp(`${name}:(\\d+):(\\d+)`);
  /** `line` and `column` count from 0. */
  const place = (line: number, column: number): string | undefined => {
    const entry = map.findEntry(line, column);
    if (!("originalSource" in entry)) return undefined;
    const source = resolve(folder, entry.originalSource);
    if (source.startsWith(OWN_FOLDER)) return undefined;
    const shown = relative(process.cwd(), source);
    return `${shown.startsWith("..") ? source : shown}:${entry.originalLine + 1}`;
  };
  return {
    ofError: (error) => {
      const stack = error instanceof Error ? (error.stack ?? "") : "";
      for (const line of stack.split("\n")) {
        const found = frame.exec(line);
        const at = found && place(Number(found[1]) - 1, Number(found[2]) - 1);
        if (at) return at;
      }
      return undefined;
    },
    ofMethod: (method) => {
      const at = typeof method === "function" ? code.indexOf(String(method)) : -1;
      if (at < 0) return undefined; // a bound method, or a function of a package
      const before = code.slice(0, at).split("\n");
      return place(before.length - 1, before.at(-1)!.length);
    },
  };
}

/** CommonJS that was TypeScript has its default export one level down. */
function unwrapDefault(exported: unknown): unknown {
  const isNested = typeof exported === "object" && exported !== null && "default" in exported;
  return isNested ? exported.default : exported;
}

/** What is wrong with the script's text, and in which line. */
function buildFault(error: unknown): string {
  const { errors } = error as { readonly errors?: readonly BuildMessage[] };
  const first = errors?.[0];
  if (first === undefined) return firstLine(error);
  const { text, location } = first;
  return location === null ? text : `${text}, at ${location.file}:${location.line}`;
}

interface BuildMessage {
  readonly text: string;
  readonly location: { readonly file: string; readonly line: number } | null;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0];
}

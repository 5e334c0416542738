import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { InputError } from "../../basics/errors.js";
import { FAMILIES, type Family, type PolicySpec } from "../../contract/policy.js";
import type { ChoiceData, PolicyChoice, PolicyChoices } from "../../policies/choice.js";
import { choiceFromData, choiceToData, parseChoice, parseOverride } from "../../policies/parse.js";
import { DEFAULT_PRESET, PRESETS } from "../../policies/presets.js";
import { BUILT_IN_POLICIES } from "../../policies/registry.js";
import { checkPolicyFile, type PolicyFile, type PresetFile } from "./policy-file.js";

const SCRIPTS = [".js", ".mjs", ".cjs", ".ts", ".mts"];
const TYPESCRIPT = [".ts", ".mts"];

/** Everything that is needed to make the same policies again, as data for a journal or a result. */
export interface ResolvedPolicies {
  /** The preset that was named, or the path of the policy file. */
  readonly preset: string;
  readonly choices: Readonly<Record<Family, ChoiceData>>;
  /** Paths, as they were given, of the files whose policies may be chosen. */
  readonly modules: readonly string[];
}

/** Choices that are ready for `makePolicies`, and the specifications that they refer to. */
export interface LoadedPolicies {
  readonly resolved: ResolvedPolicies;
  readonly choices: PolicyChoices;
  readonly specs: readonly PolicySpec[];
}

/**
 * Reads `--policy` (a preset, or a file whose extension is .json or one of SCRIPTS) and the `--set`
 * overrides; a later override replaces an earlier one of its family. A file defines a preset, its
 * own policies, or both. The families that it does not name come from its `base`. Errors:
 * InputError naming the option or file.
 */
export async function loadPolicy(
  policy: string,
  overrides: readonly string[] = [],
): Promise<LoadedPolicies> {
  const preset = PRESETS.find(({ name }) => name === policy);
  if (preset !== undefined) return resolveChoices(policy, preset, [], overrides, []);
  if (!existsSync(policy)) {
    const known = PRESETS.map(({ name }) => name).join(", ");
    throw new InputError(
      `--policy: "${policy}" is neither a file nor a preset, expected one of ${known}, or a .json, .js, .mjs, .cjs, .ts or .mts file`,
    );
  }
  const isData = extname(policy) === ".json";
  const file = await readPolicyFile(policy);
  return resolveFile(policy, file, overrides, isData ? [] : [policy]);
}

/**
 * Reads policies that a program passes as a value: what a policy file would export by default.
 * `source` names the value in results and errors. Errors: InputError.
 */
export function givenPolicies(
  value: unknown,
  source: string,
  overrides: readonly string[] = [],
): LoadedPolicies {
  return resolveFile(source, checkPolicyFile(value, source), overrides, []);
}

function resolveFile(
  source: string,
  { preset, specs }: PolicyFile,
  overrides: readonly string[],
  modules: readonly string[],
): LoadedPolicies {
  const used = Object.fromEntries(specs.map(({ family, name }) => [family, name]));
  return resolveChoices(source, preset ?? { choices: used }, specs, overrides, modules);
}

/** Makes the choices of a journal again. Errors: InputError naming the journal's file. */
export async function reloadPolicies(
  resolved: Pick<ResolvedPolicies, "choices" | "modules">,
  where: string,
): Promise<Pick<LoadedPolicies, "choices" | "specs">> {
  const files = await Promise.all(resolved.modules.map(readPolicyFile));
  const specs = [...BUILT_IN_POLICIES, ...files.flatMap((file) => file.specs)];
  const choices = byFamily((family) =>
    choiceFromData(family, resolved.choices[family], specs, where),
  );
  return { choices, specs };
}

function resolveChoices(
  source: string,
  preset: PresetFile,
  own: readonly PolicySpec[],
  overrides: readonly string[],
  modules: readonly string[],
): LoadedPolicies {
  const specs = [...BUILT_IN_POLICIES, ...own];
  const base = PRESETS.find(({ name }) => name === (preset.base ?? DEFAULT_PRESET));
  if (base === undefined) {
    const known = PRESETS.map(({ name }) => name).join(", ");
    throw new InputError(
      `${source}: base "${preset.base}" is not a preset, expected one of ${known}`,
    );
  }
  const set = new Map<Family, PolicyChoice>();
  for (const text of overrides) {
    const choice = parseOverride(text, specs, "--set");
    set.set(choice.family, choice);
  }
  const choices = byFamily((family) => {
    const text = preset.choices[family] ?? base.choices[family];
    return set.get(family) ?? parseChoice(family, text, specs, source);
  });
  const data = byFamily((family) => choiceToData(choices[family]));
  return { resolved: { preset: source, choices: data, modules }, choices, specs };
}

async function readPolicyFile(path: string) {
  if (extname(path) === ".json") return checkPolicyFile(await readJson(path), path);
  if (SCRIPTS.includes(extname(path))) return checkPolicyFile(await importDefault(path), path);
  throw new InputError(`${path}: not a policy file, expected .json, .js, .mjs, .cjs, .ts or .mts`);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new InputError(`${path}: cannot be read as JSON: ${firstLine(error)}`);
  }
}

async function importDefault(path: string): Promise<unknown> {
  const url = pathToFileURL(resolve(path)).href;
  let loaded: { readonly default?: unknown };
  try {
    loaded = TYPESCRIPT.includes(extname(path)) ? await importTypeScript(url) : await import(url);
  } catch (error) {
    throw new InputError(`${path}: cannot be loaded: ${firstLine(error)}`);
  }
  if (loaded.default === undefined)
    throw new InputError(
      `${path}: has no default export, expected a policy, a preset, or an array of them`,
    );
  return unwrapDefault(loaded.default);
}

/**
 * Loads the compiler only for a TypeScript file, because loading it takes longer than a short run.
 */
async function importTypeScript(url: string): Promise<{ readonly default?: unknown }> {
  const { tsImport } = await import("tsx/esm/api");
  return tsImport(url, import.meta.url);
}

/** TypeScript in a folder without `"type": "module"` is compiled to CommonJS, whose default export is one level down. */
function unwrapDefault(exported: unknown): unknown {
  const isNested = typeof exported === "object" && exported !== null && "default" in exported;
  return isNested ? exported.default : exported;
}

function byFamily<T>(choose: (family: Family) => T): Readonly<Record<Family, T>> {
  return Object.fromEntries(FAMILIES.map((family) => [family, choose(family)])) as Record<
    Family,
    T
  >;
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n", 1)[0];
}

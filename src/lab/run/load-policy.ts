import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, parse } from "node:path";
import { InputError } from "../../basics/errors.js";
import { suggestion } from "../../basics/nearest.js";
import { FAMILIES, type Family, type PolicySpec } from "../../contract/policy.js";
import type { ChoiceData, PolicyChoice, PolicyChoices } from "../../policies/choice.js";
import {
  choiceFromData,
  choiceToData,
  parseChoice,
  parseOverride,
  splitFileChange,
} from "../../policies/parse.js";
import { DEFAULT_PRESET, findPreset, PRESETS, presetNames } from "../../policies/presets.js";
import { BUILT_IN_POLICIES } from "../../policies/registry.js";
import { type ImportedModule, importModule, SCRIPTS } from "../policy/import-module.js";
import { importPython } from "../policy/python-policy.js";
import { PythonError } from "../policy/python-process.js";
import { shareParameters } from "../policy/share-parameters.js";
import { checkPolicyFile, type PolicyFile, type PresetFile } from "./policy-file.js";

/** What a file with a policy of a user may end in. */
export const POLICY_EXTENSIONS = [...SCRIPTS, ".py"];

/** Everything that is needed to make the same policies again, as data for a journal or a result. */
export interface ResolvedPolicies {
  /** The name of the preset, or of the policy or preset in the policy file. */
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
  const changes = await Promise.all(overrides.map(readChange));
  const preset = findPreset(policy);
  if (preset !== undefined)
    return resolveChoices(preset.name, policy, preset, { specs: [], modules: [] }, changes);
  if (!existsSync(policy)) {
    const known = PRESETS.map(({ name }) => name).join(", ");
    throw new InputError(
      `--policy: "${policy}" is neither a file nor a preset${suggestion(policy, presetNames())}, expected one of ${known}, or a .json, .js, .mjs, .cjs, .ts, .mts or .py file`,
    );
  }
  const isData = extname(policy) === ".json";
  const file = await readPolicyFile(policy);
  return resolveFile(policy, file, isData ? [] : [policy], changes);
}

/** Whether one of the policies comes from a user's file. */
export function hasPolicyFile(policy: string, overrides: readonly string[]): boolean {
  return (
    findPreset(policy) === undefined ||
    overrides.some((text) => splitFileChange(text)[1] !== undefined)
  );
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
  const changes = overrides.map((text) => ({ text, specs: [], modules: [] }));
  return resolveFile(source, checkPolicyFile(value, source), [], changes);
}

function resolveFile(
  source: string,
  { preset, specs, name }: PolicyFile,
  modules: readonly string[],
  changes: readonly Change[],
): LoadedPolicies {
  const used = Object.fromEntries(specs.map((spec) => [spec.family, spec.name]));
  const label = name ?? parse(source).name;
  return resolveChoices(label, source, preset ?? { choices: used }, { specs, modules }, changes);
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

/** Policies from files, in addition to the built-in ones. */
interface OwnPolicyFiles {
  readonly specs: readonly PolicySpec[];
  readonly modules: readonly string[];
}

/** One `--set`, with the policies of the file that it names, if it names one. */
interface Change extends OwnPolicyFiles {
  readonly text: string;
}

/** Reads the file of `family=FILE:key=value`, and puts the policy's name in its place. */
async function readChange(text: string): Promise<Change> {
  const [family, path, parameters] = splitFileChange(text);
  if (path === undefined) return { text, specs: [], modules: [] };
  if (!existsSync(path)) throw new InputError(`--set ${text}: there is no file ${path}`);
  const { specs } = await readPolicyFile(path);
  const named = specs.filter((spec) => spec.family === family);
  if (named.length === 1)
    return { text: `${family}=${named[0].name}${parameters}`, specs, modules: [path] };
  const found = specs.map((spec) => `${spec.family}=${spec.name}`).join(", ");
  throw new InputError(
    `--set ${text}: ${path} has ${named.length} policies of the family ${family}, expected one; it has ${found || "none"}`,
  );
}

function resolveChoices(
  label: string,
  source: string,
  preset: PresetFile,
  own: OwnPolicyFiles,
  changes: readonly Change[],
): LoadedPolicies {
  const specs = [...BUILT_IN_POLICIES, ...own.specs, ...changes.flatMap((each) => each.specs)];
  const modules = [...new Set([own, ...changes].flatMap((each) => each.modules))];
  const base = findPreset(preset.base ?? DEFAULT_PRESET);
  if (base === undefined) {
    const known = PRESETS.map(({ name }) => name).join(", ");
    throw new InputError(
      `${source}: base "${preset.base}" is not a preset${suggestion(preset.base ?? "", presetNames())}, expected one of ${known}`,
    );
  }
  const set = new Map<Family, PolicyChoice>();
  for (const { text } of changes) {
    const choice = parseOverride(text, specs, "--set");
    set.set(choice.family, choice);
  }
  const chosen = byFamily((family) => {
    const text = preset.choices[family] ?? base.choices[family];
    return set.get(family) ?? parseChoice(family, text, specs, source);
  });
  const choices = shareParameters(chosen, set, specs, source);
  const data = byFamily((family) => choiceToData(choices[family]));
  return { resolved: { preset: label, choices: data, modules }, choices, specs };
}

async function readPolicyFile(path: string) {
  if (extname(path) === ".json") return checkPolicyFile(await readJson(path), path);
  if (POLICY_EXTENSIONS.includes(extname(path))) {
    const { exported, places } =
      extname(path) === ".py" ? importPythonPolicy(path) : await importModule(path);
    if (exported === undefined)
      throw new InputError(
        `${path}: has no default export, expected a policy, a preset, or an array of them`,
      );
    return checkPolicyFile(exported, path, places);
  }
  throw new InputError(
    `${path}: not a policy file, expected .json, .js, .mjs, .cjs, .ts, .mts or .py`,
  );
}

/** Errors: InputError with what Python says, and the line. */
function importPythonPolicy(path: string): ImportedModule {
  try {
    return importPython(path);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    const { name, message, place } = error;
    throw new InputError(`${path}: cannot be loaded: ${name}: ${message}, at ${place}`);
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw new InputError(`${path}: cannot be read as JSON: ${firstLine(error)}`);
  }
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

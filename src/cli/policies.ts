import { InputError } from "../basics/errors.js";
import { suggestion } from "../basics/nearest.js";
import { formatBytes, formatUs } from "../basics/units.js";
import type { ParameterSpec } from "../contract/parameters.js";
import { FAMILIES, type PolicySpec } from "../contract/policy.js";
import { findPreset, PRESETS, type Preset, presetNames } from "../policies/presets.js";
import { BUILT_IN_POLICIES } from "../policies/registry.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";

/** `socklab policies`. */
export function policiesCommand(io: CliIo): CommandBody<{ readonly name: string | undefined }> {
  return {
    builder: (yargs) =>
      yargs
        .positional("name", { type: "string", describe: "Preset, policy, or family=policy" })
        .example("$0 policies", "list all presets and policies, one per line")
        .example("$0 policies zygote=sock", "show the source, departures and parameters of one"),
    handler: ({ name }) => {
      io.out.write(name === undefined ? listAll() : describeNamed(name));
    },
  };
}

function listAll(): string {
  const presets = PRESETS.map(({ name, summary, alsoCalled = [] }) => {
    const also = alsoCalled.length === 0 ? "" : ` Also called: ${alsoCalled.join(", ")}.`;
    return `  ${name.padEnd(NAME_WIDTH)}${summary}${also}\n`;
  });
  const families = FAMILIES.map((family) => {
    const specs = BUILT_IN_POLICIES.filter((spec) => spec.family === family);
    const lines = specs.map(({ name, summary }) => `  ${name.padEnd(NAME_WIDTH)}${summary}\n`);
    return `\n${family}\n${lines.join("")}`;
  });
  return `presets (--policy NAME)\n${presets.join("")}${families.join("")}`;
}

/** Width of the column of names. */
const NAME_WIDTH = 18;

function describeNamed(text: string): string {
  const [family, name] = text.includes("=") ? text.split("=", 2) : [undefined, text];
  const preset = family === undefined ? findPreset(name) : undefined;
  const presets = preset === undefined ? [] : [preset];
  const specs = BUILT_IN_POLICIES.filter(
    (spec) => spec.name === name && (family === undefined || spec.family === family),
  );
  const found = [...presets.map(describePreset), ...specs.map(describePolicy)];
  if (found.length > 0) return found.join("\n");
  const known = [...PRESETS, ...BUILT_IN_POLICIES].map((each) => each.name);
  const near = suggestion(name, [...presetNames(), ...known]);
  throw new InputError(
    `policies: nothing is called "${text}"${near}, expected one of ${[...new Set(known)].join(", ")}`,
  );
}

function describePreset({ name, summary, source, choices, alsoCalled = [] }: Preset): string {
  const also = alsoCalled.length === 0 ? "" : `  also called ${alsoCalled.join(", ")}\n`;
  const rows = FAMILIES.map((family) => `  ${family.padEnd(NAME_WIDTH)}${choices[family]}\n`);
  return `preset ${name}: ${summary}\n  from ${source}\n${also}${rows.join("")}`;
}

function describePolicy(spec: PolicySpec): string {
  const departures = spec.departures.map((departure) => `  departs: ${departure}\n`).join("");
  const parameters = Object.entries(spec.parameters).map(
    ([name, parameter]) =>
      `  ${name} (default ${defaultOf(parameter)})\n      ${parameter.description}\n`,
  );
  const needs = spec.needsPackages ? "  needs functions with packages\n" : "";
  return `${spec.family}=${spec.name}: ${spec.summary}\n  from ${spec.source}\n${departures}${needs}${parameters.join("")}`;
}

function defaultOf(parameter: ParameterSpec): string {
  switch (parameter.kind) {
    case "duration":
      return formatUs(parameter.default);
    case "bytes":
      return formatBytes(parameter.default);
    case "number":
      return `${parameter.default} ${parameter.unit}`;
    case "choice":
      return `${parameter.default}, of ${parameter.choices.join(", ")}`;
    default:
      return String(parameter.default) || "none";
  }
}

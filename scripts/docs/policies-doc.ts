import { formatBytes, formatUs } from "../../src/basics/units.js";
import type { ParameterSpec } from "../../src/contract/parameters.js";
import { FAMILIES, type Family, type PolicySpec } from "../../src/contract/policy.js";
import { PRESETS, type Preset } from "../../src/policies/presets.js";
import { BUILT_IN_POLICIES } from "../../src/policies/registry.js";
import { MADE_BY, type Page } from "./page.js";

const FOLDER = "reference/policies";

/** One page per built-in policy, one page for the presets, and an index of both. */
export function policyPages(): readonly Page[] {
  return [indexPage(), presetsPage(), ...BUILT_IN_POLICIES.map(policyPage)];
}

function indexPage(): Page {
  const families = FAMILIES.map((family) => {
    const rows = BUILT_IN_POLICIES.filter((spec) => spec.family === family).map(
      ({ name, summary }) => `| [\`${name}\`](${family}/${name}.md) | ${summary} |`,
    );
    return `## ${family}\n\n| policy | what it does |\n| --- | --- |\n${rows.join("\n")}`;
  });
  const text = `# Policies

The policies that ship with socklab, by family. A [preset](presets.md) names one of each family. \`socklab policies\` prints the same lists. ${MADE_BY}

${families.join("\n\n")}
`;
  return { path: `${FOLDER}/README.md`, text };
}

function presetsPage(): Page {
  const text = `# Presets

A preset names one policy per family: \`--policy NAME\`. \`--set family=policy:parameter=value\` changes one of them. ${MADE_BY}

${PRESETS.map(renderPreset).join("\n\n")}
`;
  return { path: `${FOLDER}/presets.md`, text };
}

function renderPreset({ name, summary, source, choices, alsoCalled = [] }: Preset): string {
  const also =
    alsoCalled.length === 0
      ? ""
      : `Also called: ${alsoCalled.map((each) => `\`${each}\``).join(", ")}.\n\n`;
  const rows = FAMILIES.map((family) => {
    const policy = choices[family].split(":")[0];
    return `| ${family} | [\`${choices[family]}\`](${family}/${policy}.md) |`;
  });
  return `## ${name}\n\n${summary}\n\nSource: ${source}.\n\n${also}| family | policy |\n| --- | --- |\n${rows.join("\n")}`;
}

function policyPage(spec: PolicySpec): Page {
  const { family, name, summary, source, departures, needsPackages } = spec;
  const blocks = [
    `# ${family}=${name}`,
    summary,
    `Source: ${source}.`,
    ...(needsPackages
      ? ["It needs functions with packages, and refuses a workload without packages."]
      : []),
    "## Departures from the source",
    departures.length === 0 ? "None." : departures.map((each) => `- ${each}`).join("\n"),
    "## Parameters",
    renderParameters(spec),
    "## Presets that use it",
    renderPresets(family, name),
    MADE_BY,
  ];
  return { path: `${FOLDER}/${family}/${name}.md`, text: `${blocks.join("\n\n")}\n` };
}

function renderParameters({ parameters }: PolicySpec): string {
  const rows = Object.entries(parameters).map(
    ([name, spec]) =>
      `| \`${name}\` | ${defaultOf(spec)} | ${rangeOf(spec)} | ${spec.description} |`,
  );
  if (rows.length === 0) return "None.";
  return ["| parameter | default | values | meaning |", "| --- | --- | --- | --- |", ...rows].join(
    "\n",
  );
}

function defaultOf(spec: ParameterSpec): string {
  switch (spec.kind) {
    case "duration":
      return formatUs(spec.default);
    case "bytes":
      return formatBytes(spec.default);
    default:
      return String(spec.default) || "none";
  }
}

function rangeOf(spec: ParameterSpec): string {
  switch (spec.kind) {
    case "number":
      return `${spec.min} to ${spec.max} ${spec.unit}`;
    case "duration":
      return "duration with unit, or unlimited";
    case "bytes":
      return "size with unit, or unlimited";
    case "choice":
      return spec.choices.join(", ");
    case "boolean":
      return "true, false";
    case "path":
      return "path of a file";
  }
}

function renderPresets(family: Family, name: string): string {
  const using = PRESETS.filter(({ choices }) => choices[family].split(":")[0] === name);
  if (using.length === 0) return "None.";
  return using
    .map(
      ({ name: preset, choices }) =>
        `- [${preset}](../presets.md#${preset}): \`${choices[family]}\``,
    )
    .join("\n");
}

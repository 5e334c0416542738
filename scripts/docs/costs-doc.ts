import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { withUnit } from "../../src/cli/costs-text.js";
import { type Cost, parseCosts } from "../../src/sim/costs.js";

/** `npm run docs` writes this page from the cost file that ships. */
export const COSTS_DOC: string = fileURLToPath(
  new URL("../../docs/reference/costs.md", import.meta.url),
);

const COSTS_FILE = fileURLToPath(new URL("../../costs.json", import.meta.url));

export function renderCostsDoc(): string {
  const { machine, measured, costs, contention, correlation, observed } = parseCosts(
    readFileSync(COSTS_FILE, "utf8"),
    "costs.json",
  );
  const when =
    measured === undefined
      ? ""
      : ` Begun from commit ${measured.commit}, ${measured.date.slice(0, 16).replace("T", " ")} UTC, Node ${measured.node}.`;
  const speeds = (contention?.burn ?? []).map(
    ({ jobsPerCore, speed }) => `| ${jobsPerCore} jobs a core | ${speed} of one job's speed |`,
  );
  const slowdowns = (contention?.creations ?? []).map(
    ({ atOnce, slowdown }) => `| ${atOnce} creations at once | ${slowdown} times as long |`,
  );
  return `# The costs that ship

Made by \`npm run docs\` from costs.json; how each is measured: docs/calibration.md. No n: set or fitted, and not drawn.

${machine}.${when}

${table(costs)}

| contention | |
| --- | --- |
${[...speeds, ...slowdowns].join("\n")}

Rank correlation of a creation's parts: ${correlation?.withinOperation ?? "not measured"}; of successive creations: ${correlation?.betweenOperations ?? "not measured"}.

## Measured beside them

${table(observed ?? {})}
`;
}

function table(costs: Readonly<Record<string, Cost>>): string {
  const rows = Object.entries(costs).map(
    ([name, { value, unit, spread, low, high, n, source }]) =>
      `| \`${name}\` | ${withUnit(value, unit)} | ${low === undefined ? "" : `${withUnit(low, unit)} to ${withUnit(high!, unit)}`} | ${spread} | ${n ?? ""} | ${source} |`,
  );
  return [
    "| cost | median | 95 % interval | p99/p50 | n | source |",
    "| --- | ---: | --- | ---: | ---: | --- |",
    ...rows,
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeFile(COSTS_DOC, renderCostsDoc());
}

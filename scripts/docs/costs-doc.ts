import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { withUnit } from "../../src/lab/calibrate/costs-text.js";
import { type Cost, parseCosts } from "../../src/sim/costs/costs.js";
import { MADE_BY, type Page } from "./page.js";

const COSTS_FILE = fileURLToPath(new URL("../../costs.json", import.meta.url));

/** docs/reference/costs.md: the cost file that ships with socklab. */
export function costsPage(): Page {
  const { machine, measured, costs, contention, correlation, observed } = parseCosts(
    readFileSync(COSTS_FILE, "utf8"),
    "costs.json",
  );
  const when =
    measured === undefined
      ? ""
      : ` Started from commit ${measured.commit}, ${measured.date.slice(0, 16).replace("T", " ")} UTC, Node ${measured.node}.`;
  const speeds = (contention?.burn ?? []).map(
    ({ jobsPerCore, speed }) => `| ${jobsPerCore} jobs per core | ${speed} of one job's speed |`,
  );
  const slowdowns = (contention?.creations ?? []).map(
    ({ atOnce, slowdown }) => `| ${atOnce} creations at once | ${slowdown} times as long |`,
  );
  const text = `# The costs that ship with socklab

The contents of costs.json; [the guide to calibration](../guide/calibration.md) says how each cost is measured. A cost without n is set or fitted, so the simulator does not draw it from a sample. ${MADE_BY}

${machine}.${when}

${table(costs)}

| contention | |
| --- | --- |
${[...speeds, ...slowdowns].join("\n")}

Rank correlation of a creation's parts: ${correlation?.withinOperation ?? "not measured"}; of successive creations: ${correlation?.betweenOperations ?? "not measured"}.

## Measured, but not used by the simulator

${table(observed ?? {})}
`;
  return { path: "reference/costs.md", text };
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

import { formatBytes, formatUs } from "../../basics/units.js";
import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";
import type { Column } from "../table.js";

/** Parameters of policies that are durations in microseconds, and sizes in bytes. */
const DURATIONS = new Set(["keep", "pauseAfter", "creation"]);
const SIZES = new Set(["reserve"]);

/** What each policy is made of: the policy of each family with its parameters. */
export function policiesSection({ configurations, labels }: Dataset): Section {
  const policies = labels.map((label) => {
    const { results } = configurations.find((each) => each.label === label)!;
    const { preset: _, ...families } = results[0].run.policy;
    return { label, families: new Map<string, Choice | undefined>(Object.entries(families)) };
  });
  const families = [...new Set(policies.flatMap((each) => [...each.families.keys()]))];
  return {
    id: "policies",
    title: "The policies",
    text: "The policy of each family, with its parameters.",
    figures: [],
    table: {
      id: "policies",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        ...families.map((name): Column => ({ name, title: titleOf(name), unit: "text" })),
      ],
      rows: policies.map(({ label, families: of }) => [
        label,
        ...families.map((name) => describe(of.get(name))),
      ]),
    },
    isTableOpen: true,
  };
}

interface Choice {
  readonly name: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** `fixed: keep 10 min`. */
function describe(choice: Choice | undefined): string | null {
  if (choice === undefined) return null;
  const parameters = Object.entries(choice.parameters).map(
    ([name, value]) => `${name} ${valueText(name, value)}`,
  );
  return [choice.name, ...(parameters.length === 0 ? [] : [parameters.join(", ")])].join(": ");
}

function valueText(name: string, value: unknown): string {
  if (value === null) return "unlimited";
  if (typeof value === "number" && DURATIONS.has(name)) return formatUs(value);
  if (typeof value === "number" && SIZES.has(name)) return formatBytes(value);
  return String(value);
}

/** `keepAlive` as the command line has it: `keep-alive`. */
function titleOf(family: string): string {
  return family.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

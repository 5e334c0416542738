import { describeLoss } from "../results/loss.js";
import type { Dataset } from "./dataset.js";
import { factsOf } from "./facts.js";
import { findFindings } from "./findings.js";
import type { LeftOut, Section } from "./section.js";
import { costSection } from "./sections/cost.js";
import { curvesSection } from "./sections/curves.js";
import { differenceSection } from "./sections/difference.js";
import { functionsSection } from "./sections/functions.js";
import { heatSection } from "./sections/heat.js";
import { hitRatiosSection } from "./sections/hit-ratios.js";
import { memoryOverTimeSection } from "./sections/memory-over-time.js";
import { phasesSection } from "./sections/phases.js";
import { policiesSection } from "./sections/policies.js";
import { runsSection } from "./sections/runs.js";
import { startKindsSection } from "./sections/start-kinds.js";
import { startupDistributionSection } from "./sections/startup-distribution.js";
import { summarySection } from "./sections/summary.js";
import { warningsSection } from "./sections/warnings.js";
import { winnersSection } from "./sections/winners.js";
import { zygotesSection } from "./sections/zygotes.js";

/** The content of a page, a CSV file and a JSON file. */
export interface Report {
  readonly title: string;
  /** What is compared, in one line. */
  readonly subject: string;
  /** What ran, where, and with which inputs: names and values. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Whether what was examined is as it should be; undefined: nothing was demanded. */
  readonly verdict?: { readonly isGood: boolean; readonly text: string } | undefined;
  /** The answers, one sentence per entry. */
  readonly findings: readonly string[];
  /** What was lost in the runs. The page states it before the answers. */
  readonly losses: readonly string[];
  /** Doubts about the comparison. */
  readonly warnings: readonly string[];
  readonly sections: readonly Section[];
  /** Sections that have nothing to show, each with the reason. */
  readonly leftOut: readonly string[];
}

const SECTIONS: readonly ((dataset: Dataset) => Section | LeftOut | undefined)[] = [
  winnersSection,
  curvesSection,
  heatSection,
  policiesSection,
  summarySection,
  costSection,
  startKindsSection,
  startupDistributionSection,
  phasesSection,
  memoryOverTimeSection,
  hitRatiosSection,
  zygotesSection,
  functionsSection,
  runsSection,
  warningsSection,
];

/** A report on a dataset. `notes` are doubts of the program that read the dataset. */
export function makeReport(dataset: Dataset, notes: readonly string[] = []): Report {
  const { results, labels, configurations, trace, kind } = dataset;
  const [first] = results;
  const subjects = {
    run: () => `One run: ${first.run.id}`,
    difference: () => labels.join(" against "),
    comparison: () =>
      `${labels.length} ${labels.length === 1 ? "policy" : "policies"}, ${configurations.length} configurations, ${results.length} runs`,
  };
  const makers = kind === "difference" ? [differenceSection, ...SECTIONS] : SECTIONS;
  const made = makers.flatMap((make) => make(dataset) ?? []);
  return {
    title: `socklab: ${lastPartOf(trace)}`,
    subject: subjects[kind](),
    facts: factsOf(dataset),
    findings: findFindings(dataset),
    losses: kind === "run" ? describeLoss(first) : dataset.losses,
    warnings: [...notes, ...dataset.warnings],
    sections: made.filter((section): section is Section => !("leftOut" in section)),
    leftOut: made.flatMap((section) => ("leftOut" in section ? section.leftOut : [])),
  };
}

/** The name of a trace without the folders above it. */
function lastPartOf(trace: string): string {
  return trace.split("/").findLast((part) => part !== "") ?? trace;
}

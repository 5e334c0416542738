import { describeLoss } from "../results/loss.js";
import type { Dataset } from "./dataset.js";
import type { Section } from "./section.js";
import { costSection } from "./sections/cost.js";
import { differenceSection } from "./sections/difference.js";
import { functionsSection } from "./sections/functions.js";
import { hitRatiosSection } from "./sections/hit-ratios.js";
import { memoryCurveSection } from "./sections/memory-curve.js";
import { memoryOverTimeSection } from "./sections/memory-over-time.js";
import { phasesSection } from "./sections/phases.js";
import { runsSection } from "./sections/runs.js";
import { startKindsSection } from "./sections/start-kinds.js";
import { startupDistributionSection } from "./sections/startup-distribution.js";
import { summarySection } from "./sections/summary.js";
import { warningsSection } from "./sections/warnings.js";
import { zygotesSection } from "./sections/zygotes.js";

/** The content of a page, a CSV file and a JSON file. */
export interface Report {
  readonly title: string;
  /** What is compared, in one line. */
  readonly subject: string;
  /** What was lost in the runs. The page states it first. */
  readonly losses: readonly string[];
  /** Doubts about the comparison. */
  readonly warnings: readonly string[];
  readonly sections: readonly Section[];
}

const SECTIONS: readonly ((dataset: Dataset) => Section)[] = [
  summarySection,
  startKindsSection,
  startupDistributionSection,
  phasesSection,
  memoryCurveSection,
  costSection,
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
  return {
    title: `socklab: ${trace}`,
    subject: subjects[kind](),
    losses: kind === "run" ? describeLoss(first) : dataset.losses,
    warnings: [...notes, ...dataset.warnings],
    sections: makers.map((make) => make(dataset)),
  };
}

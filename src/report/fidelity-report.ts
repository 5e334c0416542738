import type { Fidelity } from "../results/fidelity-result.js";
import type { Report } from "./report.js";
import type { Section } from "./section.js";
import { fidelityMemorySection, fidelityStartupSection } from "./sections/fidelity-curves.js";
import { confusionSection, evictionsSection } from "./sections/fidelity-decisions.js";
import { causesSection, errorsSection } from "./sections/fidelity-errors.js";
import { fidelityRunsSection } from "./sections/fidelity-runs.js";
import { fidelityTimesSection } from "./sections/fidelity-times.js";
import { boundsSection, rankingSection } from "./sections/fidelity-verdict.js";

const SECTIONS: readonly ((fidelity: Fidelity) => Section)[] = [
  boundsSection,
  rankingSection,
  errorsSection,
  fidelityTimesSection,
  causesSection,
  fidelityStartupSection,
  fidelityMemorySection,
  confusionSection,
  evictionsSection,
  fidelityRunsSection,
];

/** A report on how far the simulator is from the real backend. */
export function makeFidelityReport(fidelity: Fidelity): Report {
  const { run, policies } = fidelity;
  const diverged = policies.filter(({ real, sim }) =>
    [...real, ...sim].some(({ replay }) => replay.divergence !== null),
  );
  const commits = new Set(
    policies.flatMap(({ real, sim }) => [...real, ...sim].map(({ commit }) => commit)),
  );
  return {
    title: `socklab: fidelity on ${run.trace}`,
    subject: `${policies.length} ${policies.length === 1 ? "policy" : "policies"}, ${run.repeats} real and ${run.simRepeats} simulated runs of each`,
    losses: [],
    warnings: [
      ...(run.repeats === 1
        ? [
            "There is one real run of each policy, so the difference between real runs is not known.",
          ]
        : []),
      ...(commits.size > 1
        ? [`The runs are of several versions of socklab: ${[...commits].join(", ")}.`]
        : []),
      ...diverged.map(({ label }) => `A journal of ${label} does not replay: see the runs below.`),
    ],
    sections: SECTIONS.map((make) => make(fidelity)),
  };
}

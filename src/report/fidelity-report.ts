import type { Fidelity } from "../results/fidelity-result.js";
import { formatMemory } from "./format-cell.js";
import type { Report } from "./report.js";
import type { Section } from "./section.js";
import { fidelityMemorySection, fidelityStartupSection } from "./sections/fidelity-curves.js";
import { confusionSection, evictionsSection } from "./sections/fidelity-decisions.js";
import { causesSection, errorsSection } from "./sections/fidelity-errors.js";
import { fidelityRunsSection } from "./sections/fidelity-runs.js";
import { scatterSection } from "./sections/fidelity-scatter.js";
import { fidelityTimesSection } from "./sections/fidelity-times.js";
import { boundsSection, rankingSection } from "./sections/fidelity-verdict.js";
import { withoutEmptyColumns } from "./table.js";

const SECTIONS: readonly ((fidelity: Fidelity) => Section)[] = [
  boundsSection,
  scatterSection,
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
    facts: factsOf(fidelity),
    verdict: verdictOn(fidelity),
    findings: [],
    losses: [],
    leftOut: [],
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
    sections: SECTIONS.map((make) => make(fidelity)).map((section) => ({
      ...section,
      table: withoutEmptyColumns(section.table),
    })),
  };
}

/** Whether the simulator is as near to the real backend as demanded, and where it is not. */
function verdictOn({ bounds, isWithin }: Fidelity): Report["verdict"] {
  const missed = bounds.filter(({ isMet }) => !isMet);
  const text = missed.map(
    ({ title, policy, noise, limit }) =>
      `${title}${policy === null ? "" : ` (${policy})`}${noise !== null && noise > limit ? ", and so do real runs among themselves" : ""}`,
  );
  if (isWithin) return { isGood: true, text: `All ${bounds.length} bounds are met.` };
  if (missed.length === 0) return { isGood: false, text: "A journal does not replay." };
  return {
    isGood: false,
    text: `${missed.length} of ${bounds.length} bounds are missed: ${text.join("; ")}.`,
  };
}

function factsOf({ run, policies }: Fidelity): Report["facts"] {
  return [
    ["trace", run.trace],
    ["invocations", run.invocations.toLocaleString("en-US")],
    ["policies", policies.map(({ label }) => label).join(", ")],
    ["machine", `${run.cores} cores, memory ${formatMemory(run.memoryBytes)}`],
    ["on", `${run.machine.cpu}, ${run.machine.kernel}`],
    ["packages", run.options.packages],
    ["costs", run.options.costs],
    ["seed", String(run.seed)],
    ["made by", `socklab ${run.version} (${run.commit})`],
  ];
}

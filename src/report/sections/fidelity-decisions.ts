import type { Fidelity, FidelityPolicy } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";
import type { Cell } from "../table.js";

/** How each invocation started in two runs. */
export function confusionSection({ policies, fates }: Fidelity): Section {
  const agreements = policies.map(
    ({ label, confusion, realConfusion }) =>
      `${label}: ${agreementText(confusion)} simulated against real${realConfusion === null ? "" : `, ${agreementText(realConfusion)} real against real`}`,
  );
  return {
    id: "confusion",
    title: "Which invocation started how",
    text:
      "A row shows how invocations of one kind in the run started in the real run that it is compared with: numbers of invocations, means over the pairs of runs. " +
      `Same kind: ${agreements.join("; ")}.`,
    figures: [],
    table: {
      id: "confusion",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "pair", title: "runs", unit: "text" },
        { name: "kind", title: "in the run", unit: "text" },
        ...fates.map((fate) => ({ name: fate, title: `real: ${fate}`, unit: "count" as const })),
      ],
      rows: policies.flatMap((policy) => [
        ...rowsOf(policy, "simulated against real", policy.confusion, fates),
        ...(policy.realConfusion === null
          ? []
          : rowsOf(policy, "real against real", policy.realConfusion, fates)),
      ]),
    },
    isTableOpen: true,
  };
}

/** What was evicted, and in which order. */
export function evictionsSection({ policies }: Fidelity): Section {
  return {
    id: "evictions",
    title: "Evictions",
    text:
      "What was evicted, one row per cache: how many, and whether in the same order. Common: the longest sequence that both runs have in that order, " +
      "as a share of the longer one. Tau is Kendall's tau of the order of the evictions that both have.",
    figures: [],
    table: {
      id: "evictions",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "tier", title: "cache", unit: "text" },
        { name: "real", title: "real", unit: "count" },
        { name: "sim", title: "simulated", unit: "count" },
        { name: "isSameOrder", title: "the same", unit: "text" },
        { name: "common", title: "common", unit: "ratio" },
        { name: "tau", title: "tau", unit: "count" },
        { name: "realCommon", title: "common, real against real", unit: "ratio" },
        { name: "realTau", title: "tau, real against real", unit: "count" },
      ],
      rows: policies.flatMap(({ label, evictions }) =>
        evictions.map((each) => [
          label,
          each.tier,
          each.realCount,
          each.simCount,
          each.isSameOrder ? "yes" : "no",
          each.commonShare,
          each.tau,
          each.realCommonShare,
          each.realTau,
        ]),
      ),
    },
    isTableOpen: true,
  };
}

type Confusion = FidelityPolicy["confusion"];

/** One row per kind of start, without the kinds that neither run has. */
function rowsOf(
  { label }: FidelityPolicy,
  pair: string,
  { matrix }: Confusion,
  fates: readonly string[],
): Cell[][] {
  return matrix
    .map((row, kind): Cell[] => [label, pair, fates[kind], ...row])
    .filter((_, kind) => matrix[kind].some((count) => count > 0));
}

function agreementText({ agreementShare, kappa }: Confusion): string {
  const share = `${(100 * agreementShare).toFixed(1)} %`;
  return kappa === null ? share : `${share} (kappa ${kappa.toFixed(2)})`;
}

import { mean } from "d3-array";
import { formatBytes, formatUs } from "../basics/units.js";
import { formatLimit, verdictOf } from "./fidelity-bounds.js";
import type {
  BoundResult,
  Fidelity,
  FidelityPolicy,
  FidelityRun,
  RankingResult,
} from "./fidelity-result.js";
import { textTable } from "./text-table.js";

/** The measures shown on a terminal; the object and the report have all. */
const SHOWN = [
  "startKinds",
  "disagreement",
  "startupMean",
  "startupP50",
  "startupP90",
  "startupP99",
  "queueMean",
  "memoryMean",
  "memoryOverTime",
];
const START_KIND_FIELDS = [
  "warm",
  "resumed",
  "delayedWarm",
  "zygote",
  "zygoteBuilt",
  "rootZygote",
  "cold",
] as const;
const QUANTILES = ["mean", "p50", "p90", "p99"] as const;
const ABSENT = "-";

/**
 * The result of a validation as text: the verdict first. `width`: columns of the terminal;
 * undefined: as wide as needed.
 */
export function renderFidelity(fidelity: Fidelity, width?: number): string {
  const { run, policies, rankings } = fidelity;
  return [
    `${run.trace}: ${run.invocations} invocations, memory ${formatBytes(run.memoryBytes ?? Number.POSITIVE_INFINITY)}, seed ${run.seed}; ${run.repeats} real and ${run.simRepeats} simulated runs of each policy\n`,
    renderBounds(fidelity, width),
    ...policies.map((policy) => renderPolicy(policy, width)),
    ...(rankings.length === 0 ? [] : [renderRankings(rankings, width)]),
  ].join("\n");
}

function renderPolicy(policy: FidelityPolicy, width: number | undefined): string {
  return [renderErrors(policy, width), renderValues(policy), renderDecisions(policy)].join("");
}

function renderErrors(policy: FidelityPolicy, width: number | undefined): string {
  const rows = policy.measures
    .filter(({ name }) => SHOWN.includes(name))
    .map((measure) => [
      `  ${measure.title}`,
      percent(measure.simAgainstReal?.mean),
      percent(measure.simAgainstReal?.max),
      percent(measure.realAgainstReal?.mean),
      percent(measure.realAgainstReal?.max),
      percent(measure.drawnAgainstReal?.mean),
      percent(measure.sameAgainstReal?.mean),
    ]);
  const heads = [
    policy.label,
    "sim:real",
    "max",
    "real:real",
    "max",
    "drawn costs:real",
    "same costs:real",
  ];
  return textTable([heads, ...rows], { width });
}

/** Means over the repeats, real next to simulated. */
function renderValues({ real, sim }: FidelityPolicy): string {
  const row = (title: string, of: (run: FidelityRun) => number, format: (v: number) => string) => [
    `  ${title}`,
    ...[real, sim].map((runs) => format(mean(runs, of)!)),
  ];
  return textTable([
    ["", "real", "sim"],
    ...START_KIND_FIELDS.map((kind) =>
      row(kind, ({ invocations }) => invocations[kind] / invocations.total, percent),
    ),
    ...QUANTILES.map((each) =>
      row(`startup ${each}`, ({ timesUs }) => timesUs.startup[each], formatUs),
    ),
    row("memory mean", ({ memory }) => memory.meanBytes, formatBytes),
  ]);
}

function renderDecisions(policy: FidelityPolicy): string {
  const { differenceUs, mixUs, priceUs } = policy.startupSplit;
  return [
    `  startup mean, simulated less real: ${signed(differenceUs)}; other decisions ${signed(mixUs)}, other costs ${signed(priceUs)}\n`,
    ...policy.evictions.map(evictionLine),
    replayLine(policy),
  ].join("");
}

function evictionLine(each: FidelityPolicy["evictions"][number]): string {
  const { tier, realCount, simCount } = each;
  if (realCount + simCount === 0) return `  evictions, ${tier}: none\n`;
  const order = each.isSameOrder
    ? "equal, in equal order"
    : `${percent(each.commonShare)} in common order, tau ${ratio(each.tau)} (real:real ${percent(each.realCommonShare)}, tau ${ratio(each.realTau)})`;
  return `  evictions, ${tier}: real ${Math.round(realCount)}, sim ${Math.round(simCount)}; ${order}\n`;
}

function replayLine({ real, sim }: FidelityPolicy): string {
  const all = [...real, ...sim];
  const diverged = all.flatMap(({ replay }) => replay.divergence ?? []);
  const [first] = diverged;
  return first === undefined
    ? `  replay: all ${all.length} journals lead to the same decisions\n`
    : `  replay: ${diverged.length} of ${all.length} journals diverge, first at ${first}\n`;
}

function renderRankings(rankings: readonly RankingResult[], width: number | undefined): string {
  const rows = rankings.map((each) => [
    `  ${each.title}`,
    each.realOrder.join(" < "),
    each.simOrder.join(" < "),
    each.low === null
      ? ratio(each.tau)
      : `${ratio(each.tau)} [${ratio(each.low)}, ${ratio(each.high)}]`,
    `${each.reversedPairs} of ${each.clearPairs}`,
  ]);
  const heads = ["ranking", "real", "sim", "tau [95 %]", "clear pairs reversed"];
  return textTable([heads, ...rows], { width });
}

function renderBounds({ bounds, isWithin }: Fidelity, width: number | undefined): string {
  const rows = bounds.map((bound) => [
    `  ${bound.title}`,
    formatLimit(bound.limit, bound.unit),
    bounded(bound.value, bound),
    bounded(bound.noise, bound),
    bound.policy ?? ABSENT,
    verdictOf(bound),
  ]);
  const heads = ["bounds", "at most", "sim:real", "real:real", "worst policy", ""];
  const verdict = isWithin ? "within the bounds" : "not within the bounds";
  return `${verdict}\n${textTable([heads, ...rows], { width })}`;
}

function bounded(value: number | null, { unit }: BoundResult): string {
  return value === null ? ABSENT : formatLimit(value, unit);
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? ABSENT : `${(100 * value).toFixed(1)} %`;
}

function ratio(value: number | null): string {
  return value === null ? ABSENT : value.toFixed(2);
}

function signed(us: number): string {
  return `${us < 0 ? "-" : "+"}${formatUs(Math.abs(us))}`;
}

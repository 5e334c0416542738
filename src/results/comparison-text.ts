import { formatUs } from "../basics/units.js";
import { describeLoss } from "./loss.js";
import { lostCount } from "./metrics.js";
import type { Result } from "./result.js";
import { formatGibHours } from "./result-text.js";
import { formatRatio, textTable } from "./text-table.js";

/** Several results as a text table, one row per result. What was lost comes first. */
export function renderComparison(results: readonly Result[]): string {
  const losses = results.flatMap((result) => {
    const clauses = describeLoss(result);
    return clauses.length === 0 ? [] : [`${result.run.policy.preset}: ${clauses.join("; ")}\n`];
  });
  const starts = textTable([
    [
      ...["starts", "warm", "resumed", "delayed-warm", "zygote", "zygote-built", "root-zygote"],
      ...["cold", "lost"],
    ],
    ...results.map(startShares),
  ]);
  const costs = textTable([
    ["startup", "mean", "p50", "p99", "wasted", "handler hits", "import hits", "install hits"],
    ...results.map(startupAndMemory),
  ]);
  const base = "shares are of all invocations that arrived\n";
  return `${losses.join("")}${starts}${base}\n${costs}`;
}

function startShares({ run, invocations }: Result): string[] {
  const { total, warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold } = invocations;
  const kinds = [warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold];
  const shares = [...kinds, lostCount(invocations)].map((count) =>
    formatRatio(total === 0 ? null : count / total),
  );
  return [`  ${run.policy.preset}`, ...shares];
}

function startupAndMemory({ run, timesUs, memory, tiers }: Result): string[] {
  const { mean, p50, p99 } = timesUs.startup;
  return [
    `  ${run.policy.preset}`,
    ...[mean, p50, p99].map(formatUs),
    formatGibHours(memory.wastedByteSeconds),
    formatRatio(tiers.handler.hitRatio),
    formatRatio(tiers.import.hitRatio),
    formatRatio(tiers.install.hitRatio),
  ];
}

import { BYTES_PER_GIB, formatBytes, formatUs } from "../basics/units.js";
import { ratioOf } from "./fields.js";
import { describeLoss, lostShare, MAX_LOST } from "./loss.js";
import { lostCount } from "./metrics.js";
import { renderPrewarms } from "./prewarms.js";
import type { Quantiles, Result } from "./result.js";
import type { ResultPolicy, RunInputs } from "./run-schema.js";
import { formatCount, formatRatio, textTable } from "./text-table.js";

const SECONDS_PER_HOUR = 3600;

/**
 * A result as text: how invocations started, how long that took, and what used the memory. `width`:
 * columns of the terminal; undefined: as wide as needed.
 */
export function renderResult(result: Result, width?: number): string {
  return [
    renderHeading(result),
    renderLoss(result),
    renderStarts(result, width),
    renderColdStarts(result, width),
    renderOutcomes(result),
    renderTimes(result, width),
    renderMemory(result),
    renderTiers(result, width),
    renderPrewarms(result.prewarms),
    renderWarnings(result),
  ]
    .filter((section) => section !== "")
    .join("\n");
}

/** Byte-seconds as GiB-hours, the unit in which they are compared. */
export function formatGibHours(byteSeconds: number): string {
  return `${(byteSeconds / BYTES_PER_GIB / SECONDS_PER_HOUR).toFixed(2)} GiB h`;
}

/** Where packages came from, and whether the trace names them: `invented (...), drawn for ...`. */
export function describeCatalogue({ catalogue }: RunInputs): string {
  const { kind, name, isShipped, drawnFor } = catalogue;
  if (kind === "none") return "none";
  // the rest of the name only repeats that the packages are invented
  const file = kind === "invented" ? name.split(": ", 1)[0] : name;
  const whose = isShipped ? `${file} of socklab` : file;
  const from = kind === "unknown" ? whose : `${kind} (${whose})`;
  if (drawnFor === 0) return `${from}, named by the trace`;
  const functions = `${formatCount(drawnFor)} function${drawnFor === 1 ? "" : "s"}`;
  return `${from}, drawn for ${functions} because the trace names none; --packages none leaves them out`;
}

/** The cost file, and whether it is the shipped one. */
export function describeCosts({ costs }: RunInputs): string {
  return `${costs.name}${costs.isShipped ? " of socklab" : ""}`;
}

function renderHeading({ run, measured, invocations }: Result): string {
  const { policy, memoryBytes, diskBytes } = run;
  const choices: readonly (readonly [string, ResultPolicy])[] = [
    ["zygote", policy.zygote],
    ["evict", policy.evict],
    ["keep-alive", policy.keepAlive],
    ["install", policy.install],
    ["dispatch", policy.dispatch],
    ["queue", policy.queue],
  ];
  const speed = `${formatCount(run.invocationsPerSecond)} invocations per second`;
  return [
    `${run.trace} under ${policy.preset}`,
    `  ${choices.map(([family, { name }]) => `${family} ${name}`).join(", ")}`,
    ...(run.oracles ?? []).map(
      ({ family, policy, knows }) => `  oracle: ${family} ${policy} knows the future: ${knows}`,
    ),
    `  memory ${formatLimit(memoryBytes)}, disk ${formatLimit(diskBytes)}, ${run.cores} cores, seed ${run.seed}`,
    ...renderInputs(run),
    `  ${formatUs(run.spanUs)}, ${formatCount(invocations.total)} invocations, in ${formatUs(run.wallUs)} (${speed})`,
    ...renderWarmup(measured),
    `  digest ${run.digest}\n`,
  ].join("\n");
}

/** Which packages functions have, and what a simulated run's costs are. */
function renderInputs({ inputs, backend }: Result["run"]): string[] {
  if (inputs === undefined) return [];
  const costs = backend === "sim" ? [`  costs: ${describeCosts(inputs)}`] : [];
  return [`  packages: ${describeCatalogue(inputs)}`, ...costs];
}

function renderLoss(result: Result): string {
  const clauses = describeLoss(result);
  if (clauses.length === 0) return "";
  if (lostShare({ results: [result] }) > MAX_LOST) {
    clauses.push(
      "overloaded: the figures below cover only what was served, so do not compare them",
    );
  }
  return `warning: ${clauses.join("\n  ")}\n`;
}

function renderWarmup({ fromUs, invocationsBefore }: Result["measured"]): string[] {
  if (fromUs === 0) return [];
  const left = `${formatCount(invocationsBefore)} invocations of the first ${formatUs(fromUs)}`;
  return [`  warm-up: the figures leave out ${left}`];
}

function renderStarts({ invocations, startupByKindUs: byKind }: Result, width?: number): string {
  const { total } = invocations;
  const started = Object.values(byKind).reduce((sum, { count }) => sum + count, 0);
  const row = (name: string, count: number, times?: Quantiles) => [
    `  ${name}`,
    formatCount(count),
    formatRatio(ratioOf(count, total)),
    ...(times === undefined ? [] : formatTimes(times)),
  ];
  const unstarted = total === started ? [] : [row("not started", total - started)];
  return textTable(
    [
      ["starts", "invocations", "of all", "startup mean", "p50", "p99", "p99.9", "max"],
      row("warm", invocations.warm, byKind.warm),
      row("resumed", invocations.resumed, byKind.resumed),
      row("delayed-warm", invocations.delayedWarm, byKind.delayedWarm),
      row("zygote", invocations.zygote, byKind.zygote),
      row("zygote-built", invocations.zygoteBuilt, byKind.zygoteBuilt),
      row("root-zygote", invocations.rootZygote, byKind.rootZygote),
      row("cold", invocations.cold, byKind.cold),
      ...unstarted,
    ],
    { width },
  );
}

/** The shares of starts for which a container was made, over all invocations and per unit. */
function renderColdStarts({ coldStarts }: Result, width?: number): string {
  const { count, share, shareOfStarted, functionShareP75, applicationShareP75 } = coldStarts;
  return textTable(
    [
      ["cold starts", "starts", "share", "of started", "p75 functions", "p75 apps", "provision"],
      [
        "  not warm",
        formatCount(count),
        ...[share, shareOfStarted, functionShareP75, applicationShareP75].map(formatRatio),
        formatUs(coldStarts.provisionUs),
      ],
    ],
    { width },
  );
}

function renderOutcomes({ invocations }: Result): string {
  const { total } = invocations;
  const row = (name: string, count: number) => [
    `  ${name}`,
    formatCount(count),
    formatRatio(ratioOf(count, total)),
  ];
  return textTable([
    ["outcomes", "invocations", "of all"],
    row("completed", invocations.completed),
    row("failed", invocations.failed),
    row("timed-out", invocations.timedOut),
    row("rejected", invocations.rejected),
    row("lost", lostCount(invocations)),
  ]);
}

function renderTimes({ timesUs }: Result, width?: number): string {
  const rows = Object.entries(timesUs).flatMap(([name, times]) =>
    times === undefined || times.count === 0
      ? []
      : [[`  ${name}`, formatCount(times.count), ...formatTimes(times)]],
  );
  return textTable([["times", "count", "mean", "p50", "p99", "p99.9", "max"], ...rows], { width });
}

function renderMemory({ memory }: Result): string {
  const parts = [
    ["running", memory.runningByteSeconds],
    ["handler cache", memory.handlerByteSeconds],
    ["import cache", memory.zygoteByteSeconds],
  ] as const;
  const all = parts.reduce((sum, [, byteSeconds]) => sum + byteSeconds, 0);
  const share = (byteSeconds: number) => formatRatio(all === 0 ? null : byteSeconds / all);
  const rows = parts.map(([name, value]) => [`  ${name}`, formatGibHours(value), share(value)]);
  const wasted = memory.wastedByteSeconds;
  return textTable([
    ["memory", "bytes x time", "share"],
    ...rows,
    [
      "  import cache in use",
      formatGibHours(memory.zygoteInUseByteSeconds),
      share(memory.zygoteInUseByteSeconds),
    ],
    ["  wasted (idle)", formatGibHours(wasted), share(wasted)],
  ]).concat(
    `  peak ${formatBytes(memory.peakBytes)}, mean ${formatBytes(memory.meanBytes)}, limit ${formatLimit(memory.limitBytes)}\n`,
  );
}

function renderTiers({ tiers }: Result, width?: number): string {
  const rows = Object.entries(tiers).map(([name, tier]) => [
    `  ${name}`,
    formatRatio(tier.hitRatio),
    formatCount(tier.hits),
    formatCount(tier.misses),
    formatCount(tier.evictions),
    formatCount(tier.expirations),
    formatBytes(tier.bytesMean),
    formatBytes(tier.bytesPeak),
  ]);
  const { handler, import: imports } = tiers;
  const saved = ratioOf(imports.importSavedUs, imports.importNeededUs);
  return textTable(
    [
      ["caches", "hit ratio", "hits", "misses", "evictions", "expirations", "mean", "peak"],
      ...rows,
    ],
    { width },
  ).concat(
    `  handler: ${formatRatio(handler.hitRatioOfStarted)} of started, ${formatRatio(handler.costWeightedHitRatio)} weighted by the time of a cold start\n`,
    `  import: ${formatRatio(imports.packageHitRatio)} of needed packages were inherited, ${formatUs(imports.importSavedUs)} of imports saved (${formatRatio(saved)})\n`,
  );
}

function renderWarnings({ warnings }: Result): string {
  if (warnings.length === 0) return "";
  const lines = warnings.map(
    ({ code, text, count }) => `  ${code}: ${text} (${formatCount(count)} times)`,
  );
  return `warnings\n${lines.join("\n")}\n`;
}

function formatTimes({ count, mean, p50, p99, p999, max }: Quantiles): string[] {
  if (count === 0) return [];
  return [mean, p50, p99, p999, max].map(formatUs);
}

function formatLimit(bytes: number | null): string {
  return formatBytes(bytes ?? Number.POSITIVE_INFINITY);
}

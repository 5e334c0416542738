import type { Result } from "./result.js";

/** The part of each result that studies over many runs keep: all except its long tables. */
export type ResultHead = Pick<
  Result,
  "run" | "invocations" | "coldStarts" | "timesUs" | "memory" | "tiers" | "warnings"
>;

/** A number of each result by which configurations are compared. */
export interface Metric {
  /** Stable name, for programs. */
  readonly name: string;
  /** Title in tables and drawings. */
  readonly title: string;
  readonly unit: "ratio" | "microseconds" | "byte-seconds";
  readonly better: "lower" | "higher";
  /** The metric of a run; null: the run does not have it. */
  of(result: ResultHead): number | null;
}

/** The invocations that did not complete: they failed, timed out or were rejected. */
export function lostCount({ failed, timedOut, rejected }: Result["invocations"]): number {
  return failed + timedOut + rejected;
}

/** Share of the invocations that arrived and did not complete. */
export const LOST = share("lostRatio", "lost", "lower", lostCount);

/** The metrics that studies show of each configuration, in the order of their tables. */
export const METRICS: readonly Metric[] = [
  LOST,
  share("coldRatio", "cold", "lower", ({ cold }) => cold),
  share("zygoteRatio", "zygote", "higher", ({ zygote }) => zygote),
  share("zygoteBuiltRatio", "zygote-built", "lower", ({ zygoteBuilt }) => zygoteBuilt),
  share("warmRatio", "warm", "higher", (kinds) => kinds.warm + kinds.resumed + kinds.delayedWarm),
  time("startupMeanUs", "startup mean", ({ timesUs }) => timesUs.startup.mean),
  time("startupP50Us", "startup p50", ({ timesUs }) => timesUs.startup.p50),
  time("startupP99Us", "startup p99", ({ timesUs }) => timesUs.startup.p99),
  time("responseMeanUs", "response mean", ({ timesUs }) => timesUs.response.mean),
  {
    name: "wastedByteSeconds",
    title: "wasted",
    unit: "byte-seconds",
    better: "lower",
    of: ({ memory }) => memory.wastedByteSeconds,
  },
  coldShare("coldShare", "not warm", ({ share }) => share),
  coldShare(
    "functionColdShareP75",
    "not warm, p75 of functions",
    ({ functionShareP75 }) => functionShareP75,
  ),
  coldShare(
    "applicationColdShareP75",
    "not warm, p75 of applications",
    ({ applicationShareP75 }) => applicationShareP75,
  ),
  hits("handlerHitRatio", "handler hits", "handler"),
  hits("importHitRatio", "import hits", "import"),
  {
    name: "packageHitRatio",
    title: "packages inherited",
    unit: "ratio",
    better: "higher",
    of: ({ tiers }) => tiers.import.packageHitRatio,
  },
  hits("installHitRatio", "install hits", "install"),
];

/** A metric that is a share of all invocations that arrived. */
function share(
  name: string,
  title: string,
  better: Metric["better"],
  count: (invocations: ResultHead["invocations"]) => number,
): Metric {
  const of = ({ invocations }: ResultHead) =>
    invocations.total === 0 ? null : count(invocations) / invocations.total;
  return { name, title, unit: "ratio", better, of };
}

/** A share of starts for which a container was made. */
function coldShare(
  name: string,
  title: string,
  of: (coldStarts: ResultHead["coldStarts"]) => number | null,
): Metric {
  return { name, title, unit: "ratio", better: "lower", of: ({ coldStarts }) => of(coldStarts) };
}

/** A metric that is a time over the invocations that started; null if none started. */
function time(name: string, title: string, us: (result: ResultHead) => number): Metric {
  const of = (result: ResultHead) => (result.timesUs.startup.count === 0 ? null : us(result));
  return { name, title, unit: "microseconds", better: "lower", of };
}

function hits(name: string, title: string, tier: keyof ResultHead["tiers"]): Metric {
  return { name, title, unit: "ratio", better: "higher", of: ({ tiers }) => tiers[tier].hitRatio };
}

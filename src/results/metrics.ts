import type { Result } from "./result.js";

/** What studies over many runs keep of each: a result without its long tables. */
export type ResultHead = Pick<Result, "run" | "invocations" | "timesUs" | "memory" | "tiers">;

/** A number of each result by which configurations are compared. */
export interface Metric {
  /** Stable, for programs. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly unit: "ratio" | "microseconds" | "byte-seconds";
  readonly better: "lower" | "higher";
  /** null: the run has no such number. */
  of(result: ResultHead): number | null;
}

/** What studies show of each configuration, in the order of their tables. */
export const METRICS: readonly Metric[] = [
  share("coldRatio", "cold", "lower", ({ cold }) => cold),
  share("zygoteRatio", "zygote", "higher", ({ zygote }) => zygote),
  share("warmRatio", "warm", "higher", (kinds) => kinds.warm + kinds.resumed + kinds.delayedWarm),
  share("lostRatio", "lost", "lower", (ends) => ends.failed + ends.timedOut + ends.rejected),
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
  hits("handlerHitRatio", "handler hits", "handler"),
  hits("importHitRatio", "import hits", "import"),
  hits("installHitRatio", "install hits", "install"),
];

/** Part of all invocations that arrived. */
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

/** Of the invocations that started; null where none did. */
function time(name: string, title: string, us: (result: ResultHead) => number): Metric {
  const of = (result: ResultHead) => (result.timesUs.startup.count === 0 ? null : us(result));
  return { name, title, unit: "microseconds", better: "lower", of };
}

function hits(name: string, title: string, tier: keyof ResultHead["tiers"]): Metric {
  return { name, title, unit: "ratio", better: "higher", of: ({ tiers }) => tiers[tier].hitRatio };
}

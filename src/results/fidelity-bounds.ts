import { InputError } from "../basics/errors.js";
import type { BoundResult, FidelityPolicy, RankingResult } from "./fidelity-result.js";

/** A limit that a validation can demand. */
export interface BoundSpec {
  readonly name: string;
  readonly title: string;
  /** A measure of MEASURES; undefined: the ranking. */
  readonly measure: string | undefined;
  readonly unit: BoundResult["unit"];
  readonly limit: number;
}

/** Every bound, with its default. */
export const BOUNDS: readonly BoundSpec[] = [
  {
    name: "start-kinds",
    title: "share of each start kind",
    measure: "startKinds",
    unit: "pp",
    limit: 0.02,
  },
  { name: "p50", title: "startup p50", measure: "startupP50", unit: "ratio", limit: 0.1 },
  { name: "p90", title: "startup p90", measure: "startupP90", unit: "ratio", limit: 0.15 },
  { name: "p99", title: "startup p99", measure: "startupP99", unit: "ratio", limit: 0.3 },
  { name: "memory", title: "memory mean", measure: "memoryMean", unit: "ratio", limit: 0.1 },
  {
    name: "ranking",
    title: "policies in a different order",
    measure: undefined,
    unit: "count",
    limit: 0,
  },
];

const SUFFIXES = { pp: "pp", ratio: "%", count: "" } as const;
const PERCENT = 100;

/**
 * The bounds, changed as the command line says: `p50=5%`, `start-kinds=3pp`, `ranking=1`,
 * `p99=off`. Errors: InputError with the text that is wrong.
 */
export function readBounds(given: readonly string[]): readonly BoundSpec[] {
  const changes = new Map(given.map(readChange));
  return BOUNDS.flatMap((bound) => {
    const limit = changes.get(bound.name) ?? bound.limit;
    return limit === "off" ? [] : [{ ...bound, limit }];
  });
}

function readChange(given: string): readonly [string, number | "off"] {
  const [name, value = ""] = given.split("=", 2) as [string, string?];
  const bound = BOUNDS.find((each) => each.name === name);
  if (bound === undefined) {
    const known = BOUNDS.map((each) => each.name).join(", ");
    throw new InputError(`--bound: "${name}" is not a bound, expected one of ${known}`);
  }
  if (value === "off") return [name, "off"];
  const suffix = SUFFIXES[bound.unit];
  const digits = value.endsWith(suffix) ? value.slice(0, value.length - suffix.length) : "";
  const number = digits.trim() === "" ? Number.NaN : Number(digits);
  if (!Number.isFinite(number) || number < 0) {
    const example = formatLimit(bound.limit, bound.unit);
    throw new InputError(
      `--bound ${name}: "${value}" is not a limit, expected one like ${example}, or off`,
    );
  }
  return [name, bound.unit === "count" ? number : number / PERCENT];
}

/** `10%`, `2pp`, `0`: a limit as the command line accepts it. */
export function formatLimit(value: number, unit: BoundResult["unit"]): string {
  const shown = unit === "count" ? value : value * PERCENT;
  return `${Number(shown.toPrecision(3))}${SUFFIXES[unit]}`;
}

/**
 * `pass` or `miss`. A miss says so if real runs differ from each other by more than the limit too.
 */
export function verdictOf({ isMet, noise, limit }: BoundResult): string {
  if (isMet) return "pass";
  return noise !== null && noise > limit ? "miss, and so do real runs" : "miss";
}

/** Compares the measurements with the bounds. */
export function checkBounds(
  bounds: readonly BoundSpec[],
  policies: readonly FidelityPolicy[],
  rankings: readonly RankingResult[],
): BoundResult[] {
  return bounds.map(({ measure, ...bound }) => {
    const { policy, value, noise } =
      measure === undefined ? worstRanking(rankings) : worstPolicy(policies, measure);
    return { ...bound, policy, value, noise, isMet: value === null || value <= bound.limit };
  });
}

type Worst = Pick<BoundResult, "policy" | "value" | "noise">;
const NOTHING: Worst = { policy: null, value: null, noise: null };

function worstPolicy(policies: readonly FidelityPolicy[], name: string): Worst {
  return policies.reduce<Worst>((worst, { label, measures }) => {
    const found = measures.find((measure) => measure.name === name);
    const value = found?.simAgainstReal?.mean ?? null;
    if (value === null || (worst.value !== null && value <= worst.value)) return worst;
    return { policy: label, value, noise: found?.realAgainstReal?.mean ?? null };
  }, NOTHING);
}

/**
 * The number of pairs of policies in the opposite order, for the metric with the most such pairs.
 */
function worstRanking(rankings: readonly RankingResult[]): Worst {
  if (rankings.length === 0) return NOTHING;
  return { ...NOTHING, value: Math.max(...rankings.map(({ reversedPairs }) => reversedPairs)) };
}

import type { BenchRatio, Measurement } from "./bench-result.js";
import { spreadOf } from "./spread.js";

/** One contender in one case, before its samples are taken. */
export interface Case {
  readonly contender: string;
  /** null, the default: socklab's own. */
  readonly version?: string | null;
  /** Exactly what one sample did. */
  readonly does: string;
  readonly metric: string;
  readonly unit: Measurement["unit"];
  /** What varies along the drawing's axis, and its value here. */
  readonly parameter?: readonly [name: string, at: number];
}

export function measured(of: Case, samples: readonly number[]): Measurement {
  return { ...headOf(of), status: "measured", reason: null, spread: spreadOf(samples) };
}

/**
 * A contender that is not on this machine (`skipped`), or that broke while it was measured
 * (`failed`). `reason` is one line.
 */
export function missed(of: Case, status: "skipped" | "failed", reason: string): Measurement {
  return { ...headOf(of), status, reason, spread: null };
}

function headOf({ contender, version = null, does, metric, unit, parameter }: Case) {
  const [name, at] = parameter ?? [null, null];
  return { contender, version, does, metric, unit, parameter: name, at };
}

/** A claim about two measurements. */
export interface Claim {
  readonly title: string;
  /** The SOCK paper's value, and below it the value that we want to reach. */
  readonly paper?: number;
  readonly aim?: number;
}

/**
 * How many times better ours is: the peer's median divided by ours, or ours divided by the peer's
 * if more is better (`1/s`). Its bounds use the worst and best ends of both intervals, so their
 * confidence is at least 90 %.
 */
export function ratioOf(claim: Claim, ours: Measurement, peer: Measurement): BenchRatio {
  const { title, paper = null, aim = null } = claim;
  const names = { title, ours: ours.contender, peer: peer.contender, paper, aim };
  if (ours.spread === null || peer.spread === null) {
    return { ...names, ratio: null, low: null, high: null };
  }
  const isMoreBetter = ours.unit === "1/s";
  const [over, under] = isMoreBetter ? [ours.spread, peer.spread] : [peer.spread, ours.spread];
  return {
    ...names,
    ratio: quotient(over.p50, under.p50),
    low: quotient(over.low, under.high),
    high: quotient(over.high, under.low),
  };
}

/** The quotient; null for a division by zero, which has no meaning here. */
function quotient(over: number, under: number): number | null {
  return under === 0 ? null : over / under;
}

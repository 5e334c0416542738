import type { Footprint } from "../../contract/policy.js";
import type { BenchName, BenchRatio, Measurement } from "../../results/bench-result.js";

/** What a bench is given. */
export interface BenchContext {
  /** Samples of each case; undefined: the bench's own default. */
  readonly samples: number | undefined;
  /** Contenders or parts to run, by name; empty: all. */
  readonly only: readonly string[];
  /** Python of the functions; undefined: the usual one. */
  readonly python: string | undefined;
  /** Where packages come from, as `--index` says it; undefined: as pip is configured. */
  readonly index: string | undefined;
  /** Memory of processes, as the cost file of the project has it. */
  readonly footprint: Footprint;
  /** A folder of its own, empty, that every user can enter; it is removed afterwards. */
  readonly folder: string;
  /** Aborted when the bench is to stop: it gives everything back and throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Tells how far it is, in a line. */
  say(text: string): void;
}

/** What a bench found. */
export interface BenchOutcome {
  readonly measurements: readonly Measurement[];
  readonly ratios: readonly BenchRatio[];
  /** What the reader of the figures should know, a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * One bench. It leaves nothing behind, however it ends. A contender's failure is a row of its outcome;
 * what it throws is its own. Errors: InputError for a name in `only` that it has not; MachineError.
 */
export interface Bench {
  readonly name: BenchName;
  /** What it measures, in a line. */
  readonly summary: string;
  run(context: BenchContext): Promise<BenchOutcome>;
}

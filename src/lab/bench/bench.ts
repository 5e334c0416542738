import type { Stage } from "../../basics/stage.js";
import type { Footprint } from "../../contract/footprint.js";
import type { BenchName, BenchRatio, Measurement } from "../../results/bench-result.js";

/** What a bench needs to run. */
export interface BenchContext {
  /** Samples of each case; undefined: the bench's own default. */
  readonly samples: number | undefined;
  /** Contenders or parts to run, by name; empty: all. */
  readonly only: readonly string[];
  /** Python of the functions; undefined: the usual one. */
  readonly python: string | undefined;
  /** Source of packages, in the form of `--index`; undefined: as pip is configured. */
  readonly index: string | undefined;
  /** Memory of processes, from the project's cost file. */
  readonly footprint: Footprint;
  /** An empty folder only for this bench, which every user can enter. It is removed afterwards. */
  readonly folder: string;
  /**
   * Aborted to stop the bench. The bench then releases everything and throws the signal's reason.
   */
  readonly signal: AbortSignal;
  /** Called when a stage of the bench begins. */
  onStage(stage: Stage): void;
}

/** What a bench found. */
export interface BenchOutcome {
  readonly measurements: readonly Measurement[];
  readonly ratios: readonly BenchRatio[];
  /** Remarks for the reader of the figures, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * One bench. It leaves nothing behind, no matter how it ends. A contender that fails becomes a row
 * of the outcome; only errors of the bench itself are thrown. Errors: InputError if `only` contains
 * an unknown name; MachineError.
 */
export interface Bench {
  readonly name: BenchName;
  /** What it measures, in one line. */
  readonly summary: string;
  run(context: BenchContext): Promise<BenchOutcome>;
}

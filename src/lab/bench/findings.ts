import type { BenchRatio, Measurement } from "../../results/bench-result.js";
import { type Case, type Claim, measured, missed, ratioOf } from "../../results/measurements.js";
import type { BenchOutcome } from "./bench.js";

/** Collects the results of a bench, in the order in which they are found. */
export class BenchFindings {
  readonly #measurements: Measurement[] = [];
  readonly #ratios: BenchRatio[] = [];

  add(of: Case, samples: readonly number[]): Measurement {
    const made = measured(of, samples);
    this.#measurements.push(made);
    return made;
  }

  miss(of: Case, status: "skipped" | "failed", reason: string): Measurement {
    const made = missed(of, status, reason);
    this.#measurements.push(made);
    return made;
  }

  compare(claim: Claim, ours: Measurement, peer: Measurement): void {
    this.#ratios.push(ratioOf(claim, ours, peer));
  }

  outcome(warnings: readonly string[]): BenchOutcome {
    return { measurements: this.#measurements, ratios: this.#ratios, warnings };
  }
}

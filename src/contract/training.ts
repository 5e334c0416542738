import type { PackageSet } from "./package-set.js";

/** What a function counts for in a fit: 1, its invocations, or the containers made for it. */
export const TRAINING_WEIGHTS = ["functions", "invocations", "creations"] as const;
export type TrainingWeight = (typeof TRAINING_WEIGHTS)[number];

/** The part of a workload to which a policy is fitted before the run begins. */
export interface Training {
  /** Minutes of the trace right before those of the run; 0: the run itself, which is its future. */
  readonly minutes: number;
  readonly weigh: TrainingWeight;
}

/** A function of that part. */
export interface TrainedFunction {
  readonly closure: PackageSet;
  readonly weight: number;
}

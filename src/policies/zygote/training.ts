import type { Parameters } from "../../contract/parameters.js";
import { TRAINING_WEIGHTS, type Training, type TrainingWeight } from "../../contract/training.js";
import { numberOf, textOf } from "../parameter-values.js";

/** The parameters of a policy with a fitted tree. */
export const TRAINING_PARAMETERS = {
  train: {
    kind: "number",
    default: 0,
    unit: "minutes of the trace right before the run",
    min: 0,
    max: 1_000_000,
    description:
      "to which the tree is fitted, so the run must begin later (--from); 0: to the run itself, whose future the policy then knows",
  },
  weigh: {
    kind: "choice",
    default: "invocations",
    choices: TRAINING_WEIGHTS,
    description:
      "what a function counts for in the fit: `functions` 1 each, `invocations` its invocations, `creations` the containers that 10 minutes of keep-alive without a memory limit would make for it",
  },
} as const;

export function trainingOf(parameters: Parameters): Training {
  return {
    minutes: Math.trunc(numberOf(parameters, "train")),
    weigh: textOf(parameters, "weigh") as TrainingWeight,
  };
}

/** What a policy knows of the future by its training; null: nothing. */
export function futureKnownBy({ minutes }: Training): string | null {
  return minutes === 0 ? "its Zygote tree is fitted to the run itself" : null;
}

import type { InferredOptionTypes, Options } from "yargs";
import { type RunSettings, USUAL_CREATIONS } from "../../lab/run/run-settings.js";
import { readLimit } from "./read-option.js";

const machine = { type: "string", requiresArg: true, group: "Machine:" } as const;

/** The options that bound creations, of `socklab run` and `socklab worker`. */
export const CREATION_OPTIONS = {
  "creations-per-core": {
    ...machine,
    default: String(USUAL_CREATIONS.creationsPerCore),
    describe: "Containers and Zygotes that are created at once, per core (count, or unlimited)",
  },
  "creations-per-function": {
    ...machine,
    default: String(USUAL_CREATIONS.creationsPerFunction),
    describe: "Starts of one function that are in progress at once (count, or unlimited)",
  },
} as const satisfies Record<string, Options>;

/** Errors: InputError naming the option. */
export function readCreations(
  args: InferredOptionTypes<typeof CREATION_OPTIONS>,
): Pick<RunSettings, "creationsPerCore" | "creationsPerFunction"> {
  const perCore = args["creations-per-core"];
  const perFunction = args["creations-per-function"];
  return {
    creationsPerCore: readLimit(perCore, "--creations-per-core", { min: 0.01 }),
    creationsPerFunction: readLimit(perFunction, "--creations-per-function", { min: 1 }),
  };
}

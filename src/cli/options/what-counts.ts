import { CONTAINER_OPTIONS } from "./container-options.js";

/** Options of `run` that change no result, each with the reason. */
export const IDLE_OPTIONS: Readonly<Record<string, string>> = {
  state: "the folder of a real run's files does not change its result",
  journal: "it only records the run",
  invocations: "it only records the run",
  out: "it only names the file of the result",
  json: "it only says how the result is printed",
};

/**
 * Options of `run` that change no simulated result: they say how real containers use this machine.
 */
export const REAL_OPTIONS: readonly string[] = [
  "python",
  "base",
  ...Object.keys(CONTAINER_OPTIONS),
];

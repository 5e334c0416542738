import { CONTAINER_OPTIONS } from "./container-options.js";

/** Options of `run` on which no result depends, and why. */
export const IDLE_OPTIONS: Readonly<Record<string, string>> = {
  state: "where a real run keeps its files changes nothing of it",
  journal: "it copies what happens",
  out: "it is where the result goes",
  json: "it is how the result is printed",
};

/** Options of `run` on which no simulated result depends: they say how containers use this machine. */
export const REAL_OPTIONS: readonly string[] = [
  "python",
  "base",
  ...Object.keys(CONTAINER_OPTIONS),
];

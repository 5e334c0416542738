import { parseArgs } from "node:util";
import { InputError } from "../../src/basics/errors.js";

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  /** Names of the faults, in the order in which they run. */
  readonly faults: readonly string[];
}

export const USAGE = "usage: npm run chaos -- --minutes N [--seed N] [--only FAULT,...]";

/** Errors: InputError naming the option. */
export function readOptions(args: readonly string[], known: readonly string[]): ChaosOptions {
  const text = { type: "string" } as const;
  let given: { minutes?: string; seed?: string; only?: string };
  try {
    const options = { minutes: text, seed: text, only: text };
    given = parseArgs({ args: [...args], options, strict: true }).values;
  } catch (error) {
    throw new InputError(`${(error as Error).message.split(/[.\n] ?/)[0]}; ${USAGE}`);
  }
  const { minutes = "10", seed = "1", only } = given;
  const faults = only === undefined ? known : only.split(",");
  const unknown = faults.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InputError(
      `--only: "${unknown}" is not a fault, expected some of ${known.join(", ")}`,
    );
  }
  if (!(Number(minutes) > 0 && Number.isFinite(Number(minutes)))) {
    throw new InputError(`--minutes: "${minutes}" is not a number above 0`);
  }
  if (!/^\d+$/.test(seed)) throw new InputError(`--seed: "${seed}" is not a whole number`);
  return { minutes: Number(minutes), seed: Number(seed), faults };
}

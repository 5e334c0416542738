import { InputError, MachineError } from "../../basics/errors.js";
import { NOTICES } from "../../contract/policy-methods.js";
import type { CodePlaces } from "../../policies/own-spec.js";

const CALL = new RegExp(`^\\s*at (?:async )?(?:[^\\s(]+\\.)?(${NOTICES.join("|")}) \\(`, "m");

/** More than the policy files of one run. */
const MOST_KNOWN = 32;
/** The places of the policy files that this thread loaded last. */
const known: CodePlaces[] = [];

export function remember(places: CodePlaces): void {
  known.push(places);
  if (known.length > MOST_KNOWN) known.shift();
}

/** Where in the code of a policy file an error was made; undefined if elsewhere. */
export function placeInPolicy(error: unknown): string | undefined {
  for (const places of known) {
    const place = places.ofError(error);
    if (place !== undefined) return place;
  }
  return undefined;
}

/**
 * An error that the code of a policy file threw as one line for its author, with the notice and the
 * place; any other error unchanged. The guard has already put errors of questions into this form.
 */
export function blamePolicy(error: unknown): unknown {
  if (error instanceof InputError || error instanceof MachineError) return error;
  if (!(error instanceof Error)) return error;
  const place = placeInPolicy(error);
  if (place === undefined) return error;
  const notice = CALL.exec(error.stack ?? "")?.[1] ?? "a method";
  return new InputError(
    `the policy: ${notice} threw: ${error.name}: ${error.message}, at ${place}`,
  );
}

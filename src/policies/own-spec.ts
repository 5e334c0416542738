import type { PolicySpec } from "../contract/policy.js";

/** Finds places in the code of policies, as `file:line`; undefined if a place is not known. */
export interface CodePlaces {
  ofError(error: unknown): string | undefined;
  ofMethod(method: unknown): string | undefined;
}

/** Method of a policy that holds something of the machine: called when its run has ended. */
export const CLOSE = Symbol("close");

/** The policy of a user in one family. */
export interface OwnSpec extends PolicySpec {
  /** What the author wrote. A policy that serves several families has the same origin in each. */
  readonly origin: object;
  readonly places: CodePlaces;
}

/** A policy that is given to a program without a file, and whose code is not looked up. */
export const NO_PLACES: CodePlaces = { ofError: () => undefined, ofMethod: () => undefined };

/** What the author wrote: the specification itself, if it was not loaded from a file. */
export function originOf(spec: PolicySpec): object {
  return "origin" in spec ? (spec as OwnSpec).origin : spec;
}

export function placesOf(spec: PolicySpec): CodePlaces {
  return "places" in spec ? (spec as OwnSpec).places : NO_PLACES;
}

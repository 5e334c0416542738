import type { Parameters, ParameterValue } from "../contract/parameters.js";
import type { Family } from "../contract/policy.js";

/** A policy with all its parameters, which have been checked. */
export interface PolicyChoice {
  readonly family: Family;
  readonly name: string;
  readonly parameters: Parameters;
}

export type PolicyChoices = Readonly<Record<Family, PolicyChoice>>;

/** A choice as JSON can represent it: null means unlimited. */
export interface ChoiceData {
  readonly name: string;
  readonly parameters: Readonly<Record<string, ParameterValue | null>>;
}

import type { Parameters, ParameterValue } from "../contract/parameters.js";
import type { Family } from "../contract/policy.js";

/** A policy and every parameter of it, checked. */
export interface PolicyChoice {
  readonly family: Family;
  readonly name: string;
  readonly parameters: Parameters;
}

export type PolicyChoices = Readonly<Record<Family, PolicyChoice>>;

/** A choice as JSON can hold it: null is unlimited. */
export interface ChoiceData {
  readonly name: string;
  readonly parameters: Readonly<Record<string, ParameterValue | null>>;
}

import type { Parameters } from "./parameters.js";
import type { Family, PolicyFamilies, PolicySpec } from "./policy.js";
import type { PolicyContext } from "./policy-context.js";

/** An object that has the methods of all the families. */
type AllOf<F extends Family> = (
  F extends unknown
    ? (policy: PolicyFamilies[F]) => void
    : never
) extends (policy: infer All) => void
  ? All
  : never;

/**
 * A policy that serves several families with state that they share: `create` is called once per
 * run. It returns one object with the methods of all families, or one object per family if two
 * families have a method of one name, as `evict` and `install` have `victim`.
 */
export interface SharedPolicySpec<F extends Family = Family>
  extends Omit<PolicySpec<F>, "family" | "create"> {
  readonly family: readonly F[];
  create(
    parameters: Parameters,
    context: PolicyContext,
  ): AllOf<F> | { readonly [G in F]: PolicyFamilies[G] };
}

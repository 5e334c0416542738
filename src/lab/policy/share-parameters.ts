import { isDeepStrictEqual } from "node:util";
import { InputError } from "../../basics/errors.js";
import { FAMILIES, type Family, type PolicySpec } from "../../contract/policy.js";
import type { PolicyChoice, PolicyChoices } from "../../policies/choice.js";
import { originOf } from "../../policies/own-spec.js";
import { findSpec } from "../../policies/registry.js";

/**
 * A policy that serves several families is one object with one set of parameters: a change of one
 * family is a change of the others for which it is chosen. Errors: InputError if the changes of two
 * of its families differ.
 */
export function shareParameters(
  choices: PolicyChoices,
  changes: ReadonlyMap<Family, PolicyChoice>,
  specs: readonly PolicySpec[],
  where: string,
): PolicyChoices {
  const originIn = (family: Family) =>
    originOf(findSpec(family, choices[family].name, specs, where));
  const shared = FAMILIES.map((family): PolicyChoice => {
    const origin = originIn(family);
    const sharing = FAMILIES.filter((other) => originIn(other) === origin);
    const changed = sharing.filter((other) => changes.has(other));
    const deciding = choices[changed.includes(family) ? family : (changed[0] ?? sharing[0])];
    const other = changed.find(
      (each) => !isDeepStrictEqual(choices[each].parameters, deciding.parameters),
    );
    if (other !== undefined)
      throw new InputError(
        `${where}: the policy ${deciding.name} has other parameters for ${deciding.family} than for ${other}, but it is one policy: set both alike`,
      );
    return { ...choices[family], parameters: deciding.parameters };
  });
  return Object.fromEntries(shared.map((choice) => [choice.family, choice])) as typeof choices;
}

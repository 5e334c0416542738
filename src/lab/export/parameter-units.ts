import { BUILT_IN_POLICIES } from "../../policies/registry.js";

/** Families whose names in a result differ from those on the command line. */
const FAMILY_NAMES: Readonly<Record<string, string>> = { keepAlive: "keep-alive" };
const UNITS: Readonly<Record<string, string>> = { duration: "microseconds", bytes: "bytes" };

/**
 * Unit of a parameter of a policy that ships with socklab, if it has one; empty for a number
 * without a unit, and for a policy of the user, whose module is not loaded for this.
 */
export function unitOfParameter(family: string, policy: string, parameter: string): string {
  const spec = BUILT_IN_POLICIES.find(
    (each) => each.family === (FAMILY_NAMES[family] ?? family) && each.name === policy,
  );
  return UNITS[spec?.parameters[parameter]?.kind ?? ""] ?? "";
}

import { FAMILIES, type Family, type Policies } from "../../contract/policy.js";
import type { Guarded } from "../../policies/guard.js";

/** A warning of a result. */
interface Warning {
  readonly text: string;
}

const CULPRIT = new RegExp(`\\bthe (${FAMILIES.join("|")}) policy\\b`);
/** The question whose answers the engine refuses. */
const ASKED: Readonly<Partial<Record<Family, string>>> = {
  zygote: "choose",
  evict: "victim",
  install: "victim",
};

/** Adds the name of a user's policy, and the place in its code, to warnings about its answers. */
export function blame<W extends Warning>(warnings: readonly W[], policies: Policies): readonly W[] {
  return warnings.map((warning) => {
    const family = CULPRIT.exec(warning.text)?.[1] as Family | undefined;
    if (family === undefined || !("whereIs" in policies[family])) return warning;
    const where = (policies[family] as unknown as Guarded).whereIs(ASKED[family] ?? "");
    return { ...warning, text: `${warning.text} (${where})` };
  });
}

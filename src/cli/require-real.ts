import { MachineError } from "../engine/errors.js";
import { examineMachine, type Finding } from "../real/doctor.js";
import { gatherFacts } from "../real/machine-facts.js";

/** Errors: MachineError where the real backend cannot run on this machine, with all that is missing. */
export async function requireReal(python: string | undefined): Promise<void> {
  refuseWithout(examineMachine(await gatherFacts(python)));
}

/** Errors: MachineError where something required is missing. */
export function refuseWithout(findings: readonly Finding[]): void {
  const missing = findings.filter(({ state }) => state === "required");
  if (missing.length === 0) return;
  const how = missing.map(({ part, remedy }) => `${part}: ${remedy}`).join("; ");
  throw new MachineError(`the real backend cannot run here: ${how}`);
}

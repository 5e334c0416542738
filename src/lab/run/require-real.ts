import { MachineError } from "../../basics/errors.js";
import { canRunReal, examineMachine, type Finding } from "../../real/doctor/doctor.js";
import { gatherFacts } from "../../real/doctor/machine-facts.js";

/**
 * What this machine has for the real backend. If `python` is undefined, the usual Python is
 * examined.
 */
export async function findFindings(python: string | undefined): Promise<readonly Finding[]> {
  return examineMachine(await gatherFacts(python));
}

/** Errors: MachineError with every remedy if the real backend cannot run. */
export function refuseMissing(findings: readonly Finding[]): void {
  if (canRunReal(findings)) return;
  const missing = findings.filter(({ state }) => state === "required");
  const how = missing.map(({ part, remedy }) => `${part}: ${remedy}`).join("; ");
  throw new MachineError(`the real backend cannot run here: ${how}`);
}

/** What this machine has. Errors: those of `refuseMissing`. */
export async function requireReal(python: string | undefined): Promise<readonly Finding[]> {
  const findings = await findFindings(python);
  refuseMissing(findings);
  return findings;
}

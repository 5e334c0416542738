import { test } from "vitest";
import { examineMachine, type Finding } from "../../src/real/doctor.js";
import { gatherFacts } from "../../src/real/machine-facts.js";

const FINDINGS: readonly Finding[] = examineMachine(await gatherFacts(undefined));

/** A test of what a part of the machine does that the real backend can go without; it says so there. */
export function testWithPart(part: string, name: string, body: () => Promise<void>): void {
  const { state, found } = FINDINGS.find((each) => each.part === part)!;
  if (state === "ok") test(name, body);
  else test.skip(`${name} [skipped: ${part}: ${found}]`, () => {});
}

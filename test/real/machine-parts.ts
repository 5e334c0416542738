import { test } from "vitest";
import { examineMachine, type Finding } from "../../src/real/doctor.js";
import { gatherFacts } from "../../src/real/machine-facts.js";

const FINDINGS: readonly Finding[] = examineMachine(await gatherFacts(undefined));

/** Whether the machine has a part that the real backend can go without. */
export function hasPart(part: string): boolean {
  return FINDINGS.find((each) => each.part === part)!.state === "ok";
}

/** A test of what such a part does; it says so where the machine lacks it. */
export function testWithPart(part: string, name: string, body: () => Promise<void>): void {
  if (hasPart(part)) test(name, body);
  else test.skip(`${name} [skipped: this machine lacks ${part}]`, () => {});
}

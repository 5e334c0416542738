import { test } from "vitest";
import { examineMachine, type Finding } from "../../src/real/doctor/doctor.js";
import { gatherFacts } from "../../src/real/doctor/machine-facts.js";

const FINDINGS: readonly Finding[] = examineMachine(await gatherFacts(undefined));

/** Whether the machine has a part that the real backend can go without. */
export function hasPart(part: string): boolean {
  return FINDINGS.find((each) => each.part === part)!.state === "ok";
}

/** A test of what such parts do; it says so where the machine lacks one. */
export function testWithParts(
  parts: readonly string[],
  name: string,
  body: () => Promise<void>,
): void {
  const lacking = parts.filter((each) => !hasPart(each));
  if (lacking.length === 0) test(name, body);
  else test.skip(`${name} [skipped: this machine lacks ${lacking.join(", ")}]`, () => {});
}

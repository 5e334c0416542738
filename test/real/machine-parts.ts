import { test } from "vitest";
import { examineMachine, type Finding } from "../../src/real/doctor/doctor.js";
import { gatherFacts } from "../../src/real/doctor/machine-facts.js";

const FINDINGS: readonly Finding[] = examineMachine(await gatherFacts(undefined));

/** Whether the machine has an optional part. */
export function hasPart(part: string): boolean {
  return FINDINGS.find((each) => each.part === part)!.state === "ok";
}

/** A test that needs optional parts. If the machine lacks one, the test is skipped and says so. */
export function testWithParts(
  parts: readonly string[],
  name: string,
  body: () => Promise<void>,
): void {
  const lacking = parts.filter((each) => !hasPart(each));
  if (lacking.length === 0) test(name, body);
  else test.skip(`${name} [skipped: this machine lacks ${lacking.join(", ")}]`, () => {});
}

import { z } from "zod";
import type { RunProgram } from "./child.js";

const TIMEOUT_US = 20_000_000;

/** Reads a JSON list of requirements and prints those that hold here, without their markers. */
const PROGRAM = `
import json, sys
try:
    from pip._vendor.packaging.requirements import Requirement
except ImportError:
    from packaging.requirements import Requirement
kept = []
for text in json.load(sys.stdin):
    requirement = Requirement(text)
    if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
        requirement.marker = None
        kept.append(str(requirement))
json.dump(kept, sys.stdout)
`;

/**
 * The requirements that hold on this Python when no extra is asked for, without their markers
 * (PEP 508). Python is asked only where there is a marker. Errors: a plain Error with one line.
 */
export async function evaluateMarkers(
  requirements: readonly string[],
  python: string,
  uid: number | undefined,
  run: RunProgram,
): Promise<readonly string[]> {
  if (requirements.every((each) => !each.includes(";"))) return requirements;
  const { exitCode, out } = await run(python, ["-I", "-c", PROGRAM], {
    cwd: "/",
    env: {},
    uid,
    timeoutUs: TIMEOUT_US,
    input: JSON.stringify(requirements),
  });
  if (exitCode !== 0) throw new Error("its requirements' markers cannot be evaluated");
  return z.array(z.string()).parse(JSON.parse(out));
}

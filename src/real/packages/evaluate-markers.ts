import { z } from "zod";
import type { RunProgram } from "../host/run-program.js";
import { faultOf } from "./install-fault.js";

const TIMEOUT_US = 20_000_000;
const UNDONE = "its requirements' markers are not evaluated";

/** Reads a JSON list of requirements and prints those that apply here, without their markers. */
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
 * Returns the requirements that apply on this Python if no extra is asked for, without their
 * markers (PEP 508). It starts Python only if there is a marker. Errors: InstallError, whose
 * message does not name the package; the caller adds the name.
 */
export async function evaluateMarkers(
  requirements: readonly string[],
  python: string,
  uid: number | undefined,
  run: RunProgram,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (requirements.every((each) => !each.includes(";"))) return requirements;
  const end = await run(python, ["-I", "-c", PROGRAM], {
    cwd: "/",
    env: {},
    uid,
    timeoutUs: TIMEOUT_US,
    signal,
    input: JSON.stringify(requirements),
  });
  const fault = faultOf({ name: "python", undone: UNDONE, timeoutUs: TIMEOUT_US }, end);
  if (fault !== undefined) throw fault;
  return z.array(z.string()).parse(JSON.parse(end.out));
}

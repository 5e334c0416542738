import { z } from "zod";
import type { RunProgram } from "../host/run-program.js";
import { faultOf } from "./install-fault.js";
import { evaluateMarker, type MarkerEnvironment } from "./markers.js";

const TIMEOUT_US = 20_000_000;
const UNDONE = "its requirements' markers are not evaluated";

/** Prints the environment that PEP 508 defines. It needs neither pip nor packaging. */
const PROGRAM = `
import json, os, platform, sys
info = sys.implementation.version
kind = info.releaselevel
implementation = f"{info.major}.{info.minor}.{info.micro}"
if kind != "final":
    implementation += kind[0] + str(info.serial)
json.dump({
    "implementation_name": sys.implementation.name,
    "implementation_version": implementation,
    "os_name": os.name,
    "platform_machine": platform.machine(),
    "platform_release": platform.release(),
    "platform_system": platform.system(),
    "platform_version": platform.version(),
    "python_full_version": platform.python_version(),
    "platform_python_implementation": platform.python_implementation(),
    "python_version": ".".join(platform.python_version_tuple()[:2]),
    "sys_platform": sys.platform,
    "extra": "",
}, sys.stdout)
`;

/** Environment in which a Python's requirements apply, if no extra is asked for. Errors: InstallError. */
export async function markerEnvironment(
  python: string,
  uid: number | undefined,
  run: RunProgram,
  signal?: AbortSignal,
): Promise<MarkerEnvironment> {
  const end = await run(python, ["-I", "-c", PROGRAM], {
    ...{ cwd: "/", env: {}, uid, timeoutUs: TIMEOUT_US, signal },
  });
  const fault = faultOf({ name: "python", undone: UNDONE, timeoutUs: TIMEOUT_US }, end);
  if (fault !== undefined) throw fault;
  return z.record(z.string(), z.string()).parse(JSON.parse(end.out));
}

/**
 * The requirements that apply in an environment, without their markers (PEP 508). The environment
 * is asked for only if there is a marker. Errors: those of `environmentOf`, and InputError
 * for a text that is not a marker.
 */
export async function evaluateMarkers(
  requirements: readonly string[],
  environmentOf: () => Promise<MarkerEnvironment>,
): Promise<readonly string[]> {
  if (requirements.every((each) => !each.includes(";"))) return requirements;
  const environment = await environmentOf();
  return requirements.flatMap((text) => {
    // a semicolon within a URL has no space before it
    const at = text.includes("@") ? text.indexOf(" ;") : text.indexOf(";");
    if (at < 0) return [text];
    const marker = text.slice(text.indexOf(";", at) + 1);
    return evaluateMarker(marker, environment) ? [text.slice(0, at).trim()] : [];
  });
}

import { constants, existsSync, readFileSync } from "node:fs";
import { access } from "node:fs/promises";
import { release, type } from "node:os";
import { z } from "zod";
import { isAddonBuilt } from "../host/native.js";
import { runProgram } from "../host/run-program.js";
import { findOnPath } from "../packages/find-python.js";
import { canHandDown } from "../sandboxes/cgroups/delegation.js";
import { type CgroupLayout, detectCgroups } from "../sandboxes/cgroups/layout.js";

/** What the real backend wants to know about a machine. */
export interface MachineFacts {
  /** System and release, such as `Linux 6.1.0`. */
  readonly kernel: string;
  readonly isRoot: boolean;
  /**
   * `present`, or the errno with which the kernel or a filter refuses the call; `unknown` without
   * Python.
   */
  readonly systemCalls: Readonly<Record<SystemCall, string>>;
  readonly cgroups: CgroupLayout;
  /** Mount points of cgroup hierarchies that cannot be written. */
  readonly readOnlyCgroups: readonly string[];
  /** Mount point of cgroup v2 if it cannot hand down controllers because processes are in it. */
  readonly occupiedCgroup: string | undefined;
  readonly hasSeccompFilters: boolean;
  /** Version of Landlock's interface; 0: the kernel has none. */
  readonly landlockVersion: number;
  readonly hasHugePages: boolean;
  /**
   * Whether a thread's CPU time is counted in steps of less than a millisecond; true if this is
   * unknown.
   */
  readonly hasFineCpuClock: boolean;
  readonly hasOverlay: boolean;
  readonly hasUserNamespaces: boolean;
  /** undefined: none was found. */
  readonly python: { readonly path: string; readonly version: string } | undefined;
  readonly hasPip: boolean;
  readonly uv: string | undefined;
  readonly compiler: string | undefined;
  readonly make: string | undefined;
  readonly isAddonBuilt: boolean;
}

const SYSTEM_CALLS = ["clone3", "pidfd_open", "open_tree", "mount_setattr"] as const;
export type SystemCall = (typeof SYSTEM_CALLS)[number];

/**
 * Calls each system call with arguments that no kernel accepts. A call that exists answers with its
 * own errno.
 */
const PROBE = `
import ctypes, errno, json, sys, time
libc = ctypes.CDLL(None, use_errno=True)
numbers = {"clone3": 435, "pidfd_open": 434, "open_tree": 428, "mount_setattr": 442}
calls = {}
for name, number in numbers.items():
    ctypes.set_errno(0)
    if sys.platform == "linux":
        libc.syscall(number, -1, 0, 0, 0, 0)
    else:
        ctypes.set_errno(errno.ENOSYS)
    code = errno.errorcode.get(ctypes.get_errno(), "0")
    calls[name] = code if code in ("ENOSYS", "EPERM", "EACCES") else "present"
landlock = libc.syscall(444, None, 0, 1) if sys.platform == "linux" else 0
try:
    import pip
    has_pip = True
except ImportError:
    has_pip = False
cpu_steps_ns = []
for _ in range(3):
    began_ns = now_ns = time.thread_time_ns()
    while now_ns == began_ns:
        now_ns = time.thread_time_ns()
    cpu_steps_ns.append(now_ns - began_ns)
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "calls": calls, "pip": has_pip,
    "landlock": max(0, landlock), "cpuStepNs": min(cpu_steps_ns)}))
`;
const probeShape = z.object({
  version: z.string(),
  calls: z.object({
    clone3: z.string(),
    pidfd_open: z.string(),
    open_tree: z.string(),
    mount_setattr: z.string(),
  }),
  pip: z.boolean(),
  landlock: z.int().nonnegative(),
  cpuStepNs: z.int().positive(),
});
const FINE_CPU_STEP_NS = 1_000_000;
const PROBE_TIMEOUT_US = 20_000_000;

/**
 * Examines this machine and changes nothing. `python` names an interpreter; undefined: the usual
 * ones are tried.
 */
export async function gatherFacts(python: string | undefined): Promise<MachineFacts> {
  const probe = await probePython(
    python === undefined ? ["/usr/bin/python3", "python3"] : [python],
  );
  const mountInfo = readIfThere("/proc/self/mountinfo");
  const cgroups = detectCgroups(mountInfo);
  return {
    kernel: `${type()} ${release()}`,
    isRoot: process.getuid?.() === 0,
    systemCalls: probe?.calls ?? {
      clone3: "unknown",
      pidfd_open: "unknown",
      open_tree: "unknown",
      mount_setattr: "unknown",
    },
    cgroups,
    readOnlyCgroups: await readOnlyCgroups(mountInfo),
    occupiedCgroup: occupiedCgroup(cgroups),
    hasSeccompFilters: existsSync("/proc/sys/kernel/seccomp/actions_avail"),
    landlockVersion: probe?.landlock ?? 0,
    hasHugePages: existsSync("/sys/kernel/mm/transparent_hugepage"),
    hasFineCpuClock: (probe?.cpuStepNs ?? 0) < FINE_CPU_STEP_NS,
    hasOverlay: readIfThere("/proc/filesystems").includes("\toverlay\n"),
    hasUserNamespaces: Number(readIfThere("/proc/sys/user/max_user_namespaces")) > 0,
    python: probe && { path: probe.path, version: probe.version },
    hasPip: probe?.pip ?? false,
    uv: await findOnPath("uv"),
    compiler: (await findOnPath("g++")) ?? (await findOnPath("c++")),
    make: await findOnPath("make"),
    isAddonBuilt: isAddonBuilt(),
  };
}

async function probePython(candidates: readonly string[]) {
  for (const name of candidates) {
    const path = await findOnPath(name);
    if (path === undefined) continue;
    const options = { cwd: "/", env: {}, timeoutUs: PROBE_TIMEOUT_US };
    const { exitCode, out } = await runProgram(path, ["-I", "-c", PROBE], options);
    if (exitCode === 0) return { path, ...probeShape.parse(JSON.parse(out)) };
  }
  return undefined;
}

async function readOnlyCgroups(mountInfo: string): Promise<string[]> {
  const mountPoints = [...mountInfo.matchAll(/^\S+ \S+ \S+ \S+ (\S+) .* - cgroup2? /gm)];
  const checked = await Promise.all(
    mountPoints.map(([, path]) =>
      access(path, constants.W_OK).then(
        () => undefined,
        () => path,
      ),
    ),
  );
  return checked.filter((path) => path !== undefined);
}

function occupiedCgroup({ v2, inV2 }: CgroupLayout): string | undefined {
  const controllers = inV2.filter((each) => each !== "freezer");
  return v2 === undefined || canHandDown(v2, controllers) ? undefined : v2;
}

/** A machine of another kind lacks this file, and with it what the file would show. */
function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

import { BUILD_COMMAND } from "../host/native.js";
import { emptyingCommand } from "../sandboxes/cgroups/delegation.js";
import type { MachineFacts, SystemCall } from "./machine-facts.js";

/** One thing that the real backend uses. */
export interface Finding {
  readonly part: string;
  /** What this machine has. */
  readonly found: string;
  /**
   * `required`: the real backend does not run without it; `lacking`: it runs, at the price that
   * `cost` names.
   */
  readonly state: "ok" | "lacking" | "required";
  /** What the machine cannot do without the part; empty if it has the part. */
  readonly cost: string;
  /** How to get the part; empty if the machine has it. */
  readonly remedy: string;
}

const NOT_RUN = "nothing real can run: no run --backend real, no worker";
/** The first version of Landlock's interface that can hide abstract sockets (Linux 6.12). */
const SCOPED_SOCKETS = 6;
/** The part that counts the CPU time of a thread. */
export const CPU_CLOCK = "CPU clock";
const NEWER_KERNEL = "a newer kernel: apt-get install linux-image-amd64, then restart";

/** What a machine has and lacks, and what each lack costs, the most important part first. */
export function examineMachine(facts: MachineFacts): readonly Finding[] {
  return [
    operatingSystem(facts),
    part("root", facts.isRoot, "yes", "no", "required", {
      cost: NOT_RUN,
      remedy: "run it as root: sudo npx socklab ...",
    }),
    python(facts),
    part("native addon", facts.isAddonBuilt, "built", "not built", "required", {
      cost: NOT_RUN,
      remedy: BUILD_COMMAND,
    }),
    compiler(facts),
    installer(facts),
    ...cgroups(facts),
    ...systemCalls(facts),
    part("seccomp filters", facts.hasSeccompFilters, "yes", "no", "lacking", {
      cost: "handlers may make any system call their user may: less of the kernel is hidden from them",
      remedy: NEWER_KERNEL,
    }),
    part(
      "Landlock",
      facts.landlockVersion >= SCOPED_SOCKETS,
      `version ${facts.landlockVersion}`,
      facts.landlockVersion === 0 ? "no" : `version ${facts.landlockVersion}`,
      "lacking",
      {
        cost: "installs, and handlers with the host's network, reach abstract Unix sockets of the machine and of each other",
        remedy: `for handlers --network private; or Linux 6.12 with CONFIG_SECURITY_LANDLOCK: ${NEWER_KERNEL}`,
      },
    ),
    hugePages(facts),
    part(CPU_CLOCK, facts.hasFineCpuClock, "fine", "in steps of a tick", "lacking", {
      cost: "packages and handlers of made-up traces compute up to a tick (1 to 10 ms) too long, and calibrate refuses",
      remedy: "a machine with its own kernel: user-mode Linux has no finer clock",
    }),
    present("overlayfs", facts.hasOverlay ? "yes, not used" : "no, not used"),
    present("user namespaces", facts.hasUserNamespaces ? "yes, not used" : "no, not used"),
  ];
}

/** Whether the real backend can run on this machine. */
export function canRunReal(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== "required");
}

interface Lack {
  readonly cost: string;
  readonly remedy: string;
}

function part(
  name: string,
  isThere: boolean,
  there: string,
  absent: string,
  state: "lacking" | "required",
  lack: Lack,
): Finding {
  if (isThere) return present(name, there);
  return { part: name, found: absent, state, ...lack };
}

function present(name: string, found: string): Finding {
  return { part: name, found, state: "ok", cost: "", remedy: "" };
}

function operatingSystem({ kernel }: MachineFacts): Finding {
  return part("kernel", kernel.startsWith("Linux "), kernel, kernel, "required", {
    cost: NOT_RUN,
    remedy: "a machine with Linux 5.12 or newer",
  });
}

const OLDEST_PYTHON = [3, 9] as const;

function python({ python: found }: MachineFacts): Finding {
  const [major, minor] = (found?.version ?? "0.0").split(".").map(Number) as [number, number];
  const isFit =
    major > OLDEST_PYTHON[0] || (major === OLDEST_PYTHON[0] && minor >= OLDEST_PYTHON[1]);
  const described = found === undefined ? "none" : `${found.version} (${found.path})`;
  return part("Python", isFit, described, described, "required", {
    cost: NOT_RUN,
    remedy: `apt-get install python3 (${OLDEST_PYTHON.join(".")} or newer)`,
  });
}

function compiler({ compiler: path, make, isAddonBuilt }: MachineFacts): Finding {
  const isThere = path !== undefined && make !== undefined;
  const absent = path === undefined ? "no C++ compiler" : "no make";
  return part("compiler", isThere, path ?? "", absent, isAddonBuilt ? "lacking" : "required", {
    cost: isAddonBuilt ? "the addon cannot be built again" : "the native addon cannot be built",
    remedy: "apt-get install g++ make python3",
  });
}

function installer({ uv, hasPip }: MachineFacts): Finding {
  return part(
    "installer",
    uv !== undefined || hasPip,
    uv ?? "pip",
    "neither pip nor uv",
    "lacking",
    {
      cost: "no package can be installed: only functions without packages run",
      remedy: "apt-get install python3-pip",
    },
  );
}

/** What containers lack if a controller is missing. */
const CONTROLLER_COSTS: Readonly<Record<string, string>> = {
  cpu: "CPU shares are not kept: one container may slow down all others",
  memory:
    "memory is neither limited nor measured for each container, and a kill for lack of memory is not seen",
  pids: "a container may begin processes until the machine is full",
  freezer: "idle containers are not paused: they keep running in the background",
};

function cgroups({
  cgroups: layout,
  readOnlyCgroups,
  occupiedCgroup,
}: MachineFacts): readonly Finding[] {
  const kind = layout.v1.size === 0 ? "v2" : layout.inV2.length === 0 ? "v1" : "v1 and v2";
  const missing: readonly string[] = layout.missing;
  const held = Object.keys(CONTROLLER_COSTS).filter((name) => !missing.includes(name));
  const isWritable = readOnlyCgroups.length === 0;
  const findings = [
    part("cgroups", held.length > 0, `${kind}: ${held.join(", ")}`, "none", "lacking", {
      cost: "nothing a container uses is limited, measured or paused",
      remedy: "mount -t cgroup2 none /sys/fs/cgroup",
    }),
  ];
  if (!isWritable) {
    findings.push({
      part: "cgroups writable",
      found: `read-only: ${readOnlyCgroups.join(", ")}`,
      state: "required",
      cost: NOT_RUN,
      remedy: "mount -o remount,rw PATH; in a Docker container: docker run --privileged",
    });
  }
  if (isWritable && occupiedCgroup !== undefined) {
    findings.push({
      part: "cgroup delegation",
      found: `${occupiedCgroup} contains processes`,
      state: "required",
      cost: NOT_RUN,
      remedy: emptyingCommand(occupiedCgroup),
    });
  }
  for (const name of held.length === 0 ? [] : missing) {
    findings.push({
      part: `cgroup ${name}`,
      found: "missing",
      state: "lacking",
      cost: CONTROLLER_COSTS[name],
      remedy: `start the kernel with cgroup_enable=${name}`,
    });
  }
  return findings;
}

function systemCalls(facts: MachineFacts): readonly Finding[] {
  return [
    systemCall(facts, "clone3", "5.3"),
    systemCall(facts, "pidfd_open", "5.3"),
    intoCgroup(facts),
    detachedMounts(facts),
    ownProcesses(facts),
  ];
}

function systemCall(
  { systemCalls: found }: MachineFacts,
  call: SystemCall,
  since: string,
): Finding {
  const answer = found[call];
  const isFiltered = answer === "EPERM" || answer === "EACCES";
  return part(call, answer === "present" || answer === "unknown", answer, answer, "required", {
    cost: NOT_RUN,
    remedy: isFiltered
      ? "a filter forbids it: in a Docker container, docker run --privileged"
      : `Linux ${since}; ${NEWER_KERNEL}`,
  });
}

/**
 * Only a machine whose controllers are in v2 needs this: in v1 a process joins a cgroup itself,
 * without a wait.
 */
function intoCgroup({ kernel, cgroups: layout }: MachineFacts): Finding {
  const isFit = layout.inV2.length === 0 || isAtLeast(kernel, 5, 7);
  const found = layout.inV2.length === 0 ? "not needed" : "yes";
  return part("birth into a cgroup", isFit, found, "no", "lacking", {
    cost: "each start writes cgroup.procs and waits for the kernel, which takes milliseconds",
    remedy: `Linux 5.7; ${NEWER_KERNEL}`,
  });
}

/**
 * Roots as trees of mounts that are in no namespace. A mount can be added to such a tree since
 * Linux 6.15.
 */
function detachedMounts({
  kernel,
  systemCalls: { open_tree, mount_setattr },
}: MachineFacts): Finding {
  const isThere =
    open_tree === "present" && mount_setattr === "present" && isAtLeast(kernel, 6, 15);
  return part("detached mounts", isThere, "yes", "no", "lacking", {
    cost: "roots are classic bind mounts: slower to make, the more so the more containers there are, and left behind by a crash until the next start",
    remedy: `Linux 6.15; ${NEWER_KERNEL}`,
  });
}

/** A container's /proc is mounted with the option `pidns`, which names its PID namespace. */
function ownProcesses({ kernel }: MachineFacts): Finding {
  return part("/proc in containers", isAtLeast(kernel, 6, 17), "yes", "no", "lacking", {
    cost: "containers have a plain folder with cpuinfo, meminfo and stat: functions that read /proc/self or other processes (psutil, jax, programs that find libraries through $ORIGIN) fail",
    remedy: `Linux 6.17; ${NEWER_KERNEL}`,
  });
}

/** `MADV_COLLAPSE` moves Zygotes to huge pages. */
function hugePages({ kernel, hasHugePages }: MachineFacts): Finding {
  const isThere = hasHugePages && isAtLeast(kernel, 6, 1);
  return part("huge pages", isThere, "yes", "no", "lacking", {
    cost: "forks of large Zygotes take longer: they copy one page table entry per 4 KiB instead of one per 2 MiB",
    remedy: `Linux 6.1 with CONFIG_TRANSPARENT_HUGEPAGE: ${NEWER_KERNEL}`,
  });
}

function isAtLeast(kernel: string, major: number, minor: number): boolean {
  const [, ours, oursMinor] = /(\d+)\.(\d+)/.exec(kernel) ?? ["", "0", "0"];
  return Number(ours) > major || (Number(ours) === major && Number(oursMinor) >= minor);
}

import {
  closeSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { GUEST_LIBRARY, GUEST_SOURCES, type MountStep, type Native } from "../host/native.js";
import { compileBeside, type Python } from "../host/python.js";
import { fillEtc } from "./base-etc.js";

/** Folders of the machine that make up a base, if they exist. */
const SYSTEM = ["usr", "bin", "sbin", "lib", "lib64", "lib32", "libx32"];
/** Character devices of major 1, by minor number. */
const DEVICES = { null: 3, zero: 5, full: 7, random: 8, urandom: 9 } as const;

const WARM_HANDLER = 'def f(event):\n    return {"ok": event["x"] + 1}\n';

/** Folders in a container's root. */
export const IN_CONTAINER = {
  packages: "packages",
  handler: "handler",
  scratch: "scratch",
  guest: "guest",
} as const;

/** Mount points of the file systems that only containers have. */
export const TERMINALS = "dev/pts";
export const PROCESSES = "proc";

/** In the guest's folder: what is shown over entries of /proc that are hidden. */
const EMPTY = { file: "empty", folder: "nothing" } as const;

/**
 * Entries of /proc that tell of the machine or of its other users, and that every user may read.
 * The others are those of the container's processes, of its namespaces, or of the kind of machine,
 * or only root may read them. The list is that of the OCI runtimes, and `key-users` and `modules`.
 */
const HIDDEN = [
  ...["acpi", "asound", "interrupts", "kcore", "key-users", "keys", "latency_stats", "modules"],
  ...["sched_debug", "scsi", "timer_list", "timer_stats"],
];
const READABLE_BY_ALL = 0o004;

/** Covers for what a container must not see: pairs of a path in its root and an entry of /proc. */
export function coversOfProcesses(): (readonly [string, string])[] {
  return HIDDEN.flatMap((name) => {
    const found = lstatSync(join("/proc", name), { throwIfNoEntry: false });
    if (found === undefined || (found.mode & READABLE_BY_ALL) === 0) return [];
    const cover = found.isDirectory() ? EMPTY.folder : EMPTY.file;
    return [[join(IN_CONTAINER.guest, cover), name] as const];
  });
}

export interface BaseSource {
  readonly python: Python;
  /** Files and folders of the machine that are shown read-only, by their path in the root. */
  readonly shown: Readonly<Record<string, string>>;
  /** Folders at which each root later shows a folder that only it sees. */
  readonly places: readonly string[];
  /** A root file system to use instead of the machine's own. It must contain the Python. */
  readonly base?: string | undefined;
}

/**
 * The base of containers and Zygotes. It shows the packages, and has a place for a function's code.
 */
export function containerBase(
  python: Python,
  packages: string,
  base: string | undefined,
): BaseSource {
  const { packages: shownAt, handler } = IN_CONTAINER;
  return { python, base, shown: { [shownAt]: packages }, places: [handler] };
}

export function step(source: string, target: string, isReadOnly = true): MountStep {
  return { source, from: -1, target, isReadOnly, options: "" };
}

/**
 * Fills an empty folder with everything of a root except its mounts: mount points, links, devices,
 * files of /etc, and the guest's program. Returns the mounts that complete it, in order.
 */
export function fillBase(native: Native, folder: string, source: BaseSource): MountStep[] {
  makePlaces(folder, source);
  mkdirSync(join(folder, TERMINALS), { recursive: true });
  symlinkSync("pts/ptmx", join(folder, "dev", "ptmx"));
  for (const [name, minor] of Object.entries(DEVICES)) {
    native.makeDevice(join(folder, "dev", name), minor);
  }
  symlinkSync(IN_CONTAINER.scratch, join(folder, "tmp"));
  // POSIX shared memory and semaphores thus count as scratch, and vanish with it.
  symlinkSync(`../${IN_CONTAINER.scratch}`, join(folder, "dev", "shm"));
  mkdirSync(join(folder, PROCESSES));
  // What libraries read when they are imported. A Zygote, which is in the machine's PID namespace,
  // sees only these copies.
  for (const name of ["cpuinfo", "meminfo", "stat"]) {
    writeFileSync(join(folder, PROCESSES, name), readFileSync(join("/proc", name)), {
      mode: 0o644,
    });
  }
  fillEtc(join(folder, "etc"));
  copyGuest(folder, source.python);
  const mounts = SYSTEM.flatMap((name) => showSystem(folder, name));
  const { prefix } = source.python;
  if (!prefix.startsWith("/usr")) {
    mkdirSync(join(folder, prefix), { recursive: true });
    mounts.push(step(prefix, prefix.slice(1)));
  }
  return [...mounts, ...stepsOf(source)];
}

/**
 * The mounts that turn a given root file system into a base. Missing mount points are created in
 * it.
 */
export function mountsOverBase(folder: string, source: BaseSource, guest: string): MountStep[] {
  makePlaces(folder, source);
  for (const place of [TERMINALS, PROCESSES]) {
    mkdirSync(join(folder, place), { recursive: true, mode: 0o755 });
  }
  return [step(guest, IN_CONTAINER.guest), ...stepsOf(source)];
}

/** Creates the mount points: a file for a file, a folder for anything else. */
function makePlaces(folder: string, { shown, places }: BaseSource): void {
  const { scratch, guest } = IN_CONTAINER;
  for (const name of [scratch, guest, ...places]) {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  }
  for (const [name, path] of Object.entries(shown)) {
    const isFile = lstatSync(path).isFile();
    mkdirSync(join(folder, isFile ? dirname(name) : name), { recursive: true, mode: 0o755 });
    if (isFile) closeSync(openSync(join(folder, name), "a"));
  }
}

function stepsOf({ shown }: BaseSource): MountStep[] {
  return Object.entries(shown).map(([name, path]) => step(path, name));
}

/** Copies the guest's program, its library and a handler for warming up to a base. */
export function copyGuest(folder: string, python: Python): void {
  const guest = join(folder, IN_CONTAINER.guest);
  const warm = join(guest, "warm");
  mkdirSync(warm, { recursive: true });
  const sources = GUEST_SOURCES.map((path) => join(guest, basename(path)));
  for (const [i, path] of sources.entries()) copyFileSync(GUEST_SOURCES[i], path);
  copyFileSync(GUEST_LIBRARY, join(guest, "guest.so"));
  writeFileSync(join(warm, "f.py"), WARM_HANDLER);
  writeFileSync(join(guest, EMPTY.file), "", { mode: 0o444 });
  mkdirSync(join(guest, EMPTY.folder), { mode: 0o555 });
  compileBeside(python, [...sources, join(warm, "f.py")]);
}

/** Shows a system folder. A folder becomes a mount; a link, as in a merged /usr, stays a link. */
function showSystem(folder: string, name: string): MountStep[] {
  const source = `/${name}`;
  if (!existsSync(source)) return [];
  if (lstatSync(source).isSymbolicLink()) {
    symlinkSync(readlinkSync(source), join(folder, name));
    return [];
  }
  mkdirSync(join(folder, name));
  return [step(source, name)];
}

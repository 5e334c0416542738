import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { MachineError } from "../../basics/errors.js";

/** The package's folder, whether this file runs from src or from dist. */
const PACKAGE = findPackage(dirname(fileURLToPath(import.meta.url)));
/** The addon's folder. */
const NATIVE = join(PACKAGE, "native");

/** The program that runs in containers and Zygotes, and the modules that it loads when it needs them. */
export const GUEST_SOURCES: readonly string[] = [
  "guest.py",
  "forks.py",
  "ahead.py",
  "http_answers.py",
].map((name) => join(NATIVE, "guest", name));

/**
 * The folder of what was built on this machine, or ahead of the installation (`npm run
 * build:prebuilds`).
 */
const BUILT = findBuilt([
  join(NATIVE, "build", "Release"),
  join(NATIVE, "prebuilds", `${process.platform}-${process.arch}`),
]);

/** The guest's library, which Zygotes load. */
export const GUEST_LIBRARY: string = join(BUILT, "guest.so");

/** The program with which `socklab bench primitives` measures single parts of the kernel. */
export const PRIMITIVES_PROGRAM: string = join(BUILT, "primitives");

/** Flags of clone3(2): a container's namespaces and its cgroup. */
export const CLONE_NEWUTS = 0x0400_0000;
export const CLONE_NEWIPC = 0x0800_0000;
export const CLONE_NEWPID = 0x2000_0000;
export const CLONE_INTO_CGROUP = 0x2_0000_0000;

export const SIGKILL = 9;

/** One mount of a root. The steps are performed in order, and the first one is the root itself. */
export interface MountStep {
  /**
   * Folder or file of the machine to show; empty: a copy of `from`, or a new file system if that is
   * -1.
   */
  readonly source: string;
  /** Descriptor of a tree to copy; -1: no tree. */
  readonly from: number;
  /** Path in the tree without a leading slash; empty for the root. */
  readonly target: string;
  readonly isReadOnly: boolean;
  /** Options of a new file system, such as `size=64m,mode=0700`. */
  readonly options: string;
  /** Type of a new file system; absent: tmpfs. */
  readonly type?: "devpts";
}

/** A confined program to start. Descriptors belong to this process; -1 stands for no descriptor. */
export interface LaunchPlan {
  /** Program first. */
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  readonly root: number;
  /** Network namespace that the program joins. */
  readonly network: number;
  /**
   * Becomes the program's descriptor 3. All others are closed, except 0 to 2, which are /dev/null.
   */
  readonly kept: number;
  /** cgroup v1 `tasks` files, which the child writes itself. */
  readonly tasks: readonly number[];
  /** Folder of the cgroup v2 that the program is born into. */
  readonly cgroup: number;
  readonly uid: number;
  /** The program's nice value, whatever this process's own is. */
  readonly niceness: number;
  /**
   * A guest keeps no capability, and its system calls are filtered. A Zygote keeps the capabilities
   * that confining its children needs.
   */
  readonly isGuest: boolean;
  /** True only to measure the cost of the filters of system calls. */
  readonly isUnfiltered?: boolean;
  /** The program's namespaces, as flags of clone3(2). */
  readonly flags: number;
}

/** Starts of one program by several clients at once. */
export interface LoadPlan {
  /** Program first, looked up on PATH. `{n}` in an argument becomes the number of the start. */
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** Descriptor of the mount namespace to start the program in; -1: this process's own. */
  readonly mounts: number;
  readonly clients: number;
  /** Each client starts the program again until this time has passed, and at least once. */
  readonly durationUs: number;
  /** Number of the first start. */
  readonly firstNumber: number;
}

/** The result of a `LoadPlan`. */
export interface Load {
  /** Time from each start until the program ended, in any order. */
  readonly us: readonly number[];
  readonly wallUs: number;
}

/** The addresses that have these first bits. */
export interface AddressPrefix {
  /** As text, IPv4 or IPv6. */
  readonly address: string;
  readonly bits: number;
}

/** Connections that some users may not make. */
export interface AddressPlan {
  /** The first and the last of the users. */
  readonly firstUid: number;
  readonly lastUid: number;
  /** A port that stays open at these addresses. UDP does, too. */
  readonly openPort: number;
  readonly prefixes: readonly AddressPrefix[];
}

/**
 * What the poller reports. `value` is a text, or a number: an exit code (negative: a signal) or a
 * length. A frame may have a body of any bytes.
 */
export type PollerEvent = "exit" | "frame" | "packet" | "closed" | "oversized" | "timer";
export type PollerListener = (
  event: PollerEvent,
  token: number,
  value: string | number,
  body?: Buffer,
) => void;

/**
 * Waits for processes, sockets and one timer, and sends messages. The caller chooses the tokens and
 * never uses one twice.
 */
export interface Poller {
  watchProcess(token: number, pid: number): void;
  /**
   * Takes over the descriptor. A frame over the limit is reported as "oversized" and ends the
   * watching.
   */
  watchStream(token: number, fd: number, maxFrameBytes: number): void;
  /** Takes over the descriptor. */
  watchPackets(token: number, fd: number): void;
  /** Sends a frame: one line of text, and perhaps a body. */
  send(token: number, text: string, body?: Uint8Array): void;
  sendPacket(token: number, text: string): void;
  requestFork(
    token: number,
    childToken: number,
    flags: number,
    uid: number,
    kind: number,
    without: number,
    hasNetwork: boolean,
    hasThreads: boolean,
    fds: readonly number[],
    /** The numbers that the last descriptors get in the child, ascending. */
    files: readonly number[],
  ): void;
  /** Whether the other end of a stream has not read everything that was sent. */
  hasUnread(token: number): boolean;
  /** Returns false if the process has ended already. */
  kill(token: number, signal: number): boolean;
  /** Closes the token's socket. */
  forget(token: number): void;
  /** Sets the one timer to an instant of CLOCK_MONOTONIC; 0 stops it. */
  setTimer(atUs: number): void;
  /** CLOCK_MONOTONIC in whole microseconds. */
  now(): number;
  close(): void;
}

/**
 * The addon contains kernel mechanism only. Each call throws an Error that names step, subject and
 * `code`.
 */
export interface Native {
  /** Descriptor of a new detached tree. */
  assembleTree(plan: readonly MountStep[]): number;
  /** Adds a mount to a tree that a process may already have as its root. */
  extendTree(tree: number, step: MountStep): void;
  /** Performs the same plan as classic mounts on a folder. Returns the descriptor of the folder. */
  bindTree(plan: readonly MountStep[], folder: string): number;
  unmountTree(folder: string): void;
  /** Whether the kernel can show the processes of a namespace that is named (Linux 6.17). */
  choosesProcesses(): boolean;
  /**
   * Mounts a read-only proc file system of a process's PID namespace. `covers` are pairs of a path
   * in the tree and the entry of the mount that it hides.
   */
  showProcesses(
    tree: number,
    target: string,
    pid: number,
    covers: readonly (readonly [string, string])[],
  ): void;
  /** Creates a memory device: null 3, zero 5, full 7, random 8, urandom 9. */
  makeDevice(path: string, minor: number): void;
  /**
   * Resolves with the process id when the program runs. The plan's descriptors must stay open until
   * then.
   */
  launch(plan: LaunchPlan): Promise<number>;
  /** Errors: rejects if a start fails, with the last line of the program's output. */
  startLoad(plan: LoadPlan): Promise<Load>;
  socketPair(isPackets: boolean): [number, number];
  closeFd(fd: number): void;
  writeAt(fd: number, text: string): void;
  readAt(fd: number): string;
  /**
   * Resolves with the number of these 2 MiB regions of a process that are now one huge page each.
   */
  collapseMemory(pid: number, addresses: BigUint64Array): Promise<number>;
  /**
   * Descriptor of a new network namespace that leads nowhere. Its loopback is up, or it has no
   * interface at all.
   */
  makeNetwork(hasLoopback: boolean): number;
  /**
   * The user at the other end of an accepted TCP connection; -1: the other end is on another
   * machine; -2: it is on this machine, and no process has it open.
   */
  peerOwner(fd: number): number;
  /**
   * Descriptors that keep the addresses refused (EPERM) as long as the descriptors are open. Needs
   * Linux 5.7.
   */
  refuseAddresses(plan: AddressPlan): number[];
  readonly Poller: new (listener: PollerListener) => Poller;
}

let loaded: Native | undefined;

/** Loads the addon. Errors: MachineError with the remedy if it is not built. */
export function loadNative(): Native {
  if (loaded !== undefined) return loaded;
  if (process.platform !== "linux") {
    throw new MachineError(`the real backend needs Linux; this is ${process.platform}`);
  }
  const require = createRequire(import.meta.url);
  try {
    loaded = (require("node-gyp-build") as (folder: string) => Native)(NATIVE);
  } catch (error) {
    throw new MachineError(
      `the native addon is not built (${(error as Error).message.split("\n")[0]}): ` +
        `apt-get install g++ make python3, then ${BUILD_COMMAND}`,
    );
  }
  return loaded;
}

/** The command that builds the addon from any folder, in a clone and in an installed package. */
export const BUILD_COMMAND: string = buildCommand(PACKAGE, process.cwd());

/** The build command for a package in one folder, to be typed in another folder. */
export function buildCommand(packageFolder: string, here: string): string {
  const build = "npm run build:native";
  return relative(packageFolder, here) === "" ? build : `${build} --prefix ${packageFolder}`;
}

/** Whether the addon and the guest's library are built. */
export function isAddonBuilt(): boolean {
  const require = createRequire(import.meta.url);
  const { resolve } = require("node-gyp-build") as { resolve(folder: string): string };
  try {
    return existsSync(resolve(NATIVE)) && existsSync(GUEST_LIBRARY);
  } catch {
    return false;
  }
}

function findBuilt(folders: readonly string[]): string {
  return folders.find((folder) => existsSync(join(folder, "guest.so"))) ?? folders[0];
}

function findPackage(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : findPackage(dirname(folder));
}

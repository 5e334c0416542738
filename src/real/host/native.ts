import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { MachineError } from "../../basics/errors.js";

/** The package's folder, whether this file runs from src or from dist. */
const PACKAGE = findPackage(dirname(fileURLToPath(import.meta.url)));
/** The addon's folder. */
const NATIVE = join(PACKAGE, "native");

/** What runs in containers and Zygotes. */
export const GUEST_PROGRAM: string = join(NATIVE, "guest", "guest.py");

/** What was built on this machine, or ahead of the installation (`npm run build:prebuilds`). */
const BUILT = findBuilt([
  join(NATIVE, "build", "Release"),
  join(NATIVE, "prebuilds", `${process.platform}-${process.arch}`),
]);

/** The guest's library, loaded by Zygotes. */
export const GUEST_LIBRARY: string = join(BUILT, "guest.so");

/** What `socklab bench primitives` repeats the kernel's parts with. */
export const PRIMITIVES_PROGRAM: string = join(BUILT, "primitives");

/** Namespaces of a container, for the kernel's clone3. */
export const CLONE_NEWUTS = 0x0400_0000;
export const CLONE_NEWIPC = 0x0800_0000;
export const CLONE_NEWPID = 0x2000_0000;
export const CLONE_INTO_CGROUP = 0x2_0000_0000;

export const SIGKILL = 9;

/** One mount of a root, in order; the first is the root itself. */
export interface MountStep {
  /** Folder or file of the machine to show; empty: a copy of `from`, or else a new tmpfs. */
  readonly source: string;
  /** Descriptor of a tree to copy, -1 for none. */
  readonly from: number;
  /** Where in the tree, without a leading slash; empty for the root. */
  readonly target: string;
  readonly isReadOnly: boolean;
  /** Of a tmpfs: `size=64m,mode=0700`. */
  readonly options: string;
}

/** A confined program to start. Descriptors are this process's own; -1 stands for none. */
export interface LaunchPlan {
  /** Program first. */
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  readonly root: number;
  /** Network namespace it joins. */
  readonly network: number;
  /** Becomes the program's descriptor 3; all others but 0 to 2 (/dev/null) are closed. */
  readonly kept: number;
  /** cgroup v1 `tasks` files, which the child writes itself. */
  readonly tasks: readonly number[];
  /** cgroup v2 folder it is born into. */
  readonly cgroup: number;
  readonly uid: number;
  /** Its nice value, whatever this process's is. */
  readonly niceness: number;
  /** A guest keeps no capability and is filtered; a Zygote keeps what confining its children takes. */
  readonly isGuest: boolean;
  /** True only to measure what the filters of system calls cost. */
  readonly isUnfiltered?: boolean;
  /** Namespaces. */
  readonly flags: number;
}

/** Starts of one program, whatever it does, by several clients at once. */
export interface LoadPlan {
  /** Program first, looked up on PATH; `{n}` in an argument becomes the start's number. */
  readonly argv: readonly string[];
  /** `NAME=value`. */
  readonly environment: readonly string[];
  /** Descriptor of a mount namespace to start it in, -1 for ours. */
  readonly mounts: number;
  readonly clients: number;
  /** Each client begins anew until then, and starts at least once. */
  readonly durationUs: number;
  /** Number of the first start. */
  readonly firstNumber: number;
}

/** What came of it. */
export interface Load {
  /** From each beginning until the program has ended, in no order. */
  readonly us: readonly number[];
  readonly wallUs: number;
}

/** The addresses whose first bits are these. */
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

/** What the poller tells; `value` is a text, or a number: exit code (negative: signal), length. */
export type PollerEvent = "exit" | "frame" | "packet" | "closed" | "oversized" | "timer";
export type PollerListener = (event: PollerEvent, token: number, value: string | number) => void;

/** Waits for processes, sockets and one timer, and sends. Tokens are the caller's, never used twice. */
export interface Poller {
  watchProcess(token: number, pid: number): void;
  /** Takes the descriptor. Frames over the limit are told as "oversized" and end the watching. */
  watchStream(token: number, fd: number, maxFrameBytes: number): void;
  /** Takes the descriptor. */
  watchPackets(token: number, fd: number): void;
  send(token: number, text: string): void;
  sendPacket(token: number, text: string): void;
  requestFork(
    token: number,
    childToken: number,
    flags: number,
    uid: number,
    kind: number,
    without: number,
    hasNetwork: boolean,
    fds: readonly number[],
  ): void;
  /** False if it has ended already. */
  kill(token: number, signal: number): boolean;
  /** Closes the token's socket. */
  forget(token: number): void;
  /** One timer at an instant of CLOCK_MONOTONIC; 0 stops it. */
  setTimer(atUs: number): void;
  /** CLOCK_MONOTONIC in whole microseconds. */
  now(): number;
  close(): void;
}

/** The addon: kernel mechanism only. Each call throws an Error that names step, subject and `code`. */
export interface Native {
  /** Descriptor of a new detached tree. */
  assembleTree(plan: readonly MountStep[]): number;
  /** Puts one more mount into a tree that a process may already have as its root. */
  extendTree(tree: number, step: MountStep): void;
  /** The same plan as classic mounts on a folder; descriptor of the folder. */
  bindTree(plan: readonly MountStep[], folder: string): number;
  unmountTree(folder: string): void;
  /** A memory device: null 3, zero 5, full 7, random 8, urandom 9. */
  makeDevice(path: string, minor: number): void;
  /** The process id, once the program runs. Its descriptors must stay open until then. */
  launch(plan: LaunchPlan): Promise<number>;
  /** Errors: where a start fails, with the last line of what the program said. */
  startLoad(plan: LoadPlan): Promise<Load>;
  socketPair(isPackets: boolean): [number, number];
  closeFd(fd: number): void;
  writeAt(fd: number, text: string): void;
  readAt(fd: number): string;
  /** How many of these 2 MiB regions of a process are now a huge page each. */
  collapseMemory(pid: number, addresses: BigUint64Array): Promise<number>;
  /** Descriptor of a new network namespace with no way out; its loopback is up, or it has nothing. */
  makeNetwork(hasLoopback: boolean): number;
  /**
   * The user at the other end of an accepted TCP connection; -1: it lies on another machine; -2: on
   * this one, and no process has it open (any more).
   */
  peerOwner(fd: number): number;
  /** Descriptors that keep the addresses refused (EPERM) as long as they are open. Linux 5.7. */
  refuseAddresses(plan: AddressPlan): number[];
  readonly Poller: new (listener: PollerListener) => Poller;
}

let loaded: Native | undefined;

/** The addon. Errors: MachineError with the remedy where it was not built. */
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

/** Builds the addon, from any folder: in a clone, and where the package is installed. */
export const BUILD_COMMAND: string = buildCommand(PACKAGE, process.cwd());

/** The command for a package in one folder, said to somebody in another. */
export function buildCommand(packageFolder: string, here: string): string {
  const build = "npm run build:native";
  return relative(packageFolder, here) === "" ? build : `${build} --prefix ${packageFolder}`;
}

/** Whether the addon and the guest's library are there. */
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

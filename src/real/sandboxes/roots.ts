import { close, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { MountStep, Native } from "../host/native.js";
import { GuestNames } from "./base-etc.js";
import {
  type BaseSource,
  copyGuest,
  coversOfProcesses,
  fillBase,
  IN_CONTAINER,
  mountsOverBase,
  PROCESSES,
  step,
  TERMINALS,
} from "./base-root.js";

/** A container's root file system. */
export interface Root {
  /** Descriptor of the root's top folder. */
  readonly fd: number;
  /** Shows a folder at one of the base's places. Each place can be used once. */
  show(folder: string, place: string, isReadOnly: boolean): void;
  /**
   * Mounts a /proc with the processes of a process's PID namespace. Needs
   * `Native.choosesProcesses`.
   */
  showProcesses(pid: number): void;
  /** Removes the root in the background. No process may be in it. */
  close(): void;
}

/** Makes roots. All share one read-only base, and each has its own scratch memory. */
export interface RootMaker {
  readonly isDetached: boolean;
  /** `hasTerminals`: the root has pseudo-terminals, which no other root sees. */
  make(uid: number, scratchBytes: number, hasTerminals: boolean): Root;
  /** Resolves when all roots are gone. */
  close(): Promise<void>;
}

const BASE_OPTIONS = "mode=0755,size=32m";

/**
 * How roots are made. best: as detached trees if the kernel can, else as classic mounts; bound:
 * always as classic mounts.
 */
export type RootKind = "best" | "bound";

/**
 * Makes detached trees if the kernel can add mounts to them (Linux 6.15), else mounts below
 * `folder`. Scratch is a tmpfs of bounded size, and its bytes also count as its container's memory.
 */
export function makeRoots(
  native: Native,
  folder: string,
  source: BaseSource,
  kind: RootKind,
): RootMaker {
  if (kind === "bound") return new BoundRoots(native, folder, source);
  try {
    return new DetachedRoots(native, folder, source);
  } catch (error) {
    if (!["EINVAL", "ENOSYS"].includes((error as NodeJS.ErrnoException).code!)) throw error;
    return new BoundRoots(native, folder, source);
  }
}

function scratchStep(uid: number, bytes: number): MountStep {
  const options = `mode=0700,uid=${uid},gid=${uid},size=${bytes}`;
  return newFileSystem(IN_CONTAINER.scratch, options);
}

/** At most so many pseudo-terminals per container: the kernel has 4096 for all. */
const MOST_TERMINALS = 16;

/** The file systems that only this root sees. */
function ownSteps(uid: number, scratchBytes: number, hasTerminals: boolean): MountStep[] {
  const steps = [scratchStep(uid, scratchBytes)];
  if (!hasTerminals) return steps;
  const options = `mode=0620,ptmxmode=0666,max=${MOST_TERMINALS}`;
  return [...steps, { ...newFileSystem(TERMINALS, options), type: "devpts" }];
}

function newFileSystem(target: string, options: string): MountStep {
  return { source: "", from: -1, target, isReadOnly: false, options };
}

function copyOf(tree: number, isReadOnly: boolean): MountStep {
  return { source: "", from: tree, target: "", isReadOnly, options: "" };
}

/** undefined: the base is given, and has its own /etc. */
function namesIn(path: string, source: BaseSource): GuestNames | undefined {
  return source.base === undefined ? new GuestNames(join(path, "etc")) : undefined;
}

/** The mounts of a base. Everything that must be written is written at `path`. */
function baseMounts(native: Native, path: string, folder: string, source: BaseSource): MountStep[] {
  if (source.base === undefined) return fillBase(native, path, source);
  copyGuest(folder, source.python);
  return mountsOverBase(source.base, source, join(folder, IN_CONTAINER.guest));
}

class DetachedRoots implements RootMaker {
  readonly isDetached = true;
  readonly #native: Native;
  readonly #template: number;
  readonly #names: GuestNames | undefined;
  readonly #closing = new Set<Promise<void>>();
  readonly #covers = coversOfProcesses();

  constructor(native: Native, folder: string, source: BaseSource) {
    this.#native = native;
    const top = native.assembleTree([
      source.base === undefined ? newFileSystem("", BASE_OPTIONS) : step(source.base, ""),
    ]);
    const path = `/proc/${process.pid}/fd/${top}`;
    const mounts = baseMounts(native, path, folder, source);
    this.#names = namesIn(path, source);
    try {
      this.#template = native.assembleTree([copyOf(top, true), ...mounts]);
    } finally {
      native.closeFd(top);
    }
  }

  make(uid: number, scratchBytes: number, hasTerminals: boolean): Root {
    const native = this.#native;
    this.#names?.add(uid);
    const own = ownSteps(uid, scratchBytes, hasTerminals);
    const fd = native.assembleTree([copyOf(this.#template, false), ...own]);
    return {
      fd,
      show: (shown, place, isReadOnly) => native.extendTree(fd, step(shown, place, isReadOnly)),
      showProcesses: (pid) => native.showProcesses(fd, PROCESSES, pid, this.#covers),
      close: () => this.#dissolve(fd),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing);
    this.#names?.close();
    this.#native.closeFd(this.#template);
  }

  /**
   * Closes the last descriptor of a tree, which takes its mounts down. That is slow, so it happens
   * on another thread.
   */
  #dissolve(fd: number): void {
    const closing = promisify(close)(fd).finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

/** Classic bind mounts: the same trees, attached below a folder of the machine. */
class BoundRoots implements RootMaker {
  readonly isDetached = false;
  readonly #native: Native;
  readonly #folder: string;
  readonly #mounts: readonly MountStep[];
  readonly #base: string;
  readonly #names: GuestNames | undefined;
  readonly #covers = coversOfProcesses();
  #count = 0;

  constructor(native: Native, folder: string, source: BaseSource) {
    this.#native = native;
    this.#folder = folder;
    this.#base = source.base ?? join(folder, "base");
    if (source.base === undefined) {
      mkdirSync(this.#base, { recursive: true });
      native.closeFd(native.bindTree([newFileSystem("", BASE_OPTIONS)], this.#base));
    }
    this.#mounts = baseMounts(native, this.#base, folder, source);
    this.#names = namesIn(this.#base, source);
  }

  make(uid: number, scratchBytes: number, hasTerminals: boolean): Root {
    const native = this.#native;
    this.#names?.add(uid);
    const top = join(this.#folder, `root-${this.#count++}`);
    mkdirSync(top, { recursive: true });
    const fd = native.bindTree(
      [step(this.#base, ""), ...this.#mounts, ...ownSteps(uid, scratchBytes, hasTerminals)],
      top,
    );
    return {
      fd,
      show: (shown, place, isReadOnly) =>
        native.closeFd(native.bindTree([step(shown, "", isReadOnly)], join(top, place))),
      showProcesses: (pid) => native.showProcesses(fd, PROCESSES, pid, this.#covers),
      close: () => {
        native.closeFd(fd);
        native.unmountTree(top);
        rmdirSync(top);
      },
    };
  }

  async close(): Promise<void> {
    this.#names?.close();
    if (this.#base === join(this.#folder, "base")) {
      this.#native.unmountTree(this.#base);
      rmdirSync(this.#base);
    }
  }
}

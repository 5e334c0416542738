import { FIRST_CONTAINER_UID, ZYGOTE_UID } from "../host/guest-users.js";
import { MetadataGuard } from "../host/metadata-guard.js";
import {
  CLONE_INTO_CGROUP,
  CLONE_NEWIPC,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  type Native,
  type Poller,
  type PollerEvent,
} from "../host/native.js";
import { raisePriority, restorePriority, USUAL_PRIORITY } from "../host/priority.js";
import type { Python } from "../host/python.js";
import type { Technique } from "../host/techniques.js";
import { type BaseSource, IN_CONTAINER } from "./base-root.js";
import { Cgroups } from "./cgroups/cgroups.js";
import type { Limits } from "./cgroups/limits.js";
import { makeRoots, type RootKind, type RootMaker } from "./roots.js";
import { type Slot, SlotPool } from "./slot-pool.js";
import { USER_BASE } from "./user-base.js";

const ZYGOTE_SCRATCH_BYTES = 64 * 1024 ** 2;
const UNLIMITED: Limits = {
  memoryBytes: Number.POSITIVE_INFINITY,
  cores: Number.POSITIVE_INFINITY,
  processes: Number.POSITIVE_INFINITY,
};

/**
 * The environment of containers and Zygotes. It asks numerical libraries for one thread: they start
 * threads when they are imported, and a fork would lose these. A Python that a function starts finds
 * the function's packages in its user base.
 */
export const GUEST_ENVIRONMENT: Readonly<Record<string, string>> = {
  LANG: "C.UTF-8",
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: "/scratch",
  TMPDIR: "/tmp",
  PYTHONUSERBASE: `/${IN_CONTAINER.handler}/${USER_BASE}`,
  OPENBLAS_NUM_THREADS: "1",
  OMP_NUM_THREADS: "1",
  MKL_NUM_THREADS: "1",
  NUMEXPR_NUM_THREADS: "1",
};

/**
 * A container's network. host: the machine's network, as in SOCK; none: no interface at all;
 * private: its own loopback, and no other interface.
 */
export const NETWORKS = ["host", "none", "private"] as const;
export type Network = (typeof NETWORKS)[number];

export interface SandboxOptions {
  readonly containerLimits: Limits;
  readonly scratchBytes: number;
  /**
   * How many slots (user, cgroup, root) are kept ready for containers; 0: each is made on demand.
   */
  readonly readySlots: number;
  readonly network: Network;
  /**
   * Whether guests may connect to addresses at which a cloud answers questions about the machine
   * (metadata-guard.ts).
   */
  readonly allowMetadata: boolean;
  readonly roots: RootKind;
  readonly answers: AnswerLimits;
  /** Longest creation of one container or Zygote, imports included. */
  readonly makeTimeoutMs: number;
  /** Techniques that are left out, to measure their worth (techniques.ts). */
  readonly disabledTechniques: readonly Technique[];
}

export interface AnswerLimits {
  /** Longest answer that is not sent in pieces. */
  readonly answerBytes: number;
  /** How many characters of stdout, and of stderr, are kept. */
  readonly outputChars: number;
}

/** An entry of a result's `warnings`. */
export interface SandboxWarning {
  readonly code: string;
  readonly text: string;
}

/** What containers lack without a controller. */
const WITHOUT = {
  cpu: "containers have no bound on CPU time",
  memory:
    "memory has no bound, and is measured as USS, sampled asynchronously, so each value is one operation old",
  pids: "a container may start any number of processes",
  freezer: "a paused container may keep running",
} as const;

/** Receives the events of a token. */
export interface TokenListener {
  onEvent(event: PollerEvent, value: string | number, body?: Buffer): void;
}

/**
 * The resources that containers and Zygotes are made of, and the poller that reports their events.
 */
export class Sandboxes {
  readonly native: Native;
  readonly poller: Poller;
  readonly cgroups: Cgroups;
  readonly containerSlots: SlotPool;
  readonly zygoteSlots: SlotPool;
  /** Flags of clone(2) for a container's namespaces. A Zygote is in the machine's own. */
  readonly namespaces: number;
  /** The flag of clone3(2) with which a child is born into its cgroup; 0: there is no cgroup v2. */
  readonly bornInto: number;
  /**
   * Whether containers have a /proc, with their own processes: if they are in a PID namespace, and
   * the kernel can mount the proc file system of another one.
   */
  readonly showsProcesses: boolean;
  readonly disabledTechniques: readonly Technique[];
  readonly answers: AnswerLimits;
  readonly makeTimeoutMs: number;
  readonly #roots: RootMaker;
  readonly #python: Python;
  readonly #metadataGuard: MetadataGuard | undefined;
  readonly #listeners = new Map<number, TokenListener>();
  /** Process ids of children that are watched, by token. */
  readonly #watched = new Map<number, number>();
  readonly #taken = new Set<number>();
  #lastToken = 0;

  constructor(
    native: Native,
    instance: string,
    folder: string,
    source: BaseSource,
    options: SandboxOptions,
    onTimer: () => void,
  ) {
    this.native = native;
    this.#python = source.python;
    this.cgroups = new Cgroups(native, instance, ZYGOTE_UID);
    this.#metadataGuard = options.allowMetadata ? undefined : new MetadataGuard(native);
    this.#roots = makeRoots(native, folder, source, options.roots);
    this.bornInto = this.cgroups.layout.v2 === undefined ? 0 : CLONE_INTO_CGROUP;
    this.disabledTechniques = options.disabledTechniques;
    this.answers = options.answers;
    this.makeTimeoutMs = options.makeTimeoutMs;
    const own = CLONE_NEWUTS + CLONE_NEWIPC + CLONE_NEWPID;
    const isAlone = !this.disabledTechniques.includes("namespaces");
    this.showsProcesses = isAlone && native.choosesProcesses();
    this.namespaces = isAlone ? own : 0;
    this.poller = new native.Poller((event, token, value, body) => {
      if (event === "exit") this.#unwatch(token);
      if (event === "timer") onTimer();
      else this.#listeners.get(token)?.onEvent(event, value, body);
    });
    const { containerLimits: limits, scratchBytes, readySlots: ready, network } = options;
    const makeNetwork =
      network === "host" ? undefined : () => native.makeNetwork(network === "private");
    const parts = { native, cgroups: this.cgroups, roots: this.#roots, makeNetwork };
    this.containerSlots = new SlotPool(
      {
        name: "c",
        limits,
        scratchBytes,
        firstUid: FIRST_CONTAINER_UID,
        hasOwnUid: true,
        hasTerminals: true,
        ready,
      },
      parts,
    );
    this.zygoteSlots = new SlotPool(
      {
        name: "z",
        limits: UNLIMITED,
        scratchBytes: ZYGOTE_SCRATCH_BYTES,
        firstUid: ZYGOTE_UID,
        hasOwnUid: false,
        hasTerminals: false,
        ready: ready === 0 ? 0 : 1,
      },
      parts,
    );
    raisePriority();
  }

  /** What this machine lacks, one line per lack. */
  get warnings(): SandboxWarning[] {
    const { missing } = this.cgroups.layout;
    const warnings = missing.map((controller) => ({
      code: `no-cgroup-${controller}`,
      text: `cgroups have no ${controller} controller: ${WITHOUT[controller]}`,
    }));
    if (!this.#roots.isDetached) {
      const text =
        "roots are mounts of the machine's own namespace: detached trees need Linux 6.15";
      warnings.push({ code: "bound-roots", text });
    }
    const failure = this.#metadataGuard?.failure ?? "";
    if (failure !== "") {
      const text =
        "installs, and handlers with --network host, reach a cloud's metadata and credentials " +
        `(169.254.169.254): ${failure}: --network none or private prevents that for handlers`;
      warnings.push({ code: "open-metadata", text });
    }
    return warnings;
  }

  /** Returns a new token, whose events go to the listener. */
  listen(listener: TokenListener): number {
    this.#listeners.set(++this.#lastToken, listener);
    return this.#lastToken;
  }

  /** Closes the token's socket, and delivers no event of it any more. */
  forget(token: number): void {
    this.poller.forget(token);
    this.#listeners.delete(token);
  }

  /** Waits for the end of a child that sends no messages. */
  reap(pid: number): void {
    const token = this.listen({ onEvent: () => this.#listeners.delete(token) });
    this.watchProcess(token, pid);
  }

  /**
   * Watches a child until its end. Throws if it is no child, or if another token has it: a Zygote
   * that runs packages' code may report any process id, and must not get another guest's process.
   */
  watchProcess(token: number, pid: number): void {
    if (this.#taken.has(pid)) throw new Error(`process ${pid} belongs to another guest`);
    this.poller.watchProcess(token, pid);
    this.#taken.add(pid);
    this.#watched.set(token, pid);
  }

  /** The process has been waited for, so the kernel may give its id to another one. */
  #unwatch(token: number): void {
    const pid = this.#watched.get(token);
    this.#watched.delete(token);
    if (pid !== undefined) this.#taken.delete(pid);
  }

  /** Prepares nothing and receives nothing any more; what is there is left to the caller. */
  abandon(): void {
    this.containerSlots.stop();
    this.zygoteSlots.stop();
    this.poller.close();
  }

  /**
   * Mounts the /proc of a process's container. Returns why that failed, or an empty text, also if
   * the process has ended.
   */
  showProcesses({ root }: Slot, pid: number): string {
    try {
      if (this.showsProcesses) root.showProcesses(pid);
      return "";
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      return code === "ENOENT" ? "" : message;
    }
  }

  /** Starts a fresh interpreter in a slot. Resolves with its process id. */
  launch(role: "container" | "zygote", slot: Slot, socket: number): Promise<number> {
    const isGuest = role === "container";
    const limits = [this.answers.answerBytes, this.answers.outputChars].map(String);
    return this.native.launch({
      argv: [this.#python.program, "-I", "-S", "-E", "-B", "/guest/guest.pyc", role, ...limits],
      environment: Object.entries(GUEST_ENVIRONMENT).map((each) => each.join("=")),
      root: slot.root.fd,
      network: slot.network,
      kept: socket,
      tasks: slot.cgroup.tasks,
      cgroup: slot.cgroup.folder,
      uid: slot.uid,
      niceness: USUAL_PRIORITY,
      isGuest,
      isUnfiltered: this.disabledTechniques.includes("seccomp"),
      // clone3 gets the cgroup as a descriptor, not by this flag.
      flags: isGuest ? this.namespaces : 0,
    });
  }

  /** Releases everything. Every process must be gone. */
  async close(): Promise<void> {
    restorePriority();
    await this.containerSlots.close();
    await this.zygoteSlots.close();
    await this.#roots.close();
    this.poller.close();
    this.#metadataGuard?.close();
    this.cgroups.close();
  }
}

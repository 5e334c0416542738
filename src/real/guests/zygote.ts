import { forkBits } from "../host/techniques.js";
import type { PackageImports } from "../packages/package-store.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { threadsOf } from "../state/process-identity.js";
import {
  type CreationEnd,
  type CreationTimes,
  creationTimesOf,
  NO_CREATION_TIMES,
} from "./creation-times.js";
import { ForkWatch } from "./fork-watch.js";
import { examineForks, type Forkability, openAgain, viewOf } from "./forkability.js";
import { type EndStatus, type Forker, GuestProcess } from "./guest-process.js";
import { collapseOwnMemory } from "./huge-pages.js";
import { type Forked, type FoundInZygote, parsePacket } from "./zygote-packets.js";

/** The numbers that native/guest/fork-request.h defines. */
const FORK_KINDS = { container: 0, zygote: 1, bare: 2 } as const;

/**
 * Number of forks after which a Zygote is moved to huge pages. The move takes milliseconds per
 * region, which a Zygote that is hardly used does not earn back.
 */
const FORKS_BEFORE_COLLAPSE = 8;

/** A packet that is no fork request (native/guest/fork-request.h): the next one names more modules. */
const GROW = "+";
/** More failed imports than this are not listed. */
const MOST_NOTES = 4;

/**
 * A process that has imported packages and is kept to be forked. Its children are children of this
 * process.
 */
export class Zygote extends GuestProcess implements Forker {
  readonly kind = "zygote";
  readonly imports: PackageImports;
  readonly #starting = new Map<number, GuestProcess>();
  readonly #watch: ForkWatch;
  readonly #startedUs: number;
  readonly #refused: (why: string) => void;
  /** 0: the Zygote has no parent. */
  readonly #parentPid: number;
  #forks = 0;
  #onCreated: ((creation: CreationEnd) => void) | undefined;
  #times: CreationTimes | undefined;
  #notes: readonly string[] = [];
  #forkability: Forkability = { files: [], obstacle: undefined };
  #hasThreads = false;
  #found: FoundInZygote = { generators: 0, hooks: 0 };
  #onGrown: ((isFit: boolean) => void) | undefined;
  /** Forks that wait until it has grown. */
  readonly #waiting: (() => void)[] = [];

  /**
   * Creates a Zygote from `parent`, or from a fresh interpreter. `imports.modules` are imported in
   * addition to the parent's. `refused` is called if the Zygote must not be forked; then it ends.
   */
  constructor(
    sandboxes: Sandboxes,
    parent: Zygote | undefined,
    imports: PackageImports,
    timeoutMs: number,
    onCreated: (creation: CreationEnd) => void,
    refused: (why: string) => void,
  ) {
    const startedUs = sandboxes.poller.now();
    super(sandboxes, sandboxes.zygoteSlots);
    this.#parentPid = parent?.pid ?? 0;
    this.#startedUs = startedUs;
    this.#onCreated = onCreated;
    this.#refused = refused;
    this.limitTime(timeoutMs);
    this.#watch = new ForkWatch(
      () => this.pid,
      sandboxes.makeTimeoutMs,
      (why) => this.kill(why),
    );
    this.imports = {
      paths: [...(parent?.imports.paths ?? []), ...imports.paths],
      modules: imports.modules,
    };
    const { native, poller } = sandboxes;
    const [near, far] = native.socketPair(true);
    poller.watchPackets(this.token, near);
    poller.sendPacket(this.token, this.#specOf(imports.modules));
    this.start("zygote", parent, far);
  }

  /** Its orders: what it imports. */
  #specOf(modules: readonly string[]): string {
    const { disabledTechniques: without } = this.sandboxes;
    return JSON.stringify({ path: this.imports.paths, imports: modules, without });
  }

  /**
   * Imports more modules. Forks wait until `onGrown` is called: with true, or with false if the
   * Zygote must not be forked any more or has died of the imports.
   */
  grow(modules: readonly string[], timeoutMs: number, onGrown: (isFit: boolean) => void): void {
    this.#onGrown = onGrown;
    this.limitTime(timeoutMs);
    try {
      this.sandboxes.poller.sendPacket(this.token, GROW);
      this.sandboxes.poller.sendPacket(this.token, this.#specOf(modules));
    } catch (error) {
      this.kill((error as Error).message);
    }
  }

  /** Whether it has all its imports, and can be forked or grow. */
  get isReady(): boolean {
    const isBusy = this.#onCreated !== undefined || this.#onGrown !== undefined;
    return !isBusy && this.pid !== 0 && !this.isDoomed;
  }

  /** What the examination after its imports has found. */
  get examined(): FoundInZygote & Forkability & { readonly threads: number } {
    return { ...this.#found, ...this.#forkability, threads: threadsOf(this.pid) };
  }

  whenGrown(act: () => void): void {
    if (this.#onGrown === undefined) act();
    else this.#waiting.push(act);
  }

  #endGrowth(isFit: boolean): void {
    const onGrown = this.#onGrown;
    this.#onGrown = undefined;
    onGrown?.(isFit);
    for (const act of this.#waiting.splice(0)) act();
  }

  /** Asks the Zygote to fork a child with this socket, in the child's slot. */
  fork(child: GuestProcess, socket: number): void {
    if (this.isDoomed) {
      child.onStartFailed(0, `its Zygote is gone: ${this.reason}`);
      return;
    }
    const { poller, bornInto, namespaces, disabledTechniques: without } = this.sandboxes;
    const { uid, root, cgroup, network } = child.slot;
    const folders = cgroup.folder < 0 ? [] : [cgroup.folder];
    const files = openAgain(this.pid, this.#forkability.files);
    try {
      poller.requestFork(
        this.token,
        child.token,
        (child.kind === "container" ? namespaces : 0) + bornInto,
        uid,
        FORK_KINDS[child.kind],
        forkBits(without),
        network >= 0,
        this.#hasThreads,
        [
          socket,
          root.fd,
          ...folders,
          ...(network < 0 ? [] : [network]),
          ...cgroup.tasks,
          ...files.descriptors,
        ],
        files.numbers,
      );
    } finally {
      for (const file of files.descriptors) this.sandboxes.native.closeFd(file);
    }
    this.#starting.set(child.token, child);
    this.#watch.asked(child.token);
    if (++this.#forks === FORKS_BEFORE_COLLAPSE && !without.includes("huge-pages")) {
      void collapseOwnMemory(this.sandboxes.native, this.pid, this.#parentPid);
    }
  }

  protected onMessage(text: string): void {
    const packet = parsePacket(text);
    if (packet === undefined) this.kill("sent something that is not a message");
    else if ("token" in packet) this.#forked(packet);
    else if ("ready" in packet) {
      this.#times = creationTimesOf(this.#startedUs, this.sandboxes.poller.now(), packet.us);
      this.#notes = packet.notes;
      this.#found = packet.found;
      if (this.pid !== 0) this.#ready(this.#times);
    } else {
      this.reason = packet.failed;
    }
  }

  /**
   * Called when its process id is known. Its parent may report the id after the Zygote itself
   * reports that it is ready.
   */
  override onStarted(pid: number): void {
    super.onStarted(pid);
    if (this.#times !== undefined && !this.isDoomed) this.#ready(this.#times);
  }

  #ready(times: CreationTimes): void {
    this.inTime();
    const threads = threadsOf(this.pid);
    this.#hasThreads = threads > 1;
    this.#forkability = examineForks(viewOf(this.pid));
    const { obstacle } = this.#forkability;
    if (obstacle !== undefined) {
      if (this.#onGrown !== undefined) this.kill(`it must not be forked any more: ${obstacle}`);
      else this.#mustNotFork(obstacle);
      return;
    }
    if (this.#onGrown !== undefined) {
      this.#endGrowth(true);
      return;
    }
    const notes = this.#notes.slice(0, MOST_NOTES);
    const more = this.#notes.length - notes.length;
    if (more > 0) notes.push(`${more} more modules could not be imported`);
    if (threads > 1) notes.push(`${threads} threads: a fork keeps one`);
    this.#onCreated?.({ status: "ok", times, message: notes.join("; ") });
    this.#onCreated = undefined;
  }

  /** Ends it, and remembers that no Zygote with these imports may be forked. */
  #mustNotFork(why: string): void {
    this.#refused(why);
    this.kill(`it must not be forked: ${why}`);
  }

  /** Called when a child has not even begun to read its orders. */
  onChildSilent(): void {
    this.#mustNotFork("a child of it did not answer");
  }

  #forked({ token, pid, errno, helper }: Forked): void {
    const child = this.#starting.get(token);
    this.#starting.delete(token);
    this.#watch.answered(token);
    try {
      if (helper > 0) this.sandboxes.reap(helper);
      if (errno === 0) child?.onStarted(pid);
      else child?.onStartFailed(errno);
    } catch (error) {
      // Packages that the Zygote has imported can write to its socket. A process that is not our
      // child is not killed.
      this.kill((error as Error).message);
      child?.onStartFailed(0);
    }
  }

  /** Ends processes that an import has left behind. Children are in their own slots. */
  protected override endOthers(): void {
    this.sandboxes.cgroups.killIn(this.slot.cgroup);
  }

  protected onEnd(status: EndStatus, why: string): void {
    this.#watch.close();
    this.#endGrowth(false);
    for (const child of this.#starting.values())
      child.onStartFailed(0, `its Zygote is gone: ${why}`);
    this.#starting.clear();
    const onCreated = this.#onCreated;
    this.#onCreated = undefined;
    onCreated?.({ status, times: NO_CREATION_TIMES, message: why });
  }
}

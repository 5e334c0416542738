import { z } from "zod";
import { forkBits } from "../host/techniques.js";
import type { PackageImports } from "../packages/package-store.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { threadsOf } from "../state/process-identity.js";
import { ForkWatch } from "./fork-watch.js";
import { examineForks, type Forkability, openAgain, viewOf } from "./forkability.js";
import { type EndStatus, type Forker, GuestProcess } from "./guest-process.js";
import { collapseOwnMemory } from "./huge-pages.js";
import type { Said } from "./messages.js";

/** The parts of one creation, in microseconds. */
export interface CreationTimes {
  readonly createUs: number;
  readonly forkUs: number;
  readonly importUs: number;
  readonly loadUs: number;
}

/** How one creation ended. */
export interface CreationEnd {
  readonly status: "ok" | "failed" | "parent-died";
  readonly times: CreationTimes;
  readonly message: string;
  /** What a function's code said before it failed to load. */
  readonly said?: Said;
}

export const NO_CREATION_TIMES: CreationTimes = { createUs: 0, forkUs: 0, importUs: 0, loadUs: 0 };

/**
 * Times at which a guest's fork was requested (0 for a fresh interpreter), its program ran, its
 * imports were done, and it was ready.
 */
export type Stamps = readonly [number, number, number, number];

/** Computes the parts of a creation from the guest's stamps. */
export function creationTimesOf(startedUs: number, nowUs: number, stamps: Stamps): CreationTimes {
  // Clamp the stamps: a spare forked early has old ones, and a hostile guest may send anything.
  const since = (us: number) => Math.min(nowUs, Math.max(us, startedUs));
  const [receivedUs, beganUs, importedUs, loadedUs] = stamps;
  const forkedAtUs = receivedUs === 0 ? since(beganUs) : since(receivedUs);
  return {
    createUs: forkedAtUs - startedUs,
    forkUs: since(beganUs) - forkedAtUs,
    importUs: since(importedUs) - since(beganUs),
    loadUs: since(loadedUs) - since(importedUs),
  };
}

const count = z.int().nonnegative();
const forkedShape = z.object({
  token: count,
  pid: z.int(),
  errno: count,
  /** A process that forked the child and has ended; 0: there was no helper. */
  helper: count,
});
type Forked = z.infer<typeof forkedShape>;
const packetShape = z.union([
  forkedShape,
  z.object({
    ready: z.literal(true),
    us: z.tuple([count, count, count, count]),
    /** Imports that failed, one line each. */
    notes: z.array(z.string()).default([]),
  }),
  z.object({ failed: z.string() }),
]);

/**
 * A Zygote's message; undefined if the text is not one: the packages that it has imported may send
 * anything.
 */
function parsePacket(text: string): z.infer<typeof packetShape> | undefined {
  try {
    return packetShape.parse(JSON.parse(text));
  } catch {
    return undefined; // the caller reports it
  }
}

/** The numbers that native/guest/fork-request.h defines. */
const FORK_KINDS = { container: 0, zygote: 1, bare: 2 } as const;

/**
 * Number of forks after which a Zygote is moved to huge pages. The move takes milliseconds per
 * region, which a Zygote that is hardly used does not earn back.
 */
const FORKS_BEFORE_COLLAPSE = 8;

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
    poller.sendPacket(
      this.token,
      JSON.stringify({
        path: this.imports.paths,
        imports: imports.modules,
        without: sandboxes.disabledTechniques,
      }),
    );
    this.start("zygote", parent, far);
  }

  /** Asks the Zygote to fork a child with this socket, in the child's slot. */
  fork(child: GuestProcess, socket: number): void {
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
      this.#mustNotFork(obstacle);
      return;
    }
    const notes = [...this.#notes];
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
    for (const child of this.#starting.values())
      child.onStartFailed(0, `its Zygote is gone: ${why}`);
    this.#starting.clear();
    const onCreated = this.#onCreated;
    this.#onCreated = undefined;
    onCreated?.({ status, times: NO_CREATION_TIMES, message: why });
  }
}

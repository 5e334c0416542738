import { z } from "zod";
import { forkBits } from "../host/techniques.js";
import type { PackageImports } from "../packages/package-store.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { threadsOf } from "../state/process-identity.js";
import { ForkWatch } from "./fork-watch.js";
import { type EndStatus, type Forker, GuestProcess } from "./guest-process.js";
import { collapseOwnMemory } from "./huge-pages.js";

/** Times of one making, in microseconds. */
export interface CreationTimes {
  readonly createUs: number;
  readonly forkUs: number;
  readonly importUs: number;
  readonly loadUs: number;
}

/** How one making ended. */
export interface CreationEnd {
  readonly status: "ok" | "failed" | "parent-died";
  readonly times: CreationTimes;
  readonly message: string;
}

export const NO_CREATION_TIMES: CreationTimes = { createUs: 0, forkUs: 0, importUs: 0, loadUs: 0 };

/** When a guest's fork was asked for (0 for a fresh interpreter), its program ran, its imports were done, it was ready. */
export type Stamps = readonly [number, number, number, number];

/** The parts of a making from the guest's stamps. */
export function creationTimesOf(startedUs: number, nowUs: number, stamps: Stamps): CreationTimes {
  // A child forked ahead of its need has stamps from before its start, one that lies any at all.
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
  /** A process that made the child and has ended; 0 for none. */
  helper: count,
});
type Forked = z.infer<typeof forkedShape>;
const packetShape = z.union([
  forkedShape,
  z.object({
    ready: z.literal(true),
    us: z.tuple([count, count, count, count]),
  }),
  z.object({ failed: z.string() }),
]);

/** A Zygote's message, undefined if it is none: packages that it has imported may send anything. */
function parsePacket(text: string): z.infer<typeof packetShape> | undefined {
  try {
    return packetShape.parse(JSON.parse(text));
  } catch {
    return undefined; // said by the caller
  }
}

/** As native/guest/fork-request.h has them. */
const FORK_KINDS = { container: 0, zygote: 1, bare: 2 } as const;

/**
 * Forks after which a Zygote gets huge pages: 7 ms each, which a Zygote that is hardly used does not
 * earn back.
 */
const FORKS_BEFORE_COLLAPSE = 8;

/** A process with packages imported, kept to be forked. Its children are this process's own. */
export class Zygote extends GuestProcess implements Forker {
  readonly kind = "zygote";
  readonly imports: PackageImports;
  readonly #starting = new Map<number, GuestProcess>();
  readonly #watch: ForkWatch;
  readonly #startedUs: number;
  /** 0: it has no parent. */
  readonly #parentPid: number;
  #forks = 0;
  #made: ((made: CreationEnd) => void) | undefined;
  #times: CreationTimes | undefined;

  /** Makes one from `parent`, or from a fresh interpreter; `imports.modules` come on top of the parent's. */
  constructor(
    sandboxes: Sandboxes,
    parent: Zygote | undefined,
    imports: PackageImports,
    timeoutMs: number,
    made: (made: CreationEnd) => void,
  ) {
    const startedUs = sandboxes.poller.now();
    super(sandboxes, sandboxes.zygoteSlots);
    this.#parentPid = parent?.pid ?? 0;
    this.#startedUs = startedUs;
    this.#made = made;
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

  /** Asks for a child with this socket, in the child's slot. */
  fork(child: GuestProcess, socket: number): void {
    const { poller, bornInto, namespaces, disabledTechniques: without } = this.sandboxes;
    const { uid, root, cgroup, network } = child.slot;
    const folders = cgroup.folder < 0 ? [] : [cgroup.folder];
    poller.requestFork(
      this.token,
      child.token,
      (child.kind === "container" ? namespaces : 0) + bornInto,
      uid,
      FORK_KINDS[child.kind],
      forkBits(without),
      network >= 0,
      [socket, root.fd, ...folders, ...(network < 0 ? [] : [network]), ...cgroup.tasks],
    );
    this.#starting.set(child.token, child);
    this.#watch.asked(child.token);
    if (++this.#forks === FORKS_BEFORE_COLLAPSE && !without.includes("huge-pages")) {
      void collapseOwnMemory(this.sandboxes.native, this.pid, this.#parentPid);
    }
  }

  protected onMessage(text: string): void {
    const packet = parsePacket(text);
    if (packet === undefined) this.kill("sent what is no message");
    else if ("token" in packet) this.#forked(packet);
    else if ("ready" in packet) {
      this.#times = creationTimesOf(this.#startedUs, this.sandboxes.poller.now(), packet.us);
      if (this.pid !== 0) this.#ready(this.#times);
    } else {
      this.reason = packet.failed;
    }
  }

  /** Its parent may tell of its process after it has said itself that it is ready. */
  override onStarted(pid: number): void {
    super.onStarted(pid);
    if (this.#times !== undefined && !this.isDoomed) this.#ready(this.#times);
  }

  #ready(times: CreationTimes): void {
    this.inTime();
    const threads = threadsOf(this.pid);
    const message = threads > 1 ? `${threads} threads: a fork keeps one` : "";
    this.#made?.({ status: "ok", times, message });
    this.#made = undefined;
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
      // Packages that it has imported can write to its socket: who is no child of ours is not killed.
      this.kill((error as Error).message);
      child?.onStartFailed(0);
    }
  }

  /** An import may have left processes behind; children are in slots of their own. */
  protected override endOthers(): void {
    this.sandboxes.cgroups.killIn(this.slot.cgroup);
  }

  protected onEnd(status: EndStatus, why: string): void {
    this.#watch.close();
    for (const child of this.#starting.values())
      child.onStartFailed(0, `its Zygote is gone: ${why}`);
    this.#starting.clear();
    const made = this.#made;
    this.#made = undefined;
    made?.({ status, times: NO_CREATION_TIMES, message: why });
  }
}

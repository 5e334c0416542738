import { isStopped, lookAt } from "../host/look-at.js";
import { type PollerEvent, SIGKILL } from "../host/native.js";
import { KILL_GRACE_MS } from "../host/time-limits.js";
import type { Sandboxes, TokenListener } from "../sandboxes/sandboxes.js";
import type { Slot, SlotPool } from "../sandboxes/slot-pool.js";

/** Something that can fork a child: a Zygote. */
export interface Forker {
  /** A child that it forked has not begun to read its orders in time. */
  onChildSilent(): void;
  fork(child: GuestProcess, socket: number): void;
  /** Calls back now, or when imports that it does in between are done or have failed. */
  whenGrown(act: () => void): void;
}

/** How a process ended that did not do its work. */
export type EndStatus = "failed" | "parent-died";

/** errno values of a send that mean that the Zygote is gone or has closed its socket. */
const NOBODY_THERE: readonly string[] = ["EPIPE", "ECONNRESET", "EBADF"];

/** Time between two searches for a process that exists and whose id nobody has reported. */
const SEARCH_EVERY_MS = 20;
/** Longest time of a timer in Node; a longer one would run out at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A process of ours in a slot, from its creation until nothing of it is left. Its end is reported
 * exactly once, at the latest KILL_GRACE_MS after it was killed. Its slot is released when none of
 * its processes lives and no further one can be born.
 */
export abstract class GuestProcess implements TokenListener {
  /** What the child becomes; a bare one only answers that it lives, and ends. */
  abstract readonly kind: "container" | "zygote" | "bare";
  readonly token: number;
  readonly slot: Slot;
  protected readonly sandboxes: Sandboxes;
  readonly #pool: SlotPool;
  /** 0: its process id is not known yet. */
  #pid = 0;
  /** True when its end has been reported. */
  #isGone = false;
  /** True when its slot has been released. */
  #isReleased = false;
  /** True when it has been killed, perhaps before its process id was known. */
  #isDoomed = false;
  /** The Zygote that was asked to fork it. */
  #parent: Forker | undefined;
  /** True if its Zygote died without a report about it. */
  #hasLostParent = false;
  #timer: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #search: NodeJS.Timeout | undefined;
  #isTimedOut = false;
  /** True when no process has the other end of its socket open. */
  #hasHungUp = false;
  #destroyed: (() => void) | undefined;
  /** Why it ended. */
  protected reason = "";

  constructor(sandboxes: Sandboxes, pool: SlotPool) {
    this.sandboxes = sandboxes;
    this.#pool = pool;
    this.slot = pool.take();
    this.token = sandboxes.listen(this);
  }

  get pid(): number {
    return this.#pid;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /**
   * Starts its process: forked from the Zygote, or a fresh interpreter. Takes over the guest's
   * socket.
   */
  protected start(role: "container" | "zygote", parent: Forker | undefined, socket: number): void {
    const { native } = this.sandboxes;
    const failed = ({ code, message }: NodeJS.ErrnoException) =>
      this.#onNotStarted(NOBODY_THERE.includes(code ?? "") ? "parent-died" : "failed", message);
    if (parent === undefined) {
      this.sandboxes
        .launch(role, this.slot, socket)
        .then((pid) => this.onStarted(pid), failed)
        // a Zygote may have reported the new process as its child
        .catch(({ message }: Error) => this.onStartFailed(0, message))
        .finally(() => native.closeFd(socket));
      return;
    }
    this.#parent = parent;
    parent.whenGrown(() => {
      try {
        parent.fork(this, socket);
      } catch (error) {
        // report the failure asynchronously: the caller has not set its callbacks yet
        queueMicrotask(() => failed(error as Error));
      } finally {
        native.closeFd(socket);
      }
    });
  }

  /** Called when its process id is known. From now on its end is noticed. */
  onStarted(pid: number): void {
    if (this.#pid !== 0 || this.#isReleased) return; // a search has found it already
    this.sandboxes.watchProcess(this.token, pid);
    this.#pid = pid;
    clearTimeout(this.#search);
    if (this.#isDoomed) this.kill("");
  }

  /**
   * Called when its Zygote could not fork it, or is gone (errno 0) and has not reported whether it
   * did.
   */
  onStartFailed(errno: number, why = ""): void {
    if (this.#pid !== 0 || this.#isReleased) return;
    if (errno !== 0) {
      this.#onNotStarted("failed", `its Zygote could not fork (errno ${errno})`);
      return;
    }
    this.#hasLostParent = true;
    this.kill(why);
  }

  /** True when its end has begun: it receives no message any more. */
  protected get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** Kills it unless it answers in time. */
  protected limitTime(ms: number): void {
    this.inTime();
    this.#isTimedOut = false;
    const late = () => {
      this.#isTimedOut = true;
      if (this.#isSilent()) this.#parent?.onChildSilent();
      this.kill(`gave no answer within ${ms} ms`);
    };
    this.#timer = setTimeout(late, Math.min(ms, LONGEST_TIMER_MS));
  }

  /** Whether it has not read what it was sent, although no signal has stopped it. */
  #isSilent(): boolean {
    const look = lookAt(this.#pid);
    const isFree = look !== undefined && !isStopped(look);
    return isFree && this.sandboxes.poller.hasUnread(this.token);
  }

  protected inTime(): void {
    clearTimeout(this.#timer);
  }

  protected get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  /** Kills it, whatever it does and however far its creation is. `onEnd` follows. */
  kill(reason: string): void {
    if (this.reason === "") this.reason = reason;
    if (this.#isReleased) return;
    if (!this.#isDoomed) {
      this.#isDoomed = true;
      this.#grace = setTimeout(() => this.#endUnseen(), KILL_GRACE_MS);
    }
    if (this.#pid === 0) {
      // The socket stays open: when its other end closes, no process of this guest can be born any
      // more.
      this.#searchForIt();
      return;
    }
    // What it still sends is not read.
    this.sandboxes.poller.forget(this.token);
    // A process that v1's freezer has frozen does not die of a signal.
    this.slot.cgroup.thaw();
    this.sandboxes.poller.kill(this.token, SIGKILL);
  }

  /** Ends it, and calls back when it is gone. */
  destroy(destroyed: () => void): void {
    if (this.#isGone) {
      destroyed();
      return;
    }
    this.#destroyed = destroyed;
    this.kill("destroyed");
  }

  /**
   * Ends the other processes in its slot. If it was the first one of a PID namespace, the kernel
   * has done that.
   */
  protected endOthers(): void {}

  onEvent(event: PollerEvent, value: string | number, body?: Buffer): void {
    switch (event) {
      case "frame":
      case "packet":
        // Ignore messages from a guest that we have already decided to kill.
        if (!this.#isDoomed) this.onMessage(value as string, body);
        return;
      case "oversized":
        this.kill(`began a message of ${value} bytes, more than it may send`);
        return;
      case "closed":
        // Most often it is ending, and its exit reports how. If it is not, it is of no use any
        // more.
        this.#hasHungUp = true;
        this.kill("");
        return;
      case "exit": {
        const why = this.#describe(value as number);
        this.#release();
        this.#tellEnd(this.#hasLostParent ? "parent-died" : "failed", why);
        return;
      }
      case "timer":
        return;
    }
  }

  /** Called with each message that it sends. */
  protected abstract onMessage(text: string, body: Buffer | undefined): void;
  /** Called when it has ended, or was killed and is not gone in time. */
  protected abstract onEnd(status: EndStatus, why: string): void;

  /**
   * Searches for the process of a guest that is killed before anybody has reported its id. The
   * process is in the guest's cgroup if its Zygote stopped after the fork, or if its program never
   * began. If the Zygote is dead and no process has the socket open, there is no process and will
   * be none.
   */
  #searchForIt(): void {
    clearTimeout(this.#search);
    for (const pid of this.sandboxes.cgroups.processesIn(this.slot.cgroup)) {
      try {
        this.onStarted(pid);
        return;
      } catch {
        // it is another process's child, so we cannot wait for it
        this.sandboxes.cgroups.killIn(this.slot.cgroup);
      }
    }
    if (this.#hasLostParent && this.#hasHungUp)
      this.#onNotStarted("parent-died", "its Zygote died");
    else this.#search = setTimeout(() => this.#searchForIt(), SEARCH_EVERY_MS);
  }

  /** Ends it if its process was never started. */
  #onNotStarted(status: EndStatus, message: string): void {
    if (this.#isReleased || this.#pid !== 0) return;
    if (this.reason === "") this.reason = message;
    this.#release();
    this.#tellEnd(status, this.reason);
  }

  /** Reports its end when it was killed and is not gone. Its slot stays taken until it is gone. */
  #endUnseen(): void {
    // A Zygote that has not answered until now was killed for it.
    const isUnborn = this.#parent !== undefined && this.#pid === 0;
    const status = this.#hasLostParent || isUnborn ? "parent-died" : "failed";
    const why = this.reason === "" ? "closed its connection" : this.reason;
    this.#tellEnd(status, `${why}, and was not gone ${KILL_GRACE_MS} ms after it was killed`);
  }

  /** Releases the slot. */
  #release(): void {
    this.#isReleased = true;
    clearTimeout(this.#search);
    clearTimeout(this.#grace);
    this.sandboxes.forget(this.token);
    this.endOthers();
    this.#pool.give(this.slot);
  }

  #tellEnd(status: EndStatus, why: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.inTime();
    this.reason = why;
    this.onEnd(status, why);
    this.#destroyed?.();
  }

  #describe(code: number): string {
    if (this.slot.cgroup.wasOutOfMemory) return "ran out of memory and was killed";
    if (this.reason !== "") return this.reason;
    if (code === -SIGKILL && this.#hasHungUp) return "was killed, or closed its connection";
    return code < 0 ? `ended by signal ${-code}` : `ended with exit code ${code}`;
  }
}

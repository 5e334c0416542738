import { type PollerEvent, SIGKILL } from "../host/native.js";
import { KILL_GRACE_MS } from "../host/time-limits.js";
import type { Sandboxes, TokenListener } from "../sandboxes/sandboxes.js";
import type { Slot, SlotPool } from "../sandboxes/slot-pool.js";

/** Makes a process by forking. */
export interface Forker {
  fork(child: GuestProcess, socket: number): void;
}

/** How a process ended that did not do what it was made for. */
export type EndStatus = "failed" | "parent-died";

/** What sending to a Zygote comes to that has died, is about to, or has hung up. */
const NOBODY_THERE: readonly string[] = ["EPIPE", "ECONNRESET", "EBADF"];

/** Between two looks for a process that was made and that nobody has named. */
const SEARCH_EVERY_MS = 20;
/** Longest time a timer of Node takes; a longer one would run out at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A process of ours in a slot, from its making until nothing of it is left. Its end is told exactly
 * once, at the latest some time after it was killed; its slot is given back when nothing of it lives
 * and nothing of it can be born any more.
 */
export abstract class GuestProcess implements TokenListener {
  /** What a fork makes of it; a bare one only says a word and ends. */
  abstract readonly kind: "container" | "zygote" | "bare";
  readonly token: number;
  readonly slot: Slot;
  protected readonly sandboxes: Sandboxes;
  readonly #pool: SlotPool;
  /** 0: not known yet. */
  #pid = 0;
  /** Its end was told. */
  #isGone = false;
  /** Its slot was given back. */
  #isReleased = false;
  /** It was killed, perhaps before its process id was known. */
  #isDoomed = false;
  /** A Zygote was asked for it. */
  #isForked = false;
  /** Its Zygote died before it had told of it. */
  #hasLostParent = false;
  #timer: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;
  #search: NodeJS.Timeout | undefined;
  #isTimedOut = false;
  /** Nobody holds the other end of its socket. */
  #hasHungUp = false;
  #destroyed: (() => void) | undefined;
  /** Why it ended, if it did not say so itself. */
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

  /** Makes its process: forked from the Zygote, or a fresh interpreter. Takes the guest's socket. */
  protected start(role: "container" | "zygote", parent: Forker | undefined, socket: number): void {
    const { native } = this.sandboxes;
    const failed = ({ code, message }: NodeJS.ErrnoException) =>
      this.#onNotStarted(NOBODY_THERE.includes(code ?? "") ? "parent-died" : "failed", message);
    if (parent === undefined) {
      this.sandboxes
        .launch(role, this.slot, socket)
        .then((pid) => this.onStarted(pid), failed)
        .finally(() => native.closeFd(socket));
      return;
    }
    this.#isForked = true;
    try {
      parent.fork(this, socket);
    } catch (error) {
      // as late as any other end: who begins it has not said yet what it is to be, or whom to tell
      queueMicrotask(() => failed(error as Error));
    } finally {
      native.closeFd(socket);
    }
  }

  /** Its process id is known: from now on its end is heard. */
  onStarted(pid: number): void {
    if (this.#pid !== 0 || this.#isReleased) return; // it was found before it was named
    this.sandboxes.poller.watchProcess(this.token, pid);
    this.#pid = pid;
    clearTimeout(this.#search);
    if (this.#isDoomed) this.kill("");
  }

  /** Its Zygote could not fork it, or is gone (errno 0) and did not tell whether it has. */
  onStartFailed(errno: number, why = ""): void {
    if (this.#pid !== 0 || this.#isReleased) return;
    if (errno !== 0) {
      this.#onNotStarted("failed", `its Zygote could not fork (errno ${errno})`);
      return;
    }
    this.#hasLostParent = true;
    this.kill(why);
  }

  /** Its end has begun: nothing that it is sent arrives. */
  protected get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** Kills it unless it does what it was asked for in time. */
  protected limitTime(ms: number): void {
    this.inTime();
    this.#isTimedOut = false;
    const late = () => {
      this.#isTimedOut = true;
      this.kill(`gave no answer within ${ms} ms`);
    };
    this.#timer = setTimeout(late, Math.min(ms, LONGEST_TIMER_MS));
  }

  protected inTime(): void {
    clearTimeout(this.#timer);
  }

  protected get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  /** Ends it, whatever it does and however far its making is; `ended` follows. */
  kill(reason: string): void {
    if (this.reason === "") this.reason = reason;
    if (this.#isReleased) return;
    if (!this.#isDoomed) {
      this.#isDoomed = true;
      this.#grace = setTimeout(() => this.#endUnseen(), KILL_GRACE_MS);
    }
    if (this.#pid === 0) {
      // Its socket stays open: that the other end closes says that nothing of it can be born.
      this.#searchForIt();
      return;
    }
    // What it goes on to send is not even read.
    this.sandboxes.poller.forget(this.token);
    // A task frozen by v1's freezer does not die of a signal.
    this.slot.cgroup.thaw();
    this.sandboxes.poller.kill(this.token, SIGKILL);
  }

  /** Ends it, and tells when it is gone. */
  destroy(destroyed: () => void): void {
    if (this.#isGone) {
      destroyed();
      return;
    }
    this.#destroyed = destroyed;
    this.kill("destroyed");
  }

  /** Ends whoever else is in its slot: nobody, if it was the first of a PID namespace. */
  protected endOthers(): void {}

  onEvent(event: PollerEvent, value: string | number): void {
    switch (event) {
      case "frame":
      case "packet":
        // What it sent before it dies for what it did before is not listened to.
        if (!this.#isDoomed) this.onMessage(value as string);
        return;
      case "oversized":
        this.kill(`began a message of ${value} bytes, more than it may send`);
        return;
      case "closed":
        // Most often it is ending, and its exit says how; one that is not has no use any more.
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

  /** It sent a message. */
  protected abstract onMessage(text: string): void;
  /** It has ended, or is as good as gone. */
  protected abstract onEnd(status: EndStatus, why: string): void;

  /**
   * Looks for the process of one that is killed before anybody has named it. It is in its cgroup if
   * its Zygote stopped after the fork or its program never began. If its Zygote is dead and nobody
   * holds its socket, there is none and will be none.
   */
  #searchForIt(): void {
    clearTimeout(this.#search);
    for (const pid of this.sandboxes.cgroups.processesIn(this.slot.cgroup)) {
      try {
        this.onStarted(pid);
        return;
      } catch {
        this.sandboxes.cgroups.killIn(this.slot.cgroup); // somebody else's child: it is not ours to wait for
      }
    }
    if (this.#hasLostParent && this.#hasHungUp)
      this.#onNotStarted("parent-died", "its Zygote died");
    else this.#search = setTimeout(() => this.#searchForIt(), SEARCH_EVERY_MS);
  }

  /** It came to no process. */
  #onNotStarted(status: EndStatus, message: string): void {
    if (this.#isReleased || this.#pid !== 0) return;
    if (this.reason === "") this.reason = message;
    this.#release();
    this.#tellEnd(status, this.reason);
  }

  /** It was killed and is not gone: its end is told, and its slot stays taken until it is. */
  #endUnseen(): void {
    // A Zygote that has not answered until now was killed for that.
    const isUnborn = this.#isForked && this.#pid === 0;
    const status = this.#hasLostParent || isUnborn ? "parent-died" : "failed";
    const why = this.reason === "" ? "hung up" : this.reason;
    this.#tellEnd(status, `${why}, and was not gone ${KILL_GRACE_MS} ms after it was killed`);
  }

  /** Gives the slot back. */
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

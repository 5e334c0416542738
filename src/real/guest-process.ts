import type { Listener, Machine } from "./machine.js";
import { type PollerEvent, SIGKILL } from "./native.js";
import type { Slot, SlotPool } from "./pools.js";

/** Whoever can make a process by forking. */
export interface Forker {
  fork(child: GuestProcess, socket: number): void;
}

/** What sending to a Zygote comes to that has died, is about to, or has hung up. */
const NOBODY_THERE: readonly string[] = ["EPIPE", "ECONNRESET", "EBADF"];

/** A process of ours in a slot, from its making until nothing of it is left. */
export abstract class GuestProcess implements Listener {
  /** What a fork makes of it; a bare one only says a word and ends. */
  abstract readonly kind: "container" | "zygote" | "bare";
  readonly token: number;
  readonly slot: Slot;
  protected readonly machine: Machine;
  readonly #pool: SlotPool;
  /** 0: not known yet. */
  #pid = 0;
  #isGone = false;
  /** Killed before its process id was known. */
  #isDoomed = false;
  #timer: NodeJS.Timeout | undefined;
  #isTimedOut = false;
  #hasHungUp = false;
  /** Why it ended, if it did not say so itself. */
  protected reason = "";

  constructor(machine: Machine, pool: SlotPool) {
    this.machine = machine;
    this.#pool = pool;
    this.slot = pool.take();
    this.token = machine.listen(this);
  }

  get pid(): number {
    return this.#pid;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** Makes its process: forked from the Zygote, or a fresh interpreter. Takes the guest's socket. */
  protected start(role: "container" | "zygote", parent: Forker | undefined, socket: number): void {
    const { native } = this.machine;
    const failed = ({ code, message }: NodeJS.ErrnoException) =>
      this.giveUp(NOBODY_THERE.includes(code ?? "") ? "parent-died" : "failed", message);
    if (parent === undefined) {
      this.machine
        .launch(role, this.slot, socket)
        .then((pid) => this.born(pid), failed)
        .finally(() => native.closeFd(socket));
      return;
    }
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
  born(pid: number): void {
    this.#pid = pid;
    this.machine.poller.watchProcess(this.token, pid);
    if (this.#isDoomed) this.kill("");
  }

  /** Its end is under way: nothing that it is sent arrives. */
  protected get isDoomed(): boolean {
    return this.#isDoomed;
  }

  /** Kills it unless it does what it was asked for in time. */
  protected limitTime(ms: number): void {
    this.#isTimedOut = false;
    this.#timer = setTimeout(() => {
      this.#isTimedOut = true;
      this.kill(`gave no answer within ${ms} ms`);
    }, ms);
  }

  protected inTime(): void {
    clearTimeout(this.#timer);
  }

  protected get isTimedOut(): boolean {
    return this.#isTimedOut;
  }

  /** Ends it, whatever it does; `ended` follows. */
  kill(reason: string): void {
    if (this.reason === "") this.reason = reason;
    this.#isDoomed = true;
    // What it goes on to send is not even read.
    this.machine.poller.forget(this.token);
    if (this.#isGone || this.#pid === 0) return;
    // A task frozen by v1's freezer does not die of a signal.
    this.slot.cgroup.thaw();
    this.machine.poller.kill(this.token, SIGKILL);
  }

  /** Gives the slot back; for one that never had a process, too. */
  protected release(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.inTime();
    this.machine.forget(this.token);
    this.endOthers();
    this.#pool.give(this.slot);
  }

  /** Ends whoever else is in its slot: nobody, where it was the first of a PID namespace. */
  protected endOthers(): void {}

  heard(event: PollerEvent, value: string | number): void {
    switch (event) {
      case "frame":
      case "packet":
        // What it sent before it dies for what it did before is not listened to.
        if (!this.#isDoomed) this.told(value as string);
        return;
      case "oversized":
        this.kill(`sent ${value} bytes at once, more than it may`);
        return;
      case "closed":
        // Most often it is ending, and its exit says how; one that is not has no use any more.
        this.#hasHungUp = true;
        this.kill("");
        return;
      case "exit": {
        const why = this.#describe(value as number);
        this.release();
        this.ended(why);
        return;
      }
      case "timer":
        return;
    }
  }

  /** Its Zygote died (errno 0), or could not fork it. */
  abstract notBorn(errno: number): void;
  /** It came to no process. */
  protected abstract giveUp(status: "failed" | "parent-died", message: string): void;
  /** It sent a message. */
  protected abstract told(text: string): void;
  /** It is gone and its slot is free. */
  protected abstract ended(why: string): void;

  #describe(code: number): string {
    if (this.slot.cgroup.wasOutOfMemory) return "ran out of memory and was killed";
    if (this.reason !== "") return this.reason;
    if (code === -SIGKILL && this.#hasHungUp) return "was killed, or closed its connection";
    return code < 0 ? `ended by signal ${-code}` : `ended with exit code ${code}`;
  }
}

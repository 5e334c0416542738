import { IN_CONTAINER } from "../sandboxes/base-root.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { type EndStatus, GuestProcess } from "./guest-process.js";
import { type GuestMessage, parseGuestMessage } from "./messages.js";
import {
  type CreationEnd,
  creationTimesOf,
  NO_CREATION_TIMES,
  type Stamps,
  type Zygote,
} from "./zygote.js";

/** What a container is to be. */
export interface ContainerSpec {
  /** Folder with `f.py`. */
  readonly code: string;
  /** Entries of sys.path, as the container sees them. */
  readonly paths: readonly string[];
  /** Modules to import before the handler is loaded. */
  readonly modules: readonly string[];
}

/** What compiling came to: the bytes of an `f.pyc`, or why there are none. */
export interface Compiled {
  readonly bytes: Buffer | undefined;
  /** Why there are no bytes. */
  readonly message: string;
  /** Whether Python refused the source; otherwise something else failed. */
  readonly isSourceFault: boolean;
}

/** How one invocation ended. */
export interface InvocationEnd {
  readonly status: "ok" | "failed" | "timed-out";
  /** `ok`, `exception`, `exit`, `oversized` from the guest; `died`, `timed-out` from us. */
  readonly outcome: string;
  /** One line; empty for `ok`. */
  readonly message: string;
  readonly answer: unknown;
  readonly stdout: string;
  readonly stderr: string;
  /** Wall time the handler ran. */
  readonly runUs: number;
  /** From the request to the handler's first line, for a container that was paused. */
  readonly resumeUs: number;
}

/** In place of the modules to import, as native/guest/guest.py has it. */
const COMPILE = "?";

/** A reply holds an answer of the allowed length, its output, and little else. */
const REPLY_MARGIN_BYTES = 64 * 1024;
const MOST_BYTES_PER_CHAR = 6;

/** One container: a confined process that serves one function. One operation at a time. */
export class Container extends GuestProcess {
  readonly kind = "container";
  #startedUs = 0;
  #stamps: Stamps | undefined;
  #made: ((made: CreationEnd) => void) | undefined;
  #ran: ((ran: InvocationEnd) => void) | undefined;
  #compiled: ((made: Compiled) => void) | undefined;
  #warmth: "cold" | "warming" | "warm" = "cold";
  #wasPaused = false;
  /** The guest's end of its socket, open until it begins. */
  readonly #far: number;

  constructor(sandboxes: Sandboxes) {
    super(sandboxes, sandboxes.containerSlots);
    const { answerBytes, outputChars } = sandboxes.answers;
    const largest = answerBytes + 2 * MOST_BYTES_PER_CHAR * outputChars + REPLY_MARGIN_BYTES;
    const [near, far] = sandboxes.native.socketPair(false);
    sandboxes.poller.watchStream(this.token, near, largest);
    this.#far = far;
  }

  /**
   * Starts a process for it: forked from the Zygote, or a fresh interpreter. What it is to be can be
   * told before, and waits in its socket, or later.
   */
  begin(parent: Zygote | undefined): void {
    this.start("container", parent, this.#far);
  }

  /** Lets it walk the path of a start and an invocation once, before it is anybody's. */
  warm(): void {
    this.#warmth = "warming";
    this.limitTime(this.sandboxes.makeTimeoutMs);
    this.sandboxes.poller.send(this.token, "warm");
  }

  /** Says what it is to be. `startedUs`: since when its maker waits. */
  assign(
    { code, paths, modules }: ContainerSpec,
    startedUs: number,
    timeoutMs: number,
    made: (made: CreationEnd) => void,
  ): void {
    this.#made = made;
    this.#startedUs = startedUs;
    this.#order(code, paths.join(" "), modules.join(" "), timeoutMs);
  }

  /**
   * In place of becoming a function's: compiles the `f.py` in a folder and runs nothing of it. Tells the
   * bytes of an `f.pyc`, or why there are none; then it can only be destroyed.
   */
  compile(code: string, timeoutMs: number, compiled: (made: Compiled) => void): void {
    this.#compiled = compiled;
    this.#order(code, "", COMPILE, timeoutMs);
  }

  /** Shows it a function's code, and says what for. */
  #order(code: string, paths: string, modules: string, timeoutMs: number): void {
    if (this.isDoomed) return; // `onEnd` will tell
    this.limitTime(timeoutMs);
    try {
      this.slot.root.show(code, IN_CONTAINER.handler, true);
    } catch (error) {
      this.kill((error as Error).message);
      return;
    }
    this.sandboxes.poller.send(this.token, ["/handler", paths, modules].join("\t"));
  }

  /** Serves one request: `{"event": ..., "env": {...}}` as JSON. */
  run(
    request: string,
    resumes: boolean,
    timeoutMs: number,
    ran: (ran: InvocationEnd) => void,
  ): void {
    this.#ran = ran;
    if (this.isGone) {
      this.#endRun("failed", "died", this.reason);
      return;
    }
    this.#startedUs = this.sandboxes.poller.now();
    this.#wasPaused = resumes;
    this.limitTime(timeoutMs);
    if (this.isDoomed) return; // `onEnd` will tell
    if (resumes) this.slot.cgroup.thaw();
    this.sandboxes.poller.send(this.token, request);
  }

  pause(): void {
    // A frozen process would not die.
    if (!this.isDoomed) this.slot.cgroup.freeze();
  }

  /** It has warmed up, has a process, and may become any function's. */
  get isWarm(): boolean {
    return this.#warmth === "warm" && this.pid !== 0 && !this.isDoomed;
  }

  override onStarted(pid: number): void {
    super.onStarted(pid);
    if (this.#stamps !== undefined && !this.isDoomed) this.#ready(this.#stamps);
  }

  protected onMessage(text: string): void {
    const frame = parseGuestMessage(text);
    // Each message counts where it is waited for, and once: a handler can write to its socket, too.
    if (frame === undefined) this.kill("sent what is no message");
    else if (frame.ready === true && this.#isBecoming) this.#ready(frame.us as Stamps);
    else if (frame.warm === true && this.#warmth === "warming") this.#warmed();
    else if (typeof frame.compiled === "string" && this.#compiled !== undefined) {
      this.#finishCompiling(frame.compiled);
    } else if (typeof frame.uncompilable === "string" && this.#compiled !== undefined) {
      this.#finishCompiling(undefined, frame.uncompilable, true);
    } else if (frame.outcome !== undefined && this.#ran !== undefined) this.#replied(frame);
    else this.kill(frame.failed ?? "sent what it was not asked for");
  }

  protected onEnd(status: EndStatus, why: string): void {
    this.#finishMaking({ status, times: NO_CREATION_TIMES, message: why });
    this.#finishCompiling(undefined, why);
    if (this.isTimedOut) this.#endRun("timed-out", "timed-out", why);
    else this.#endRun("failed", "died", why);
  }

  #warmed(): void {
    this.inTime();
    this.#warmth = "warm";
  }

  get #isBecoming(): boolean {
    return this.#made !== undefined && this.#stamps === undefined;
  }

  #ready(stamps: Stamps): void {
    this.#stamps = stamps;
    if (this.pid === 0 || this.isDoomed) return;
    const nowUs = this.sandboxes.poller.now();
    this.#finishMaking({
      status: "ok",
      times: creationTimesOf(this.#startedUs, nowUs, stamps),
      message: "",
    });
  }

  #finishCompiling(base64: string | undefined, message = "", isSourceFault = false): void {
    if (this.#compiled === undefined) return;
    this.inTime();
    const tell = this.#compiled;
    this.#compiled = undefined;
    const bytes = base64 === undefined ? undefined : Buffer.from(base64, "base64");
    tell({ bytes, message, isSourceFault });
  }

  #finishMaking(made: CreationEnd): void {
    this.inTime();
    const tell = this.#made;
    this.#made = undefined;
    tell?.(made);
  }

  #replied(frame: GuestMessage): void {
    const nowUs = this.sandboxes.poller.now();
    const within = (us: number) => Math.min(nowUs, Math.max(this.#startedUs, us));
    const [beganUs, endedUs] = frame.us!.map(within) as [number, number];
    this.#finishRun({
      status: frame.outcome === "ok" ? "ok" : "failed",
      outcome: frame.outcome!,
      message: frame.error ?? "",
      answer: frame.answer,
      stdout: frame.stdout ?? "",
      stderr: frame.stderr ?? "",
      runUs: Math.max(0, endedUs - beganUs),
      resumeUs: this.#wasPaused ? beganUs - this.#startedUs : 0,
    });
  }

  /** Ends a run that has no reply. */
  #endRun(status: "failed" | "timed-out", outcome: string, message: string): void {
    const runUs = Math.max(0, this.sandboxes.poller.now() - this.#startedUs);
    this.#finishRun({
      status,
      outcome,
      message,
      answer: null,
      stdout: "",
      stderr: "",
      runUs,
      resumeUs: 0,
    });
  }

  #finishRun(ran: InvocationEnd): void {
    this.inTime();
    const tell = this.#ran;
    this.#ran = undefined;
    tell?.(ran);
  }
}

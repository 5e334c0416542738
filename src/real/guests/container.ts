import { IN_CONTAINER } from "../sandboxes/base-root.js";
import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { AnswerPieces } from "./answer-pieces.js";
import { type Compiled, uncompiled } from "./compiled.js";
import type { ContainerSpec, InvocationEnd } from "./container-work.js";
import {
  type CreationEnd,
  creationTimesOf,
  NO_CREATION_TIMES,
  type Stamps,
} from "./creation-times.js";
import { type EndStatus, GuestProcess } from "./guest-process.js";
import type { GuestRequest } from "./guest-request.js";
import { faultOf, type GuestMessage, isOutput, parseGuestMessage } from "./messages.js";
import { namedImportsOf } from "./named-imports.js";
import { SaidSoFar } from "./said-so-far.js";
import type { Zygote } from "./zygote.js";

/**
 * Sent instead of the modules to import: the order to compile. native/guest/guest.py has the same
 * word.
 */
const COMPILE = "?";

/** A reply contains an answer of the allowed length, the output, and little else. */
const REPLY_MARGIN_BYTES = 64 * 1024;
const MOST_BYTES_PER_CHAR = 6;
/** The guest's note of how much output is left out. */
const NOTE_CHARS = 64;

/** A container: a confined process that serves one function, one operation at a time. */
export class Container extends GuestProcess {
  readonly kind = "container";
  #startedUs = 0;
  #thawUs = 0;
  #stamps: Stamps | undefined;
  #onCreated: ((creation: CreationEnd) => void) | undefined;
  #onRunEnd: ((end: InvocationEnd) => void) | undefined;
  /** The pieces of the current answer; undefined: no request runs. */
  #pieces: AnswerPieces | undefined;
  #isApplication = false;
  #onCompiled: ((compiled: Compiled) => void) | undefined;
  #onSeen: ContainerSpec["onSeen"];
  readonly #said: SaidSoFar;
  #warmth: "cold" | "warming" | "warm" = "cold";
  /** Waits until the container's /proc is mounted: the first code of the function may read it. */
  #order = "";
  /** The guest's end of the socket, open until the guest begins. */
  readonly #far: number;

  constructor(sandboxes: Sandboxes) {
    super(sandboxes, sandboxes.containerSlots);
    const { answerBytes, outputChars } = sandboxes.answers;
    const largest = answerBytes + 2 * MOST_BYTES_PER_CHAR * outputChars + REPLY_MARGIN_BYTES;
    this.#said = new SaidSoFar(outputChars + NOTE_CHARS);
    const [near, far] = sandboxes.native.socketPair(false);
    sandboxes.poller.watchStream(this.token, near, largest);
    this.#far = far;
  }

  /**
   * Starts the container's process: forked from the Zygote, or a fresh interpreter. `assign` may be
   * called before or after this: an early order waits in the socket.
   */
  begin(parent: Zygote | undefined): void {
    this.start("container", parent, this.#far);
  }

  /**
   * Performs the steps of a start and of an invocation once, before the container belongs to a
   * function.
   */
  warm(): void {
    this.#warmth = "warming";
    this.limitTime(this.sandboxes.makeTimeoutMs);
    this.sandboxes.poller.send(this.token, "warm");
  }

  /** Makes it the container of a function. `startedUs`: when the caller began to wait for it. */
  assign(
    { code, paths, modules, settings = "", onSeen }: ContainerSpec,
    startedUs: number,
    timeoutMs: number,
    onCreated: (creation: CreationEnd) => void,
  ): void {
    this.#onCreated = onCreated;
    this.#startedUs = startedUs;
    this.#onSeen = onSeen;
    this.#give(code, [paths.join(" "), modules.join(" "), settings], timeoutMs);
  }

  /**
   * Compiles the handler in a folder and runs none of its code. The container never serves a
   * function: after `onCompiled` was called, it can only be destroyed.
   */
  compile(
    code: string,
    settings: string,
    timeoutMs: number,
    onCompiled: (compiled: Compiled) => void,
  ): void {
    this.#onCompiled = onCompiled;
    this.#give(code, ["", COMPILE, settings], timeoutMs);
  }

  /** Mounts a function's code in the container, and sends the order. */
  #give(code: string, rest: readonly [string, string, string], timeoutMs: number): void {
    if (this.isDoomed) return; // `onEnd` will report it
    this.limitTime(timeoutMs);
    try {
      this.slot.root.show(code, IN_CONTAINER.handler, true);
    } catch (error) {
      this.kill((error as Error).message);
      return;
    }
    const [paths, modules, settings] = rest;
    const looks = this.#onSeen === undefined ? "" : "+";
    this.#order = ["/handler", paths, modules, looks, settings].join("\t");
    if (this.pid !== 0 || !this.sandboxes.showsProcesses) this.#sendOrder();
  }

  #sendOrder(): void {
    if (this.#order !== "") this.sandboxes.poller.send(this.token, this.#order);
    this.#order = "";
  }

  /** Serves one request. */
  run(
    { line, body, http, onPiece }: GuestRequest,
    resumes: boolean,
    timeoutMs: number,
    onRunEnd: (end: InvocationEnd) => void,
  ): void {
    this.#onRunEnd = onRunEnd;
    this.#pieces = new AnswerPieces(onPiece, (reply) => {
      if (!this.isDoomed) this.sandboxes.poller.send(this.token, reply);
    });
    if (this.isGone) {
      this.#endRun("failed", "died", this.reason);
      return;
    }
    this.#startedUs = this.sandboxes.poller.now();
    this.#thawUs = 0;
    this.limitTime(timeoutMs);
    if (this.isDoomed) return; // `onEnd` will report it
    if (resumes) this.#thaw();
    const text = this.#isApplication
      ? `${line.slice(0, -1)},"http":${JSON.stringify(http)}}`
      : line;
    this.sandboxes.poller.send(this.token, text, body);
  }

  #thaw(): void {
    const beganUs = this.sandboxes.poller.now();
    this.slot.cgroup.thaw();
    this.#thawUs = this.sandboxes.poller.now() - beganUs;
  }

  pause(): void {
    // A process that v1's freezer has frozen does not die.
    if (!this.isDoomed) this.slot.cgroup.freeze();
  }

  /** Whether it has warmed up, has a process, and can be assigned to any function. */
  get isWarm(): boolean {
    return this.#warmth === "warm" && this.pid !== 0 && !this.isDoomed;
  }

  override onStarted(pid: number): void {
    if (this.pid !== 0) return;
    super.onStarted(pid);
    if (this.pid === 0 || this.isDoomed) return;
    const fault = this.sandboxes.showProcesses(this.slot, pid);
    if (fault === "") this.#sendOrder();
    else this.kill(fault);
    if (this.#stamps !== undefined && !this.isDoomed) this.#ready(this.#stamps);
  }

  protected onMessage(text: string, body: Buffer | undefined): void {
    const frame = parseGuestMessage(text);
    if (frame !== undefined) this.#said.add(frame);
    // A message counts only once, and only while it is expected: a handler can write to this socket
    // too.
    if (frame === undefined) this.kill("sent something that is not a message");
    else if (frame.ready === true && this.#isBecoming) {
      this.#isApplication = frame.application === true;
      this.#ready(frame.us as Stamps);
    } else if (frame.piece === true && this.#pieces?.isReady === true) {
      const fault = this.#pieces.passOn(frame.http, body);
      if (fault !== undefined) this.kill(fault);
    } else if (frame.warm === true && this.#warmth === "warming") this.#warmed();
    else if (typeof frame.compiled === "string" && this.#onCompiled !== undefined) {
      this.#finishCompiling({
        bytes: Buffer.from(frame.compiled, "base64"),
        named: namedImportsOf(frame),
        message: "",
        isSourceFault: false,
        hasLostParent: false,
      });
    } else if (typeof frame.uncompilable === "string" && this.#onCompiled !== undefined) {
      this.#finishCompiling(uncompiled(frame.uncompilable, true));
    } else if (Array.isArray(frame.seen) && this.#onSeen !== undefined) this.#onSeen(frame.seen);
    else if (frame.outcome !== undefined && this.#onRunEnd !== undefined) {
      this.#replied(frame, body);
    } else if (!isOutput(frame))
      this.kill(frame.failed ?? "sent a message that it was not asked for");
  }

  protected onEnd(status: EndStatus, why: string): void {
    if (this.#onCreated !== undefined) {
      const said = this.#said.take();
      this.#finishCreation({ status, times: NO_CREATION_TIMES, message: why, said });
    }
    this.#finishCompiling(uncompiled(why, false, status === "parent-died"));
    if (this.isTimedOut) this.#endRun("timed-out", "timed-out", why);
    else this.#endRun("failed", "died", why);
  }

  #warmed(): void {
    this.inTime();
    this.#warmth = "warm";
  }

  get #isBecoming(): boolean {
    return this.#onCreated !== undefined && this.#stamps === undefined;
  }

  #ready(stamps: Stamps): void {
    this.#stamps = stamps;
    if (this.pid === 0 || this.isDoomed) return;
    const nowUs = this.sandboxes.poller.now();
    this.#finishCreation({
      status: "ok",
      times: creationTimesOf(this.#startedUs, nowUs, stamps),
      message: "",
    });
  }

  #finishCompiling(compiled: Compiled): void {
    if (this.#onCompiled === undefined) return;
    this.inTime();
    const onCompiled = this.#onCompiled;
    this.#onCompiled = undefined;
    onCompiled(compiled);
  }

  #finishCreation(creation: CreationEnd): void {
    this.inTime();
    const onCreated = this.#onCreated;
    this.#onCreated = undefined;
    onCreated?.(creation);
  }

  #replied(frame: GuestMessage, answer: Buffer | undefined): void {
    const nowUs = this.sandboxes.poller.now();
    const within = (us: number) => Math.min(nowUs, Math.max(this.#startedUs, us));
    const [beganUs, endedUs] = frame.us!.map(within) as [number, number];
    const runUs = Math.max(0, endedUs - beganUs);
    const fault = frame.http && faultOf(frame.http);
    const outcome = fault === undefined ? frame.outcome! : "exception";
    this.#finishRun({
      status: outcome === "ok" ? "ok" : "failed",
      outcome,
      message: fault ?? frame.error ?? "",
      answer: fault === undefined ? answer : undefined,
      http: frame.http,
      ...this.#said.take(),
      runUs,
      thawUs: this.#thawUs,
    });
  }

  /** Ends a run that got no reply. */
  #endRun(status: "failed" | "timed-out", outcome: string, message: string): void {
    const runUs = Math.max(0, this.sandboxes.poller.now() - this.#startedUs);
    this.#finishRun({
      status,
      outcome,
      message,
      answer: undefined,
      http: undefined,
      ...this.#said.take(),
      runUs,
      thawUs: this.#thawUs,
    });
  }

  #finishRun(end: InvocationEnd): void {
    this.inTime();
    this.#onSeen = undefined; // only the first call tells
    const onRunEnd = this.#onRunEnd;
    this.#pieces?.end();
    this.#onRunEnd = this.#pieces = undefined;
    onRunEnd?.(end);
  }
}

import { assert, unreachable } from "../basics/errors.js";
import { NONE } from "../basics/none.js";
import { US_PER_MINUTE } from "../basics/units.js";
import { type Completion, PHASES } from "../contract/backend.js";
import type { MemoryTotals } from "../contract/memory-totals.js";
import {
  COMPLETED,
  DELAYED_WARM,
  FAILED,
  OUTCOMES,
  RESUMED,
  TIMED_OUT,
  WARM,
} from "../contract/observer.js";
import type { Overload } from "../contract/overload.js";
import type { ContainerId, View } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { Acts } from "./acts.js";
import * as followUp from "./follow-ups.js";
import { HandlerCache } from "./handler-cache.js";
import { InstallCache } from "./install-cache.js";
import { MeasuredMemory } from "./measured-memory.js";
import { Prewarmer } from "./prewarmer.js";
import { Provisioner } from "./provisioner.js";
import { Reclaimer } from "./reclaimer.js";
import { Runs } from "./runs.js";
import { Starts } from "./starts.js";
import { type EngineSetup, EngineState } from "./state.js";
import { BUSY, IDLE, PAUSED, PAUSING } from "./tables/container-table.js";
import { Timers } from "./timers.js";
import { ZygoteMaker } from "./zygote-maker.js";

const INSTALL = PHASES.indexOf("install");
const RESUME = PHASES.indexOf("resume");

/**
 * Makes all decisions for one machine, as a deterministic state machine. Events with times that
 * never go back come in; operations for a backend and facts for an observer go out. It reads no
 * clock, file or random source, so equal events yield equal operations.
 *
 * Of the events at one time, hand in completions first, then arrivals, then wakes.
 */
export class Engine {
  readonly #state: EngineState;
  readonly #reclaimer: Reclaimer;
  readonly #measured: MeasuredMemory;
  readonly #installer: InstallCache;
  readonly #zygoteMaker: ZygoteMaker;
  readonly #provisioner: Provisioner;
  readonly #timers: Timers;
  readonly #prewarmer: Prewarmer;
  readonly #acts: Acts;
  readonly #handlers: HandlerCache;
  readonly #runs: Runs;
  readonly #starts: Starts;
  #nextMinuteUs = US_PER_MINUTE;

  constructor(setup: EngineSetup) {
    this.#state = new EngineState(setup);
    this.#timers = new Timers(
      this.#state.containers,
      this.#state.invocations,
      setup.functions.length,
    );
    this.#installer = new InstallCache(this.#state);
    this.#reclaimer = new Reclaimer(this.#state, this.#installer);
    this.#acts = new Acts(this.#state, this.#reclaimer);
    this.#measured = new MeasuredMemory(this.#state, this.#reclaimer);
    this.#zygoteMaker = new ZygoteMaker(this.#state, this.#installer, this.#reclaimer);
    this.#provisioner = new Provisioner(
      this.#state,
      this.#installer,
      this.#reclaimer,
      this.#zygoteMaker,
    );
    this.#prewarmer = new Prewarmer(this.#state, this.#provisioner, this.#timers);
    this.#handlers = new HandlerCache(this.#state, this.#reclaimer, this.#timers, this.#prewarmer);
    this.#runs = new Runs(this.#state, this.#handlers);
    this.#starts = new Starts({
      state: this.#state,
      timers: this.#timers,
      reclaimer: this.#reclaimer,
      zygoteMaker: this.#zygoteMaker,
      provisioner: this.#provisioner,
      prewarmer: this.#prewarmer,
      runs: this.#runs,
      acts: this.#acts,
    });
  }

  /** The state that policies see. */
  get view(): View {
    return this.#state;
  }

  /** Hash over all operations so far and their times. */
  get digest(): string {
    return this.#state.operations.digest;
  }

  /** Invocations that have arrived but not ended. */
  get pending(): number {
    return this.#state.invocations.count;
  }

  memoryTotals(): MemoryTotals {
    return this.#state.memory.totals(this.#state.nowUs);
  }

  /** Disk usage over time in byte-microseconds, and at its peak in bytes. */
  diskTotals(): { readonly peakBytes: number; readonly byteUs: number } {
    const { installs, nowUs } = this.#state;
    return { peakBytes: installs.peakBytes, byteUs: installs.byteUs(nowUs) };
  }

  /** The times in which the demand exceeded the machine; null if it never did for a minute. */
  overload(): Overload | null {
    return this.#starts.overload(this.#state.nowUs);
  }

  /** At time 0, puts the first packages on disk and begins the root Zygote, and what policies ask for. */
  start(): void {
    this.#acts.begin();
    this.#installer.preinstall();
    if (this.#state.policies.zygote.startsWithRoot) this.#zygoteMaker.createRoot();
    if (this.#state.followUps.isEmpty) return;
    this.#followUp();
    this.#starts.pump();
  }

  /** An invocation arrives. `runUs` is passed to the backend; no policy sees it. */
  arrived(atUs: number, functionId: FunctionId, runUs: number): void {
    this.#advance(atUs);
    const { invocations, observer, hooks, followUps } = this.#state;
    observer.arrived(atUs, functionId);
    for (const policy of hooks.onArrival) policy.onArrival(this.#state, functionId);
    this.#prewarmer.arrived(functionId);
    const slot = invocations.add(functionId, runUs, atUs);
    this.#starts.arrived(slot);
    if (followUps.isEmpty) return;
    this.#followUp();
    this.#starts.pump();
  }

  completed(completion: Completion): void {
    this.#advance(completion.atUs);
    const { operation, id, status } = completion;
    if (status === "ok") this.#measured.take(completion);
    switch (operation) {
      case "run":
        this.#onRun(id, completion);
        break;
      case "pause":
        this.#onPaused(id, status === "ok");
        break;
      case "create-container":
        this.#state.creations.ended();
        this.#provisioner.onCreated(id, completion);
        break;
      case "create-zygote":
        this.#state.creations.ended();
        this.#zygoteMaker.onCreated(this.#state.zygotes.get(id), completion);
        break;
      case "install":
        this.#installer.onInstalled(id, status === "ok", completion.phaseUs[INSTALL]);
        break;
      case "uninstall":
        this.#installer.onUninstalled(id, status === "ok");
        break;
      case "destroy-container":
        this.#reclaimer.onContainerDestroyed(id, status === "ok");
        break;
      case "destroy-zygote":
        this.#reclaimer.onZygoteDestroyed(this.#state.zygotes.get(id), status === "ok");
        break;
      default:
        unreachable(operation);
    }
    if (!this.#state.followUps.isEmpty) this.#followUp();
    this.#measured.settle();
    this.#starts.pump();
    if (this.#state.draining) this.#drainOn();
  }

  /** The time that `nextWakeUs` returned has come; an early call does no harm. */
  woke(atUs: number): void {
    this.#advance(atUs);
    this.#timers.fire(atUs, this.#state.followUps);
    this.#followUp();
    this.#acts.fire(atUs);
    this.#followUp();
    this.#starts.timeOut();
    this.#starts.pump();
  }

  /** The next time at which `woke` must be called; Infinity if it need not be. */
  nextWakeUs(): number {
    const nextUs = Math.min(this.#timers.nextUs, this.#acts.nextTickUs);
    return Math.min(nextUs, this.#starts.nextTimeOutUs);
  }

  /** The run is over: destroys what is idle now, and the rest when completions leave it idle. */
  drain(atUs: number): void {
    this.#advance(atUs);
    this.#state.draining = true;
    this.#drainOn();
  }

  #advance(atUs: number): void {
    const state = this.#state;
    assert(atUs >= state.nowUs, "an event came before one that was already handled");
    assert(state.followUps.isEmpty, "an event left something to be done");
    while (atUs >= this.#nextMinuteUs) {
      state.observer.minuteEnded(
        this.#nextMinuteUs,
        state.memory,
        state.invocations.waiting.count(0),
      );
      this.#nextMinuteUs += US_PER_MINUTE;
    }
    state.nowUs = atUs;
    state.operations.nowUs = atUs;
  }

  /** Performs the follow-ups of an event, and the follow-ups of these. */
  #followUp(): void {
    const { followUps } = this.#state;
    for (let next = followUps.take(); next !== null; next = followUps.take()) {
      const { kind, id, generation } = next;
      switch (kind) {
        case followUp.CONTAINER_DUE:
          this.#handlers.onDue(id);
          break;
        case followUp.PREWARM_DUE:
          this.#prewarmer.onDue(id);
          break;
        case followUp.PREWARM_WANTED:
          this.#prewarmer.want(id, generation);
          break;
        case followUp.CONTAINER_READY:
          this.#onReady(id);
          break;
        case followUp.START_FAILED:
          this.#starts.startFailed(id);
          break;
        case followUp.START_AGAIN:
          this.#starts.startAgain(id);
          break;
        case followUp.FUNCTION_FORSAKEN:
          this.#starts.lost(id);
          break;
        case followUp.CONTAINER_PACKAGE_THERE:
          this.#provisioner.installed(id, generation);
          break;
        case followUp.CONTAINER_PACKAGE_FAILED:
          this.#provisioner.notInstalled(id, generation);
          break;
        case followUp.ZYGOTE_PACKAGE_THERE:
          this.#zygoteMaker.installed(id, generation);
          break;
        case followUp.ZYGOTE_PACKAGE_FAILED:
          this.#zygoteMaker.notInstalled(id, generation);
          break;
        case followUp.PREWARM_AGAIN:
          this.#prewarmer.onZygote(id, generation);
          break;
        case followUp.PREWARM_FAILED:
          this.#prewarmer.onNoZygote(id);
          break;
        case followUp.START_WANTED:
          this.#starts.startWaiting(id);
          break;
        case followUp.DROP_WANTED:
          this.#acts.drop(id, generation);
          break;
        case followUp.CONTAINER_MAY_BEGIN:
          this.#provisioner.beginCreation(id);
          break;
        case followUp.ZYGOTE_MAY_BEGIN:
          this.#zygoteMaker.beginCreation(this.#state.zygotes.get(id));
          break;
        case followUp.WAIT_OVER:
          this.#starts.waitOver(id);
          break;
        default:
          unreachable(kind);
      }
    }
  }

  #onReady(container: ContainerId): void {
    const { containers, invocations } = this.#state;
    containers.endMaking(container);
    containers.state[container] = BUSY;
    const slot = containers.invocation[container];
    if (containers.prewarmed[container] === 1) this.#state.observer.prewarmed("made", 1);
    if (slot === NONE) this.#fallIdle(container);
    else {
      invocations.settle(slot);
      this.#runs.run(container, slot, false);
    }
    this.#starts.offer(containers.functionId[container]);
  }

  #onRun(container: ContainerId, completion: Completion): void {
    const { containers, invocations, hooks, nowUs } = this.#state;
    const slot = containers.invocation[container];
    containers.invocation[container] = NONE;
    const elapsedUs = nowUs - invocations.begunAt[slot];
    if (invocations.startKind[slot] === RESUMED) {
      // it may have waited for the pausing to end
      const waitUs = containers.lastUsed[container] - invocations.begunAt[slot];
      const resumeUs = Math.min(waitUs + completion.phaseUs[RESUME], elapsedUs);
      invocations.provisionUs[slot] = resumeUs;
      if (resumeUs > 0) invocations.addPhase(slot, RESUME, resumeUs);
    }
    const runUs = elapsedUs - invocations.provisionUs[slot];
    const { status } = completion;
    const outcome = status === "ok" ? COMPLETED : status === "timed-out" ? TIMED_OUT : FAILED;
    for (const policy of hooks.onEnd)
      policy.onEnd(this.#state, container, runUs, OUTCOMES[outcome]);
    this.#runs.end(slot, outcome);
    if (status === "ok") {
      this.#fallIdle(container);
      return;
    }
    this.#state.deactivate(container);
    this.#reclaimer.discard(container);
    this.#starts.lost(containers.functionId[container]);
  }

  /** A container has nothing to do: it serves the next waiter, or enters the handler cache. */
  #fallIdle(container: ContainerId): void {
    const { containers } = this.#state;
    if (containers.unwanted[container] === 1) {
      this.#endUnwanted(container);
      return;
    }
    const waiter = this.#starts.nextOf(containers.functionId[container]);
    if (waiter !== NONE) {
      // One that is short of memory or cores would have started another container.
      const isWarm = containers.uses[container] > 0 && this.#starts.isShort(waiter);
      this.#starts.release(waiter);
      this.#runs.serve(container, waiter, isWarm ? WARM : DELAYED_WARM);
      return;
    }
    this.#handlers.enter(container);
  }

  /** A policy wanted it to go while it was busy. */
  #endUnwanted(container: ContainerId): void {
    const { containers, observer, nowUs } = this.#state;
    if (containers.hasIdled[container] === 1) observer.left(nowUs, "handler", false);
    this.#state.deactivate(container);
    this.#reclaimer.discard(container);
    this.#starts.lost(containers.functionId[container]);
  }

  #onPaused(container: ContainerId, ok: boolean): void {
    const { containers } = this.#state;
    assert(containers.state[container] === PAUSING, "a pausing completed that nobody asked for");
    if (containers.doomed[container] === 1) {
      this.#reclaimer.destroyDoomed(container);
      return;
    }
    const slot = containers.invocation[container];
    containers.state[container] = ok ? PAUSED : IDLE;
    if (ok) {
      if (slot !== NONE) this.#runs.run(container, slot, true);
      return;
    }
    if (slot === NONE) {
      this.#reclaimer.dropIdle(container, false);
      return;
    }
    containers.invocation[container] = NONE;
    this.#state.deactivate(container);
    this.#reclaimer.discard(container);
    this.#starts.lostContainer(slot);
  }

  #drainOn(): void {
    const { containers, zygotes } = this.#state;
    for (let id = containers.oldestIdle(); id !== NONE; id = containers.oldestIdle())
      this.#reclaimer.dropIdle(id, false);
    const leaves = zygotes.live.filter(
      (id) => !zygotes.isPinned(id) && zygotes.childZygotesOf(id) === 0,
    );
    for (const id of leaves) this.#reclaimer.dropZygote(zygotes.get(id), false);
  }
}

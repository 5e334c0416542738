import type { FunctionId } from "../contract/workload.js";
import type { Provisioner } from "./provisioner.js";
import type { EngineState } from "./state.js";
import type { Timers } from "./timers.js";

/** A container that a pre-warm window asked for, and that waits for memory, disk or cores. */
interface Wanted {
  readonly functionId: FunctionId;
  /** Zygotes that it has waited for. */
  readonly creations: number;
}

/**
 * Makes containers ahead of need, when pre-warm windows end. Such a container gets memory, disk and
 * a Zygote as an arrival's would, but only when no invocation waits for them. It is given up if an
 * invocation of its function arrives first, which then starts by itself.
 */
export class Prewarmer {
  readonly #state: EngineState;
  readonly #provisioner: Provisioner;
  readonly #timers: Timers;
  /** Per function: how many containers its window asks for. */
  readonly #asked: Int32Array;
  /** In the order in which their windows ended. */
  #wanted: Wanted[] = [];
  /** Per function, and in all: containers that wait for a Zygote that is being made. */
  readonly #atZygote: Int32Array;
  #atZygotes = 0;

  constructor(state: EngineState, provisioner: Provisioner, timers: Timers) {
    this.#state = state;
    this.#provisioner = provisioner;
    this.#timers = timers;
    this.#asked = new Int32Array(state.functions.length);
    this.#atZygote = new Int32Array(state.functions.length);
  }

  /** `count` containers of the function are to be there at `atUs`, unless one is needed before. */
  schedule(functionId: FunctionId, atUs: number, count: number): void {
    this.#asked[functionId] = count;
    this.#timers.setPrewarm(functionId, atUs);
  }

  /** An invocation of the function arrives: its window, and what is not begun, are given up. */
  arrived(functionId: FunctionId): void {
    this.#timers.cancelPrewarm(functionId);
    if (this.#wanted.length > 0 || this.#atZygotes > 0) this.#giveUp(functionId);
  }

  /** The function's window has ended. */
  onDue(functionId: FunctionId): void {
    this.want(functionId, this.#asked[functionId]);
  }

  /** So many containers of the function are to be idle or in the making. */
  want(functionId: FunctionId, asked: number): void {
    const { containers, observer, draining } = this.#state;
    if (draining) return;
    const there =
      containers.idleCountOf(functionId) +
      containers.unboundOf(functionId) +
      this.#waitingOf(functionId);
    const missing = Math.max(asked - there, 0);
    observer.prewarmed("due", asked);
    if (missing < asked) observer.prewarmed("already-there", asked - missing);
    for (let nth = 0; nth < missing; nth++) this.#wanted.push({ functionId, creations: 0 });
  }

  /** The Zygote that a container of the function waited for is ready. */
  onZygote(functionId: FunctionId, creations: number): void {
    if (this.#leaveZygote(functionId)) this.#wanted.unshift({ functionId, creations });
  }

  /** The Zygote that a container of the function waited for could not be made. */
  onNoZygote(functionId: FunctionId): void {
    if (this.#leaveZygote(functionId)) this.#state.observer.prewarmed("failed", 1);
  }

  /** Containers wait for memory, disk or cores. */
  get isWaiting(): boolean {
    return this.#wanted.length > 0;
  }

  /** Begins what there is room for, in order, until one must wait. */
  goOn(): void {
    while (this.#wanted.length > 0 && !this.#state.isFull) {
      const { functionId, creations } = this.#wanted[0];
      const begun = this.#provisioner.prewarm(functionId, creations);
      if (begun === "coming" || begun === "none") return;
      this.#wanted.shift();
      if (begun === "never") this.#state.observer.prewarmed("failed", 1);
      if (begun !== "at-zygote") continue;
      this.#atZygote[functionId]++;
      this.#atZygotes++;
    }
  }

  /** Containers of the function that wait for memory, disk, cores or a Zygote. */
  #waitingOf(functionId: FunctionId): number {
    let waiting = this.#atZygote[functionId];
    for (const wanted of this.#wanted) if (wanted.functionId === functionId) waiting++;
    return waiting;
  }

  #giveUp(functionId: FunctionId): void {
    const rest = this.#wanted.filter((wanted) => wanted.functionId !== functionId);
    const overtaken = this.#wanted.length - rest.length + this.#atZygote[functionId];
    this.#wanted = rest;
    this.#atZygotes -= this.#atZygote[functionId];
    this.#atZygote[functionId] = 0;
    if (overtaken > 0) this.#state.observer.prewarmed("overtaken", overtaken);
  }

  /** False: the container was given up while it waited. */
  #leaveZygote(functionId: FunctionId): boolean {
    if (this.#atZygote[functionId] === 0) return false;
    this.#atZygote[functionId]--;
    this.#atZygotes--;
    return true;
  }
}

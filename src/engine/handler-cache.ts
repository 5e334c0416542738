import { NONE } from "../basics/none.js";
import type { KeepAliveDecision } from "../contract/keep-alive-decision.js";
import type { ContainerId } from "../contract/policy.js";
import type { Prewarmer } from "./prewarmer.js";
import type { Reclaimer } from "./reclaimer.js";
import type { EngineState } from "./state.js";
import { IDLE, PAUSING } from "./tables/container-table.js";
import { HANDLER, RUNNING } from "./tables/ledger.js";
import type { Timers } from "./timers.js";

const NEVER = Number.POSITIVE_INFINITY;

/** Keeps idle containers: asks the `keep-alive` policy for how long, and pauses and expires them. */
export class HandlerCache {
  readonly #state: EngineState;
  readonly #reclaimer: Reclaimer;
  readonly #timers: Timers;
  readonly #prewarmer: Prewarmer;
  readonly #decision: KeepAliveDecision = {
    keepUs: NEVER,
    pauseAfterUs: NEVER,
    prewarmAfterUs: NEVER,
    prewarmCount: 1,
    limitsOthers: false,
  };

  constructor(state: EngineState, reclaimer: Reclaimer, timers: Timers, prewarmer: Prewarmer) {
    this.#state = state;
    this.#reclaimer = reclaimer;
    this.#timers = timers;
    this.#prewarmer = prewarmer;
  }

  /** A container has nothing to do, and no invocation waits for it. */
  enter(container: ContainerId): void {
    const state = this.#state;
    const { containers, memory, policies, hooks, nowUs } = state;
    state.deactivate(container);
    if (containers.hasIdled[container] === 0) state.observer.inserted(nowUs, "handler");
    containers.hasIdled[container] = 1;
    containers.state[container] = IDLE;
    containers.lastUsed[container] = nowUs;
    containers.enterIdle(container);
    memory.move(RUNNING, HANDLER, containers.bytes[container], nowUs);
    for (const policy of hooks.onIdle) policy.onIdle(state, container);
    const decision = this.#decision;
    decision.keepUs = NEVER;
    decision.pauseAfterUs = NEVER;
    decision.prewarmAfterUs = NEVER;
    decision.prewarmCount = 1;
    decision.limitsOthers = false;
    policies["keep-alive"].decide(state, container, decision);
    const functionId = containers.functionId[container];
    if (decision.prewarmAfterUs !== NEVER) {
      const dueUs = nowUs + decision.prewarmAfterUs;
      this.#prewarmer.schedule(functionId, dueUs, decision.prewarmCount);
    }
    if (decision.limitsOthers && containers.idleCountOf(functionId) > 1)
      this.#limitOthers(container, nowUs + decision.keepUs);
    if (decision.keepUs <= 0 || state.draining) {
      this.#reclaimer.dropIdle(container, false);
      return;
    }
    containers.expireAt[container] = nowUs + decision.keepUs;
    containers.pauseAt[container] = nowUs + decision.pauseAfterUs;
    if (decision.pauseAfterUs <= 0) this.#pause(container);
    this.#timers.setContainer(container);
    if (policies.evict.reserveBytes !== undefined) this.#reclaimer.keepReserve();
  }

  /** Takes a container out, for an invocation. */
  leave(container: ContainerId): void {
    const { containers, memory, nowUs } = this.#state;
    containers.leaveIdle(container);
    memory.move(HANDLER, RUNNING, containers.bytes[container], nowUs);
    this.#state.activate(container);
  }

  /** The end of its keep-alive window, or its time to be paused, may have come. */
  onDue(container: ContainerId): void {
    const { containers, nowUs } = this.#state;
    if (!containers.isIdle(container)) return;
    if (containers.expireAt[container] <= nowUs) {
      this.#reclaimer.dropIdle(container, false);
      return;
    }
    if (containers.pauseAt[container] <= nowUs && containers.state[container] === IDLE)
      this.#pause(container);
    this.#timers.setContainer(container);
  }

  /** Keeps no other idle container of the function beyond `untilUs`; the longest idle goes first. */
  #limitOthers(container: ContainerId, untilUs: number): void {
    const { containers, nowUs } = this.#state;
    let other = containers.oldestIdleOf(containers.functionId[container]);
    while (other !== NONE) {
      const next = containers.nextIdleOf(other);
      if (other !== container && containers.expireAt[other] > untilUs) {
        containers.expireAt[other] = untilUs;
        if (untilUs <= nowUs) this.#reclaimer.dropIdle(other, false);
        else this.#timers.setContainer(other);
      }
      other = next;
    }
  }

  #pause(container: ContainerId): void {
    const { containers, operations } = this.#state;
    containers.state[container] = PAUSING;
    containers.pauseAt[container] = NEVER;
    operations.pause(container);
  }
}

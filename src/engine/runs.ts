import { assert } from "../basics/errors.js";
import { NONE } from "../basics/none.js";
import { InvocationRecord, OUTCOMES, RESUMED, START_KINDS, WARM } from "../contract/observer.js";
import type { ContainerId } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import type { HandlerCache } from "./handler-cache.js";
import type { EngineState } from "./state.js";
import { BUSY, IDLE, PAUSING } from "./tables/container-table.js";
import type { InvocationSlot } from "./tables/invocation-table.js";

/** Begins invocations on containers, and reports how invocations end. */
export class Runs {
  readonly #state: EngineState;
  readonly #handlers: HandlerCache;
  readonly #record = new InvocationRecord();

  constructor(state: EngineState, handlers: HandlerCache) {
    this.#state = state;
    this.#handlers = handlers;
  }

  /** Begins an invocation on an idle container of its function. */
  serveIdle(slot: InvocationSlot, functionId: FunctionId): void {
    const { containers, policies } = this.#state;
    const container = policies.dispatch.pick(this.#state, functionId);
    assert(
      containers.isIdle(container) && containers.functionId[container] === functionId,
      "the dispatch policy picked a container that cannot serve",
    );
    this.#handlers.leave(container);
    this.serve(container, slot, containers.state[container] === IDLE ? WARM : RESUMED);
  }

  /** Begins an invocation on a container that no other invocation can take. */
  serve(container: ContainerId, slot: InvocationSlot, startKind: number): void {
    const { invocations, containers, nowUs } = this.#state;
    invocations.begunAt[slot] = nowUs;
    invocations.startKind[slot] = startKind;
    containers.invocation[container] = slot;
    if (containers.state[container] === PAUSING) return; // it runs as soon as the pausing has ended
    this.run(container, slot, startKind === RESUMED);
  }

  run(container: ContainerId, slot: InvocationSlot, resumes: boolean): void {
    const { invocations, containers, observer, operations, hooks, nowUs } = this.#state;
    containers.state[container] = BUSY;
    containers.uses[container]++;
    if (containers.prewarmed[container] === 1) {
      containers.prewarmed[container] = 0;
      observer.prewarmed("used", 1);
    }
    containers.lastUsed[container] = nowUs;
    const number = invocations.number[slot];
    observer.started(nowUs, invocations.functionId[slot], invocations.startKind[slot], number);
    for (const policy of hooks.onStart) {
      const queueUs = invocations.begunAt[slot] - invocations.arrivedAt[slot];
      const kind = START_KINDS[invocations.startKind[slot]];
      policy.onStart(this.#state, container, kind, queueUs);
    }
    operations.run(container, number, invocations.runUs[slot], resumes);
  }

  end(slot: InvocationSlot, outcome: number): void {
    const { invocations, observer, hooks, nowUs } = this.#state;
    if (invocations.startKind[slot] === NONE) {
      const waitUs = nowUs - invocations.arrivedAt[slot];
      for (const policy of hooks.onUnserved)
        policy.onUnserved(this.#state, invocations.functionId[slot], OUTCOMES[outcome], waitUs);
    }
    invocations.finish(slot, outcome, nowUs, this.#record);
    observer.ended(nowUs, this.#record);
  }
}

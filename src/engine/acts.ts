import { assert } from "../basics/errors.js";
import type { Act } from "../contract/act.js";
import type { ContainerId, PolicyHooks } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { DROP_WANTED, PREWARM_WANTED, START_WANTED } from "./follow-ups.js";
import type { Reclaimer } from "./reclaimer.js";
import type { EngineState } from "./state.js";

const NEVER = Number.POSITIVE_INFINITY;

/**
 * What policies ask for on their own initiative. Each request becomes a follow-up of the event that
 * is being handled, and each tick an event, so a replay repeats them.
 */
export class Acts {
  readonly #state: EngineState;
  readonly #reclaimer: Reclaimer;
  /** When each policy that wants ticks is called next, in the order of the families. */
  readonly #ticks = new Map<PolicyHooks, number>();
  /** The earliest of them; Infinity if no policy wants a tick. */
  nextTickUs = NEVER;

  constructor(state: EngineState, reclaimer: Reclaimer) {
    this.#state = state;
    this.#reclaimer = reclaimer;
  }

  /** Hands each policy that wants one its `act`. */
  begin(): void {
    for (const policy of this.#state.hooks.onBegin)
      policy.onBegin(this.#state, this.#actOf(policy));
  }

  /** Calls the policies whose time has come. */
  fire(nowUs: number): void {
    if (nowUs < this.nextTickUs) return;
    for (const policy of this.#state.hooks.onTick) {
      if ((this.#ticks.get(policy) ?? NEVER) > nowUs) continue;
      this.#setTick(policy, NEVER);
      policy.onTick(this.#state);
    }
  }

  /** The container, if it is still the one of that generation, goes now or when it falls idle. */
  drop(container: ContainerId, generation: number): void {
    const { containers } = this.#state;
    if (containers.generation[container] !== generation) return;
    if (containers.isIdle(container)) this.#reclaimer.dropIdle(container, false);
    else containers.unwanted[container] = 1;
  }

  #actOf(policy: PolicyHooks): Act {
    const { followUps, containers } = this.#state;
    return {
      tickAt: (atUs: number) => {
        assert(atUs > this.#state.nowUs, "a policy asked for a tick that is not in the future");
        this.#setTick(policy, Math.ceil(atUs));
      },
      startWaiting: (functionId: FunctionId) => followUps.add(START_WANTED, functionId),
      prewarm: (functionId: FunctionId, count: number) => {
        assert(
          Number.isInteger(count) && count > 0,
          "a policy asked for a number of containers that is not whole and positive",
        );
        followUps.add(PREWARM_WANTED, functionId, count);
      },
      drop: (container: ContainerId) =>
        followUps.add(DROP_WANTED, container, containers.generation[container]),
    };
  }

  #setTick(policy: PolicyHooks, atUs: number): void {
    this.#ticks.set(policy, atUs);
    this.nextTickUs = Math.min(...this.#ticks.values());
  }
}

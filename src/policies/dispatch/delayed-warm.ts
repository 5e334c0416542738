import { NONE } from "../../basics/none.js";
import type { ContainerId, DispatchPolicy, PolicySpec, View } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { FunctionId } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";

export const delayedWarm: PolicySpec<"dispatch"> = {
  family: "dispatch",
  name: "delayed-warm",
  summary:
    "Waits for a busy container, for no longer than a start takes, if that is expected to be quicker.",
  source: "Liu et al., CIDRE, ASPLOS 2025 (conditional speculative scaling)",
  departures: [
    "begins a start only when the wait was as long as a start takes, and then takes the container that is free first; CIDRE begins it at once if such starts were useful",
    "expects the mean times of the function, and a run to end at any time of its length",
  ],
  parameters: {
    limit: {
      kind: "duration",
      default: 0,
      description:
        "longest wait that is accepted, expected or real; 0: the function's mean provisioning time",
    },
    recent: {
      kind: "number",
      default: 0.2,
      unit: "weight of the newest time in a mean",
      min: 0.001,
      max: 1,
      description: "how fast the mean run and provisioning times follow change",
    },
  },
  create: (parameters, context) =>
    new DelayedWarm(numberOf(parameters, "limit"), numberOf(parameters, "recent"), context),
};

class DelayedWarm implements DispatchPolicy {
  readonly #limitUs: number;
  readonly #recent: number;
  readonly #runUs: Float64Array;
  readonly #provisionUs: Float64Array;

  constructor(limitUs: number, recent: number, { functions }: PolicyContext) {
    this.#limitUs = limitUs;
    this.#recent = recent;
    this.#runUs = new Float64Array(functions.length).fill(Number.NaN);
    this.#provisionUs = new Float64Array(functions.length).fill(Number.NaN);
  }

  onEnd({ containers }: View, container: ContainerId, runUs: number): void {
    this.#follow(this.#runUs, containers.functionOf(container), runUs);
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    const provisionUs = containers.provisionUsOf(container);
    this.#follow(this.#provisionUs, containers.functionOf(container), provisionUs);
  }

  pick({ containers }: View, functionId: FunctionId): ContainerId {
    return containers.newestIdleOf(functionId);
  }

  waitForBusyUs(view: View, functionId: FunctionId): number {
    const limitUs = this.#limitUs > 0 ? this.#limitUs : this.#provisionUs[functionId];
    const ahead = view.containers.waitingOf(functionId) + 1;
    return this.#freeWithin(limitUs, view, functionId) > ahead ? limitUs : 0;
  }

  /**
   * How often a container of the function is expected to be free within `limitUs`. Each of n that run
   * is free once per mean run time. One that is being made is free when it is ready, and from then on
   * once per mean run time. NaN while a mean is unknown.
   */
  #freeWithin(limitUs: number, { containers, nowUs }: View, functionId: FunctionId): number {
    const runUs = Math.max(this.#runUs[functionId], 1);
    const running = containers.busyCountOf(functionId) - containers.makingCountOf(functionId);
    let times = (running * limitUs) / runUs;
    let id = containers.oldestMakingOf(functionId);
    for (; id !== NONE; id = containers.nextMaking(id)) {
      const readyUs = containers.createdAtUs(id) + this.#provisionUs[functionId];
      const leftUs = nowUs + limitUs - Math.max(readyUs, nowUs);
      if (leftUs > 0) times += 1 + leftUs / runUs;
    }
    return times;
  }

  #follow(means: Float64Array, functionId: FunctionId, us: number): void {
    const mean = means[functionId];
    means[functionId] = Number.isNaN(mean) ? us : mean + this.#recent * (us - mean);
  }
}

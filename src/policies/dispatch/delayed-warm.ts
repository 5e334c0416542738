import type {
  ContainerId,
  DispatchPolicy,
  PolicyContext,
  PolicySpec,
  View,
} from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";

export const delayedWarm: PolicySpec<"dispatch"> = {
  family: "dispatch",
  name: "delayed-warm",
  summary: "Waits for a busy container if that is expected to be quicker than starting another.",
  source: "Liu et al., CIDRE, ASPLOS 2025 (conditional speculative scaling)",
  departures: [
    "decides once per invocation from mean times; CIDRE also starts a container, and takes the one that is ready first",
  ],
  parameters: {
    limit: {
      kind: "duration",
      default: 0,
      description:
        "longest expected wait that is accepted; 0: the function's mean provisioning time",
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

  /**
   * With n busy containers, a run ends every (mean run time / n); invocations that wait come first.
   */
  waitForBusy({ containers }: View, functionId: FunctionId): boolean {
    const ahead = containers.waitingOf(functionId) + 1;
    const waitUs = (this.#runUs[functionId] * ahead) / containers.busyCountOf(functionId);
    const limitUs = this.#limitUs > 0 ? this.#limitUs : this.#provisionUs[functionId];
    return waitUs < limitUs; // false while a mean is unknown (NaN)
  }

  #follow(means: Float64Array, functionId: FunctionId, us: number): void {
    const mean = means[functionId];
    means[functionId] = Number.isNaN(mean) ? us : mean + this.#recent * (us - mean);
  }
}

import { US_PER_MINUTE } from "../../basics/units.js";
import type { KeepAliveDecision } from "../../contract/keep-alive-decision.js";
import type { ContainerId, KeepAlivePolicy, PolicySpec, View } from "../../contract/policy.js";
import { flagOf, numberOf } from "../parameter-values.js";

export const fixedKeepAlive: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "fixed",
  summary: "Keeps an idle container for a fixed time.",
  source:
    "OpenWhisk's idle-container timeout; the fixed baselines of Shahrad et al., USENIX ATC 2020",
  departures: [],
  parameters: {
    keep: {
      kind: "duration",
      default: 10 * US_PER_MINUTE,
      description: "keep-alive window; 10 min as OpenWhisk; 0 destroys at once",
    },
    pauseAfter: {
      kind: "duration",
      default: Number.POSITIVE_INFINITY,
      description: "idle time after which the container is paused",
    },
    reset: {
      kind: "boolean",
      default: true,
      description:
        "each use starts the window again; false: it runs from the first idle moment, as in DSLab",
    },
  },
  create(parameters) {
    const keepUs = numberOf(parameters, "keep");
    const pauseAfterUs = numberOf(parameters, "pauseAfter");
    return flagOf(parameters, "reset")
      ? keepSinceLastUse(keepUs, pauseAfterUs)
      : new KeepSinceFirstIdle(keepUs, pauseAfterUs);
  },
};

function keepSinceLastUse(keepUs: number, pauseAfterUs: number): KeepAlivePolicy {
  return {
    decide(_view, _container, decision) {
      decision.keepUs = keepUs;
      decision.pauseAfterUs = pauseAfterUs;
    },
  };
}

class KeepSinceFirstIdle implements KeepAlivePolicy {
  readonly #keepUs: number;
  readonly #pauseAfterUs: number;
  readonly #endUs = new Map<ContainerId, number>();

  constructor(keepUs: number, pauseAfterUs: number) {
    this.#keepUs = keepUs;
    this.#pauseAfterUs = pauseAfterUs;
  }

  onContainerGone(_: View, container: ContainerId): void {
    this.#endUs.delete(container);
  }

  decide(view: View, container: ContainerId, decision: KeepAliveDecision): void {
    const endUs = this.#endUs.get(container) ?? view.nowUs + this.#keepUs;
    this.#endUs.set(container, endUs);
    decision.keepUs = Math.max(endUs - view.nowUs, 0);
    decision.pauseAfterUs = this.#pauseAfterUs;
  }
}

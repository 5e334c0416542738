import type { ContainerId, DispatchPolicy, PolicySpec, View } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import {
  AUTOSCALER_DEPARTURES,
  AUTOSCALER_PARAMETERS,
  AUTOSCALER_SOURCE,
  Autoscaler,
} from "../autoscaler.js";

export const openLambdaDispatch: PolicySpec<"dispatch"> = {
  family: "dispatch",
  name: "openlambda",
  summary:
    "Waits for a busy container, and starts one more per interval if the outstanding work asks for it.",
  source: AUTOSCALER_SOURCE,
  departures: [
    ...AUTOSCALER_DEPARTURES,
    "while a function has no container, each arrival begins a start; OpenLambda's single instance makes the others wait",
    "idle containers come before instances whose container was evicted; in OpenLambda, the instance that has waited longest takes the request",
  ],
  parameters: AUTOSCALER_PARAMETERS,
  create: (parameters, { functions }) => new OpenLambdaDispatch(parameters, functions.length),
};

class OpenLambdaDispatch extends Autoscaler implements DispatchPolicy {
  /** Instances wait for requests in a channel, which serves the one that has waited longest. */
  pick({ containers }: View, functionId: FunctionId): ContainerId {
    return containers.oldestIdleOf(functionId);
  }

  /** Requests that wait come first; without one, an instance that holds no request takes this one. */
  waitForBusyUs({ containers }: View, functionId: FunctionId): number {
    if (containers.waitingForBusyOf(functionId) > 0) return Number.POSITIVE_INFINITY;
    const held = containers.outstandingOf(functionId) - 1;
    return held >= this.instancesOf(functionId) ? Number.POSITIVE_INFINITY : 0;
  }

  protected grown({ containers }: View, functionId: FunctionId): void {
    if (containers.waitingForBusyOf(functionId) > 0) this.act?.startWaiting(functionId);
  }

  protected shrunk(): void {}
}

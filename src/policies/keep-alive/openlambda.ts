import { NONE } from "../../basics/none.js";
import type { KeepAliveDecision } from "../../contract/keep-alive-decision.js";
import type { ContainerId, KeepAlivePolicy, PolicySpec, View } from "../../contract/policy.js";
import {
  AUTOSCALER_DEPARTURES,
  AUTOSCALER_PARAMETERS,
  AUTOSCALER_SOURCE,
  Autoscaler,
} from "../autoscaler.js";

export const openLambdaKeepAlive: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "openlambda",
  summary:
    "Pauses idle containers, and ends one surplus instance per interval, the newest first, until one is left.",
  source: AUTOSCALER_SOURCE,
  departures: AUTOSCALER_DEPARTURES,
  parameters: AUTOSCALER_PARAMETERS,
  create: (parameters, { functions }) => new OpenLambdaKeepAlive(parameters, functions.length),
};

class OpenLambdaKeepAlive extends Autoscaler implements KeepAlivePolicy {
  decide(_view: View, _container: ContainerId, decision: KeepAliveDecision): void {
    decision.pauseAfterUs = 0;
  }

  protected grown(): void {}

  /** A container that serves a request goes when the request has ended, as in OpenLambda. */
  protected shrunk(container: ContainerId): void {
    if (container !== NONE) this.act?.drop(container);
  }
}

import { assert } from "../../basics/errors.js";
import { TimeHeap } from "../../basics/time-heap.js";
import { US_PER_MS, US_PER_SECOND } from "../../basics/units.js";
import type { Act } from "../../contract/act.js";
import type { Future } from "../../contract/future.js";
import type { KeepAliveDecision } from "../../contract/keep-alive-decision.js";
import type { ContainerId, KeepAlivePolicy, PolicySpec, View } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";

/** Arrivals of a real run come late by some milliseconds. */
const LATE_US = 100 * US_PER_MS;

export const oracleKeepAlive: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "oracle",
  summary: "Begins containers shortly before the arrivals that need them, and keeps no other one.",
  source:
    "the Oracle of FeMux (perfect forecasts of concurrency), with arrivals in the place of minutes",
  departures: [
    "FeMux's Oracle knows the concurrency of the next minute; this one knows each arrival of the next `lead`",
    "the concurrency is that of the run times on an idle machine",
  ],
  needsFuture: true,
  parameters: {
    lead: {
      kind: "duration",
      default: 10 * US_PER_SECOND,
      description:
        "time before an arrival at which its container is begun, and for which an idle one is kept for it",
    },
  },
  create: (parameters, { future, functions }) =>
    new OracleKeepAlive(numberOf(parameters, "lead"), future, functions.length),
};

class OracleKeepAlive implements KeepAlivePolicy {
  readonly #leadUs: number;
  readonly #future: Future;
  readonly #functions: number;
  /** When the containers of each function are to be begun for arrivals not prepared yet. */
  readonly #due = new TimeHeap();
  #act: Act | undefined;

  constructor(leadUs: number, future: Future | null, functions: number) {
    assert(future !== null, "an oracle was made without a future");
    this.#leadUs = leadUs;
    this.#future = future;
    this.#functions = functions;
  }

  onBegin(view: View, act: Act): void {
    this.#act = act;
    for (let id = 0; id < this.#functions; id++) this.#await(id, view.nowUs, view.nowUs);
    this.onTick(view);
  }

  onTick({ nowUs, containers }: View): void {
    while (this.#due.minKey <= nowUs) {
      const functionId = this.#due.pop();
      const untilUs = nowUs + this.#leadUs;
      const serving = containers.busyCountOf(functionId) - containers.makingCountOf(functionId);
      const missing = this.#future.mostAtOnce(functionId, nowUs, untilUs) - serving;
      if (missing > 0) this.#act?.prewarm(functionId, missing);
      this.#await(functionId, untilUs, nowUs);
    }
    this.#act?.tickAt(this.#due.minKey);
  }

  decide({ nowUs, containers }: View, container: ContainerId, decision: KeepAliveDecision): void {
    const functionId = containers.functionOf(container);
    const live = containers.idleCountOf(functionId) + containers.busyCountOf(functionId);
    const waitUs = this.#future.nextUs(functionId, nowUs, live) - nowUs;
    decision.keepUs = waitUs <= this.#leadUs ? waitUs + LATE_US : 0;
  }

  /** Prepares for the function's first arrival after `afterUs`, but not before `nowUs`. */
  #await(functionId: FunctionId, afterUs: number, nowUs: number): void {
    const nextUs = this.#future.nextUs(functionId, afterUs);
    if (nextUs !== Number.POSITIVE_INFINITY)
      this.#due.push(Math.max(nextUs - this.#leadUs, nowUs), functionId);
  }
}

import { NONE } from "../basics/none.js";
import { TimeHeap } from "../basics/time-heap.js";
import { US_PER_MS } from "../basics/units.js";
import type { Act } from "../contract/act.js";
import type { ParameterSpec, Parameters } from "../contract/parameters.js";
import type { ContainerId, PolicyHooks, View } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { numberOf } from "./parameter-values.js";

/** OpenLambda averages the times of this many requests (`NewRollingAvg(10)`). */
const AVERAGED = 10;
const NEVER = Number.POSITIVE_INFINITY;

export const AUTOSCALER_SOURCE =
  "open-lambda 71e84891, go/worker/lambda/lambdaFunction.go (Task, autoscaling)";

export const AUTOSCALER_DEPARTURES: readonly string[] = [
  "the time of a request is that of the handler's run; OpenLambda's round trip also contains what a new sandbox still imports",
  "a container serves the instance that was made first and has none; OpenLambda makes the sandbox for whichever instance takes the request",
  "an invocation that times out or fails before it runs is left out at the function's next event, not at once",
];

export const AUTOSCALER_PARAMETERS = {
  work: {
    kind: "duration",
    default: 10 * US_PER_MS,
    description: "outstanding work per instance",
  },
  interval: {
    kind: "duration",
    default: 100 * US_PER_MS,
    description: "least time between two changes of a function's number of instances",
  },
} as const satisfies Readonly<Record<string, ParameterSpec>>;

/** One function's instances and what their number depends on. */
interface Scale {
  /**
   * The container of each instance, in order of the instances' creation; NONE if it has none: it is
   * being made, or was evicted and is made again for the next request.
   */
  readonly instances: ContainerId[];
  changedAtUs: number;
  /** Run times of the last requests, in whole milliseconds of at least 1, their sum, and how many. */
  readonly runMs: number[];
  sumMs: number;
  runs: number;
  /** When the number must be looked at again; Infinity: at the next event. */
  dueAtUs: number;
}

/**
 * OpenLambda's autoscaler. At each arrival and end of a request, and whenever an interval has passed
 * while the number is not the desired one, a function's number of instances changes by at most one
 * towards outstanding requests x mean run time / `work`, at least 1 and at most the outstanding
 * requests. Its state follows from the notices alone, so a dispatch and a keep-alive policy that
 * have one each always agree.
 */
export abstract class Autoscaler implements PolicyHooks {
  protected act: Act | undefined;
  readonly #workMs: number;
  readonly #intervalUs: number;
  readonly #scales: (Scale | undefined)[];
  readonly #due = new TimeHeap();

  constructor(parameters: Parameters, functions: number) {
    this.#workMs = numberOf(parameters, "work") / US_PER_MS;
    this.#intervalUs = numberOf(parameters, "interval");
    this.#scales = new Array(functions).fill(undefined);
  }

  /** The function has one more instance, without a container. */
  protected abstract grown(view: View, functionId: FunctionId): void;

  /** The instance that was made last goes. `container` is its container; NONE: it had none. */
  protected abstract shrunk(container: ContainerId): void;

  protected instancesOf(functionId: FunctionId): number {
    return this.#of(functionId).instances.length;
  }

  onBegin(_: View, act: Act): void {
    this.act = act;
  }

  onArrival(view: View, functionId: FunctionId): void {
    this.#adjust(view, functionId, view.containers.outstandingOf(functionId) + 1);
  }

  onEnd(view: View, container: ContainerId, runUs: number): void {
    const functionId = view.containers.functionOf(container);
    const scale = this.#of(functionId);
    const at = scale.runs++ % AVERAGED;
    const runMs = Math.max(1, Math.trunc(runUs / US_PER_MS));
    scale.sumMs += runMs - (scale.runMs[at] ?? 0);
    scale.runMs[at] = runMs;
    this.#adjust(view, functionId, view.containers.outstandingOf(functionId) - 1);
  }

  /** The instance that was made first and has no container gets it; if all have one, it is one more. */
  onContainerReady({ containers }: View, container: ContainerId): void {
    const { instances } = this.#of(containers.functionOf(container));
    const at = instances.indexOf(NONE);
    if (at === -1) instances.push(container);
    else instances[at] = container;
  }

  onContainerGone({ containers }: View, container: ContainerId): void {
    const { instances } = this.#of(containers.functionOf(container));
    const at = instances.indexOf(container);
    if (at !== -1) instances[at] = NONE;
  }

  onTick(view: View): void {
    while (this.#due.minKey <= view.nowUs) {
      const dueUs = this.#due.minKey;
      const functionId = this.#due.pop();
      const scale = this.#of(functionId);
      if (scale.dueAtUs !== dueUs) continue;
      scale.dueAtUs = NEVER;
      this.#adjust(view, functionId, view.containers.outstandingOf(functionId));
    }
    this.act?.tickAt(this.#due.minKey);
  }

  #adjust(view: View, functionId: FunctionId, outstanding: number): void {
    const scale = this.#of(functionId);
    const { instances } = scale;
    const desired = this.#desired(scale, outstanding);
    if (instances.length === desired) return;
    if (view.nowUs - scale.changedAtUs >= this.#intervalUs) {
      scale.changedAtUs = view.nowUs;
      if (instances.length < desired) {
        instances.push(NONE);
        this.grown(view, functionId);
      } else this.shrunk(instances.pop()!);
    }
    if (instances.length !== desired)
      this.#lookAgain(functionId, scale, scale.changedAtUs + this.#intervalUs);
  }

  #desired({ runMs, sumMs }: Scale, outstanding: number): number {
    if (runMs.length === 0) return 1;
    const workMs = outstanding * Math.trunc(sumMs / runMs.length);
    return Math.max(1, Math.min(outstanding, Math.trunc(workMs / this.#workMs)));
  }

  #lookAgain(functionId: FunctionId, scale: Scale, atUs: number): void {
    if (scale.dueAtUs === atUs) return;
    scale.dueAtUs = atUs;
    this.#due.push(atUs, functionId);
    // An earlier time was asked for before; its tick may be due at this very moment.
    if (this.#due.minKey === atUs) this.act?.tickAt(atUs);
  }

  #of(functionId: FunctionId): Scale {
    this.#scales[functionId] ??= {
      instances: [],
      changedAtUs: Number.NEGATIVE_INFINITY,
      runMs: [],
      sumMs: 0,
      runs: 0,
      dueAtUs: NEVER,
    };
    return this.#scales[functionId];
  }
}

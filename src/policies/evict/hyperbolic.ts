import { NONE } from "../../basics/none.js";
import type { RandomStream } from "../../basics/random.js";
import type {
  ContainerId,
  EvictPolicy,
  PolicySpec,
  Victim,
  View,
  ZygoteId,
} from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { IdleSet } from "./idle-set.js";
import { lowestZygote, victimOf } from "./lowest-zygote.js";
import { CREATION_PARAMETER, zygoteCostUs } from "./zygote-cost.js";

export const hyperbolicEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "hyperbolic",
  summary: "Of a sample evicts the lowest cost x uses / (size x age): hyperbolic caching.",
  source: "Blankstein, Sen and Freedman, Hyperbolic Caching, USENIX ATC 2017",
  departures: [
    "an item is a container: uses are its invocations, age the time since its creation began, cost its own provisioning time",
    "if there are no more idle containers than the sample has, all are compared",
    "Zygotes compete as well, without being sampled: uses are their forks, cost the import time of what they add",
  ],
  parameters: {
    sample: {
      kind: "number",
      default: 64,
      unit: "containers",
      min: 1,
      max: 1_000_000,
      description: "idle containers drawn per victim",
    },
    creation: CREATION_PARAMETER,
  },
  create: (parameters, { random }) =>
    new Hyperbolic(numberOf(parameters, "sample"), numberOf(parameters, "creation"), random),
};

class Hyperbolic implements EvictPolicy {
  readonly #sample: number;
  readonly #creationUs: number;
  readonly #random: RandomStream;
  readonly #idle = new IdleSet();

  constructor(sample: number, creationUs: number, random: RandomStream) {
    this.#sample = sample;
    this.#creationUs = creationUs;
    this.#random = random;
  }

  onIdle(_: View, container: ContainerId): void {
    this.#idle.enter(container);
  }

  onContainerGone(_: View, container: ContainerId): void {
    this.#idle.remove(container);
  }

  victim(view: View): Victim | null {
    const { containers, zygotes, nowUs } = view;
    const priorityOf = (id: ContainerId) =>
      hyperbola(
        containers.usesOf(id) * containers.provisionUsOf(id),
        containers.reclaimableBytes(id),
        nowUs - containers.createdAtUs(id),
      );
    const container = this.#idle.lowest(containers, this.#sample, this.#random, priorityOf);
    const limit = container === NONE ? Number.POSITIVE_INFINITY : priorityOf(container);
    const zygote = lowestZygote(zygotes, limit, (id: ZygoteId) =>
      hyperbola(
        zygotes.forksOf(id) * zygoteCostUs(view, id, this.#creationUs),
        zygotes.reclaimableBytes(id),
        nowUs - zygotes.createdAtUs(id),
      ),
    );
    return victimOf(zygote, container);
  }
}

/** Microseconds saved so far, per byte and microsecond. */
function hyperbola(savedUs: number, bytes: number, ageUs: number): number {
  return savedUs / (Math.max(bytes, 1) * Math.max(ageUs, 1));
}

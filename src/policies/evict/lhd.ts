import type { RandomStream } from "../../basics/random.js";
import type { Parameters } from "../../contract/parameters.js";
import type {
  ContainerId,
  ContainersView,
  EvictPolicy,
  PolicySpec,
  Victim,
  View,
} from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import { numberOf } from "../parameter-values.js";
import { AGES, HitDensity, hitAgeClass } from "./hit-density.js";
import { IdleSet } from "./idle-set.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";

export const lhdEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "lhd",
  summary:
    "Of a sample evicts the fewest hits to be expected per byte and time: least hit density.",
  source: "Beckmann, Chen and Cidon, LHD, NSDI 2018; the constants of its published code (lhd.hpp)",
  departures: [
    "an object is a container; time is counted in arrivals, and a hit is an invocation after its first",
    "densities are computed every 1,000 arrivals instead of 2^20, and ages reach 2,000 instead of 20,000: caches of containers are small, and traces short",
    "one age is so many arrivals that the functions, of which the number is known, need a hundredth of all ages; the code adapts it as it runs",
    "classes are those of the last two hit ages, 16 of them; there are no classes by application",
    "if there are no more idle containers than the sample has, all are compared; newcomers are not compared in addition to the sample",
    "an expired container counts as evicted",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {
    sample: {
      kind: "number",
      default: 32,
      unit: "containers",
      min: 1,
      max: 1_000_000,
      description: "idle containers drawn per victim",
    },
    interval: {
      kind: "number",
      default: 1_000,
      unit: "arrivals",
      min: 1,
      max: 1e9,
      description: "arrivals after which the densities are computed again",
    },
    explore: {
      kind: "number",
      default: 1 / 32,
      unit: "of the uses",
      min: 0,
      max: 1,
      description:
        "probability that a container is spared until its next use, so that its later hits become known; at most 1 % of the memory limit",
    },
  },
  create: (parameters, context) => new LeastHitDensity(parameters, context),
};

const EXPLORER_SHARE = 0.01;

class LeastHitDensity implements EvictPolicy {
  readonly #sample: number;
  readonly #interval: number;
  readonly #explore: number;
  readonly #random: RandomStream;
  readonly #arrivalsPerAge: number;
  readonly #density = new HitDensity();
  readonly #idle = new IdleSet();
  readonly #usedAt: number[] = [];
  readonly #classOf: number[] = [];
  readonly #lastHitAge: number[] = [];
  /** Bytes of a container that is spared until its next use; otherwise 0. */
  readonly #explorerBytes: number[] = [];
  #explorerBudget: number;
  #arrivals = 0;

  constructor(parameters: Parameters, { functions, memoryLimitBytes, random }: PolicyContext) {
    this.#sample = numberOf(parameters, "sample");
    this.#interval = numberOf(parameters, "interval");
    this.#explore = numberOf(parameters, "explore");
    this.#random = random;
    this.#arrivalsPerAge = Math.max(1, functions.length / (AGES / 100));
    this.#explorerBudget = EXPLORER_SHARE * memoryLimitBytes;
  }

  onArrival(): void {
    if (++this.#arrivals % this.#interval === 0) this.#density.compute();
  }

  onStart({ containers }: View, container: ContainerId): void {
    if (containers.usesOf(container) === 1) {
      this.#lastHitAge[container] = 0;
      this.#classOf[container] = 0;
      this.#explorerBytes[container] = 0;
    } else {
      const age = this.#ageOf(container);
      this.#density.hit(this.#classOf[container], age);
      this.#classOf[container] = hitAgeClass(age + this.#lastHitAge[container]);
      this.#lastHitAge[container] = age;
    }
    this.#usedAt[container] = this.#arrivals;
    this.#mayExplore(containers, container);
  }

  onIdle(_: View, container: ContainerId): void {
    this.#idle.enter(container);
  }

  onContainerGone({ containers }: View, container: ContainerId): void {
    this.#idle.remove(container);
    if (containers.usesOf(container) === 0) return;
    this.#density.evicted(this.#classOf[container], this.#ageOf(container));
    this.#explorerBudget += this.#explorerBytes[container];
  }

  victim(view: View): Victim | null {
    const { containers } = view;
    const container = this.#idle.lowest(containers, this.#sample, this.#random, (id) =>
      this.#rank(containers, id),
    );
    return olderOf(view, container);
  }

  #rank(containers: ContainersView, container: ContainerId): number {
    if (containers.usesOf(container) === 0) return 0;
    const age = this.#ageOf(container);
    if (age === AGES - 1) return Number.NEGATIVE_INFINITY;
    const density = this.#density.of(this.#classOf[container], age);
    const rank = density / Math.max(containers.reclaimableBytes(container), 1);
    return this.#explorerBytes[container] > 0 ? rank + 1 : rank;
  }

  #ageOf(container: ContainerId): number {
    const arrivals = this.#arrivals - this.#usedAt[container];
    return Math.min(Math.floor(arrivals / this.#arrivalsPerAge), AGES - 1);
  }

  #mayExplore(containers: ContainersView, container: ContainerId): void {
    this.#explorerBudget += this.#explorerBytes[container];
    const isSpared = this.#random.next() < this.#explore && this.#explorerBudget > 0;
    this.#explorerBytes[container] = isSpared ? containers.reclaimableBytes(container) : 0;
    this.#explorerBudget -= this.#explorerBytes[container];
  }
}

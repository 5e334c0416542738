import { NONE } from "../../basics/none.js";
import type {
  ContainerId,
  EvictPolicy,
  PolicySpec,
  Victim,
  View,
  ZygoteId,
} from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { importUsOf } from "../zygote/package-tree.js";
import { IdleRanking } from "./idle-ranking.js";
import { lowestZygote } from "./lowest-zygote.js";

export const gdsfEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "gdsf",
  summary: "Evicts the lowest clock + frequency x cost / size: Greedy-Dual-Size-Frequency.",
  source: "Fuerst and Sharma, FaasCache, ASPLOS 2021; Cherkasova, HPL-98-69R1",
  departures: [
    "a function's frequency counts since the first of its live containers, as the paper says; the published simulator also lowers it when one of several dies",
    "cost is the container's own provisioning time instead of cold minus warm run time",
    "Zygotes compete as well: frequency is their forks, cost the import time of what they add",
  ],
  parameters: {
    reserve: {
      kind: "bytes",
      default: 0,
      description:
        "memory kept free in the background; FaasCache's OpenWhisk version keeps 1000 MB",
    },
    creation: {
      kind: "duration",
      default: 20_000,
      description:
        "cost of a Zygote without parent, in addition to its imports; 20 ms for a new process, as in Forklift's estimator",
    },
  },
  create: (parameters, { functions }) =>
    new Gdsf(numberOf(parameters, "reserve"), numberOf(parameters, "creation"), functions.length),
};

class Gdsf implements EvictPolicy {
  readonly #reserveBytes: number;
  readonly #creationUs: number;
  readonly #idle = new IdleRanking();
  readonly #clockOfContainer: number[] = [];
  readonly #clockOfZygote: number[] = [];
  readonly #frequency: Float64Array;
  readonly #containersOf: Int32Array;
  #clock = 0;
  /** Dead Zygotes may have lost sharers, so that some container may release more than before. */
  #haveOrphansChanged = false;

  constructor(reserveBytes: number, creationUs: number, functions: number) {
    this.#reserveBytes = reserveBytes;
    this.#creationUs = creationUs;
    this.#frequency = new Float64Array(functions);
    this.#containersOf = new Int32Array(functions);
  }

  reserveBytes(): number {
    return this.#reserveBytes;
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    this.#containersOf[containers.functionOf(container)]++;
    this.#clockOfContainer[container] = this.#clock;
  }

  onStart({ containers }: View, container: ContainerId): void {
    this.#frequency[containers.functionOf(container)]++;
    this.#clockOfContainer[container] = this.#clock;
  }

  onIdle(view: View, container: ContainerId): void {
    this.#idle.enter(container, this.#priority(view, container));
  }

  onContainerGone({ containers }: View, container: ContainerId): void {
    this.#idle.remove(container);
    const functionId = containers.functionOf(container);
    if (--this.#containersOf[functionId] === 0) this.#frequency[functionId] = 0;
    if (containers.zygoteOf(container) !== NONE) this.#haveOrphansChanged = true;
  }

  onZygoteReady(_: View, zygote: ZygoteId): void {
    this.#clockOfZygote[zygote] = this.#clock;
  }

  onZygoteGone(): void {
    this.#haveOrphansChanged = true;
  }

  onFork(_: View, zygote: ZygoteId): void {
    this.#clockOfZygote[zygote] = this.#clock;
  }

  victim(view: View): Victim | null {
    if (this.#haveOrphansChanged) this.#rankOrphans(view);
    const container = this.#idle.lowest(view.containers, (id) => this.#priority(view, id));
    const priority =
      container === NONE ? Number.POSITIVE_INFINITY : this.#priority(view, container);
    const priorityOf = (id: ZygoteId) => this.#priorityOfZygote(view, id);
    const zygote = lowestZygote(view.zygotes, priority, priorityOf);
    if (zygote === NONE && container === NONE) return null;
    this.#clock = Math.max(this.#clock, zygote === NONE ? priority : priorityOf(zygote));
    return zygote === NONE ? { tier: "handler", container } : { tier: "import", zygote };
  }

  /** Ranks again the idle containers whose Zygote is dead. */
  #rankOrphans(view: View): void {
    const { containers, zygotes } = view;
    this.#haveOrphansChanged = false;
    for (let id = containers.oldestIdle(); id !== NONE; id = containers.nextIdle(id)) {
      const zygote = containers.zygoteOf(id);
      if (zygote !== NONE && !zygotes.isReady(zygote))
        this.#idle.lower(id, this.#priority(view, id));
    }
  }

  #priority({ containers }: View, container: ContainerId): number {
    const frequency = this.#frequency[containers.functionOf(container)];
    const gainUs = frequency * containers.provisionUsOf(container);
    const bytes = Math.max(containers.reclaimableBytes(container), 1);
    return this.#clockOfContainer[container] + gainUs / bytes;
  }

  #priorityOfZygote({ zygotes, packages }: View, zygote: ZygoteId): number {
    const importUs = importUsOf(zygotes.addedPackagesOf(zygote), packages);
    const costUs = importUs + (zygotes.parentOf(zygote) === NONE ? this.#creationUs : 0);
    const bytes = Math.max(zygotes.reclaimableBytes(zygote), 1);
    return this.#clockOfZygote[zygote] + (zygotes.forksOf(zygote) * costUs) / bytes;
  }
}

import { NONE } from "../../basics/none.js";
import type { ContainerId, EvictPolicy, Victim, View, ZygoteId } from "../../contract/policy.js";
import { IdleRanking } from "./idle-ranking.js";
import { lowestLooseZygote, lowestZygote, victimOf } from "./lowest-zygote.js";
import { zygoteCostUs } from "./zygote-cost.js";

/** What distinguishes the policies of this family. */
export interface GreedyDualRule {
  /**
   * Worth of a container of a function with `uses` invocations since the first of its `containers`
   * live ones; it must not fall while uses rise. For a Zygote the uses are its forks.
   */
  worth(uses: number, costUs: number, bytes: number, containers: number): number;
  /** True: the priority of the last victim is added to what is used afterwards. */
  readonly ages: boolean;
  /**
   * False: worth does not depend on bytes, so Zygotes with live containers are passed over, because
   * their eviction would release hardly anything.
   */
  readonly weighsBytes: boolean;
  /** True: of equal priorities the container that fell idle first goes; false: the lowest id. */
  readonly tiesByAge: boolean;
  readonly creationUs: number;
  readonly reserveBytes: number;
}

/**
 * Evicts the idle container or childless Zygote with the lowest clock + worth. The clock is the
 * priority of the last victim when the container or Zygote was last used: Greedy-Dual (Young 1994).
 */
export class GreedyDual implements EvictPolicy {
  readonly #rule: GreedyDualRule;
  readonly #idle = new IdleRanking();
  readonly #clockOfContainer: number[] = [];
  /** What making each container again would take, captured when it falls idle. */
  readonly #costUs: number[] = [];
  readonly #clockOfZygote: number[] = [];
  readonly #uses: Float64Array;
  readonly #containersOf: Int32Array;
  #clock = 0;
  #idled = 0;
  /** Dead Zygotes may have lost sharers, so that some container may release more than before. */
  #haveOrphansChanged = false;

  constructor(rule: GreedyDualRule, functions: number) {
    this.#rule = rule;
    this.#uses = new Float64Array(functions);
    this.#containersOf = new Int32Array(functions);
  }

  reserveBytes(): number {
    return this.#rule.reserveBytes;
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    this.#containersOf[containers.functionOf(container)]++;
    this.#clockOfContainer[container] = this.#clock;
  }

  onStart({ containers }: View, container: ContainerId): void {
    this.#uses[containers.functionOf(container)]++;
    this.#clockOfContainer[container] = this.#clock;
  }

  onIdle(view: View, container: ContainerId): void {
    this.#costUs[container] = view.containers.remakeUsOf(container);
    const second = this.#rule.tiesByAge ? ++this.#idled : container;
    this.#idle.enter(container, this.#priority(view, container), second);
  }

  onContainerGone({ containers }: View, container: ContainerId): void {
    this.#idle.remove(container);
    const functionId = containers.functionOf(container);
    if (--this.#containersOf[functionId] === 0) this.#uses[functionId] = 0;
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
    const lowest = this.#rule.weighsBytes ? lowestZygote : lowestLooseZygote;
    const zygote = lowest(view.zygotes, priority, priorityOf);
    const victim = victimOf(zygote, container);
    if (victim !== null && this.#rule.ages)
      this.#clock = Math.max(this.#clock, zygote === NONE ? priority : priorityOf(zygote));
    return victim;
  }

  /** Ranks an idle container again, whose priority may have fallen. */
  protected rankAgain(view: View, container: ContainerId): void {
    this.#idle.lower(container, this.#priority(view, container));
  }

  /** Ranks again the idle containers whose Zygote is dead. */
  #rankOrphans(view: View): void {
    const { containers, zygotes } = view;
    this.#haveOrphansChanged = false;
    for (let id = containers.oldestIdle(); id !== NONE; id = containers.nextIdle(id)) {
      const zygote = containers.zygoteOf(id);
      if (zygote === NONE || zygotes.isReady(zygote)) continue;
      this.#costUs[id] = containers.remakeUsOf(id);
      this.rankAgain(view, id);
    }
  }

  #priority({ containers }: View, container: ContainerId): number {
    const functionId = containers.functionOf(container);
    const worth = this.#rule.worth(
      this.#uses[functionId],
      this.#costUs[container],
      Math.max(containers.reclaimableBytes(container), 1),
      this.#containersOf[functionId],
    );
    return this.#clockOfContainer[container] + worth;
  }

  #priorityOfZygote(view: View, zygote: ZygoteId): number {
    const { zygotes } = view;
    const costUs = zygoteCostUs(view, zygote, this.#rule.creationUs);
    const bytes = Math.max(zygotes.reclaimableBytes(zygote), 1);
    return (
      this.#clockOfZygote[zygote] + this.#rule.worth(zygotes.forksOf(zygote), costUs, bytes, 1)
    );
  }
}

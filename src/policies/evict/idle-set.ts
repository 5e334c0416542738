import { NONE } from "../../basics/none.js";
import type { RandomStream } from "../../basics/random.js";
import type { ContainerId, ContainersView } from "../../contract/policy.js";

/** Idle containers in no order, from which a policy draws at random. */
export class IdleSet {
  readonly #containers: ContainerId[] = [];
  readonly #places: number[] = [];

  enter(container: ContainerId): void {
    if ((this.#places[container] ?? NONE) !== NONE) return;
    this.#places[container] = this.#containers.push(container) - 1;
  }

  remove(container: ContainerId): void {
    const place = this.#places[container] ?? NONE;
    if (place === NONE) return;
    const last = this.#containers.pop()!;
    this.#places[container] = NONE;
    if (last === container) return;
    this.#containers[place] = last;
    this.#places[last] = place;
  }

  /** A container, each with the same probability; NONE if no container is idle. */
  draw(containers: ContainersView, random: RandomStream): ContainerId {
    return this.lowest(containers, 1, random, () => 0);
  }

  /**
   * The container with the lowest score of `draws` drawn ones, or of all if there are no more than
   * that. Of equals, the lowest id. NONE if no container is idle.
   */
  lowest(
    containers: ContainersView,
    draws: number,
    random: RandomStream,
    scoreOf: (container: ContainerId) => number,
  ): ContainerId {
    const isAll = containers.idleCount <= draws;
    let lowest = NONE;
    let lowestScore = Number.POSITIVE_INFINITY;
    for (let seen = 0; seen < (isAll ? this.#containers.length : draws); ) {
      const place = isAll ? seen : Math.floor(random.next() * this.#containers.length);
      const container = this.#containers[place];
      if (!containers.isIdle(container)) {
        this.remove(container); // it began a run; the last one is at its place now
        continue;
      }
      seen++;
      const score = scoreOf(container);
      if (score > lowestScore || (score === lowestScore && lowest !== NONE && container > lowest))
        continue;
      lowest = container;
      lowestScore = score;
    }
    return lowest;
  }
}

import { KeyedHeap } from "../../basics/keyed-heap.js";
import { NONE } from "../../basics/none.js";
import type { ContainerId, ContainersView } from "../../contract/policy.js";

/**
 * Idle containers by priority. A stored priority may be too low, because priorities rise while a
 * container lives. So only the lowest entry is updated, when it is asked for. A priority falls if
 * the container becomes the last one that shares the pages of a dead Zygote: see `lower`.
 */
export class IdleRanking {
  readonly #heap = new KeyedHeap();

  /** The container fell idle with this priority. Of equal ones, the smallest `second` comes first. */
  enter(container: ContainerId, priority: number, second = container): void {
    if (
      !this.#heap.has(container) ||
      priority < this.#heap.keyOf(container) ||
      second !== this.#heap.secondOf(container)
    )
      this.#heap.set(container, priority, second);
  }

  /** Stores the priority if it is lower than the stored one. */
  lower(container: ContainerId, priority: number): void {
    if (this.#heap.has(container) && priority < this.#heap.keyOf(container))
      this.#heap.set(container, priority, this.#heap.secondOf(container));
  }

  remove(container: ContainerId): void {
    this.#heap.remove(container);
  }

  /**
   * The idle container with the lowest priority; of equals, the lowest second one. NONE if no
   * container is idle.
   */
  lowest(containers: ContainersView, priorityOf: (container: ContainerId) => number): ContainerId {
    for (;;) {
      const container = this.#heap.first;
      if (container === NONE) return NONE;
      if (!containers.isIdle(container)) {
        this.#heap.remove(container);
        continue;
      }
      const priority = priorityOf(container);
      if (priority === this.#heap.keyOf(container)) return container;
      this.#heap.set(container, priority, this.#heap.secondOf(container));
    }
  }
}

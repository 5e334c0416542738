import { LinkedLists } from "../../basics/linked-lists.js";
import { NONE } from "../../basics/none.js";
import type {
  ContainerId,
  ContainersView,
  EvictPolicy,
  PolicySpec,
  View,
} from "../../contract/policy.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";

export const sieveEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "sieve",
  summary: "A hand passes the containers in order of creation; evicts the next one not used again.",
  source: "Zhang et al., SIEVE is Simpler than LRU, NSDI 2024",
  departures: [
    "an object is a container; it is visited when it serves an invocation after its first",
    "the hand passes over busy containers and leaves them visited",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {},
  create: () => new Sieve(),
};

class Sieve implements EvictPolicy {
  /** All live containers, those created first in front. */
  readonly #queue = new LinkedLists(1, 0);
  readonly #isVisited: boolean[] = [];
  #hand = NONE;

  onContainerReady(_: View, container: ContainerId): void {
    this.#queue.reach(container);
    this.#queue.pushLast(0, container);
    this.#isVisited[container] = false;
  }

  onStart({ containers }: View, container: ContainerId): void {
    if (containers.usesOf(container) > 1) this.#isVisited[container] = true;
  }

  onContainerGone(_: View, container: ContainerId): void {
    if (this.#hand === container) this.#hand = this.#queue.next(container);
    this.#queue.remove(container);
  }

  victim(view: View) {
    if (view.containers.idleCount > 0) this.#moveHand(view.containers);
    return olderOf(view, view.containers.idleCount > 0 ? this.#hand : NONE);
  }

  /** Moves the hand to the next idle container that is not visited; at the end, to the front. */
  #moveHand(containers: ContainersView): void {
    for (;;) {
      if (this.#hand === NONE) this.#hand = this.#queue.first(0);
      if (containers.isIdle(this.#hand)) {
        if (!this.#isVisited[this.#hand]) return;
        this.#isVisited[this.#hand] = false;
      }
      this.#hand = this.#queue.next(this.#hand);
    }
  }
}

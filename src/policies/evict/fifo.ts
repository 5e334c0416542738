import { NONE } from "../../basics/none.js";
import type { ContainerId, EvictPolicy, PolicySpec, Victim, View } from "../../contract/policy.js";
import { lowestLooseZygote, victimOf } from "./lowest-zygote.js";
import { Segments } from "./segments.js";

export const fifoEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "fifo",
  summary:
    "Evicts the idle container or Zygote without children or containers that was created first.",
  source:
    "first in, first out; the baseline of Yang et al., FIFO queues are all you need, SOSP 2023",
  departures: [
    "a busy container keeps its place and is passed over",
    "a Zygote without live containers is compared by the time of its creation, others are passed over",
  ],
  parameters: {},
  create: () => new Fifo(),
};

class Fifo implements EvictPolicy {
  readonly #queue = new Segments(1);

  onContainerReady({ containers }: View, container: ContainerId): void {
    this.#queue.insert(0, container, containers.reclaimableBytes(container));
  }

  onIdle(_: View, container: ContainerId): void {
    this.#queue.fellIdle(container);
  }

  onContainerGone(_: View, container: ContainerId): void {
    this.#queue.remove(container);
  }

  victim({ containers, zygotes }: View): Victim | null {
    const container = this.#queue.oldestIdle(containers, 0);
    const createdAtUs =
      container === NONE ? Number.POSITIVE_INFINITY : containers.createdAtUs(container);
    return victimOf(
      lowestLooseZygote(zygotes, createdAtUs, (id) => zygotes.createdAtUs(id)),
      container,
    );
  }
}

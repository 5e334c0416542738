import type { ContainerId, ContainersView } from "../../contract/policy.js";
import { IdleRanking } from "./idle-ranking.js";

/**
 * Live containers in a few queues. Each container has a place in its queue, which is the newest one
 * when it enters and when it is touched. A queue has bytes of all its containers, and returns the
 * idle one at the oldest place: busy ones keep their places and are passed over.
 */
export class Segments {
  readonly #idle: readonly IdleRanking[];
  readonly #bytes: Float64Array;
  readonly #segmentOf: number[] = [];
  readonly #bytesOf: number[] = [];
  readonly #placeOf: number[] = [];
  readonly #getPlace = (container: ContainerId) => this.#placeOf[container];
  #newest = 0;

  constructor(segments: number) {
    this.#idle = Array.from({ length: segments }, () => new IdleRanking());
    this.#bytes = new Float64Array(segments);
  }

  segmentOf(container: ContainerId): number {
    return this.#segmentOf[container];
  }

  /** Bytes of the container when it was new. */
  bytesOf(container: ContainerId): number {
    return this.#bytesOf[container];
  }

  /** Bytes of all containers of the segment. */
  bytes(segment: number): number {
    return this.#bytes[segment];
  }

  /** A new container, which is busy. */
  insert(segment: number, container: ContainerId, bytes: number): void {
    this.#segmentOf[container] = segment;
    this.#bytesOf[container] = bytes;
    this.#bytes[segment] += bytes;
    this.touch(container);
  }

  /** Gives the container the newest place of its segment. */
  touch(container: ContainerId): void {
    this.#placeOf[container] = ++this.#newest;
  }

  fellIdle(container: ContainerId): void {
    this.#idle[this.#segmentOf[container]].enter(container, this.#placeOf[container]);
  }

  /** Moves a busy or idle container to the newest place of a segment. */
  move(containers: ContainersView, container: ContainerId, segment: number): void {
    const from = this.#segmentOf[container];
    this.#idle[from].remove(container);
    this.#bytes[from] -= this.#bytesOf[container];
    this.insert(segment, container, this.#bytesOf[container]);
    if (containers.isIdle(container)) this.fellIdle(container);
  }

  remove(container: ContainerId): void {
    const segment = this.#segmentOf[container];
    this.#idle[segment].remove(container);
    this.#bytes[segment] -= this.#bytesOf[container];
  }

  /** The idle container at the oldest place; NONE if the segment has no idle container. */
  oldestIdle(containers: ContainersView, segment: number): ContainerId {
    return this.#idle[segment].lowest(containers, this.#getPlace);
  }
}

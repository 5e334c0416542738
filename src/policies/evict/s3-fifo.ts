import { NONE } from "../../basics/none.js";
import type {
  ContainerId,
  ContainersView,
  EvictPolicy,
  PolicySpec,
  Victim,
  View,
} from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { FunctionId } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";
import { Ghosts } from "./ghosts.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";
import { Segments } from "./segments.js";

export const s3FifoEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "s3-fifo",
  summary: "Three FIFO queues: new containers, used ones, and functions evicted of late.",
  source: "Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023, algorithm 1",
  departures: [
    "an object is a container; a ghost is a function whose last container was evicted, and its next container enters the main queue",
    "a container of a function larger than the small queue enters the main queue, because it must exist to run",
    "moving a container to the main queue evicts nothing there; the main queue may exceed its share, and shrinks at the next victim",
    "busy containers keep their places; if a queue has no idle container, the other one gives the victim",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {
    small: {
      kind: "number",
      default: 0.1,
      unit: "of the memory limit",
      min: 0,
      max: 1,
      description: "size of the small queue, above which it gives the victims",
    },
    ghost: {
      kind: "number",
      default: 0.9,
      unit: "of the memory limit",
      min: 0,
      max: 10,
      description: "size of the containers whose functions are remembered",
    },
    promote: {
      kind: "number",
      default: 2,
      unit: "uses",
      min: 1,
      max: 3,
      description: "uses after the first with which a container moves to the main queue",
    },
  },
  create: (parameters, context) =>
    new S3Fifo(
      numberOf(parameters, "small"),
      numberOf(parameters, "ghost"),
      numberOf(parameters, "promote"),
      context,
    ),
};

const SMALL = 0;
const MAIN = 1;
const GHOST = 0;
const MOST_USES = 3;

class S3Fifo implements EvictPolicy {
  readonly #smallBytes: number;
  readonly #ghostBytes: number;
  readonly #promoteUses: number;
  readonly #queues = new Segments(2);
  readonly #ghosts: Ghosts;
  /** Uses after the first, at most 3, by container. */
  readonly #uses: number[] = [];

  constructor(small: number, ghost: number, promoteUses: number, context: PolicyContext) {
    this.#smallBytes = small * context.memoryLimitBytes;
    this.#ghostBytes = ghost * context.memoryLimitBytes;
    this.#promoteUses = promoteUses;
    this.#ghosts = new Ghosts(1, context.functions.length);
  }

  onArrival(_: View, functionId: FunctionId): void {
    this.#ghosts.arrived(functionId);
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    const returns = this.#ghosts.containerReady(containers.functionOf(container));
    const bytes = containers.reclaimableBytes(container);
    this.#queues.insert(returns || bytes > this.#smallBytes ? MAIN : SMALL, container, bytes);
    this.#uses[container] = 0;
  }

  onStart({ containers }: View, container: ContainerId): void {
    if (containers.usesOf(container) > 1)
      this.#uses[container] = Math.min(this.#uses[container] + 1, MOST_USES);
  }

  onIdle(_: View, container: ContainerId): void {
    this.#queues.fellIdle(container);
  }

  onContainerGone({ containers }: View, container: ContainerId, evicted: boolean): void {
    const wasSmall = this.#queues.segmentOf(container) === SMALL;
    const bytes = this.#queues.bytesOf(container);
    this.#queues.remove(container);
    const functionId = containers.functionOf(container);
    if (!this.#ghosts.containerGone(functionId) || !evicted || !wasSmall) return;
    this.#ghosts.remember(GHOST, functionId, bytes);
    this.#ghosts.trim(GHOST, this.#ghostBytes);
  }

  victim(view: View): Victim | null {
    const { containers } = view;
    let container: ContainerId = NONE;
    if (this.#queues.bytes(SMALL) >= this.#smallBytes) container = this.#fromSmall(containers);
    if (container === NONE) container = this.#fromMain(containers);
    // All that is idle is in the small queue; or it was there, and all of it moved to the main one.
    if (container === NONE) container = this.#fromSmall(containers);
    if (container === NONE) container = this.#fromMain(containers);
    return olderOf(view, container);
  }

  /** The oldest of the small queue that is not promoted. */
  #fromSmall(containers: ContainersView): ContainerId {
    for (;;) {
      const container = this.#queues.oldestIdle(containers, SMALL);
      if (container === NONE || this.#uses[container] < this.#promoteUses) return container;
      this.#queues.move(containers, container, MAIN);
      this.#uses[container] = 0;
    }
  }

  /** The oldest of the main queue without uses; each use carries it once more through the queue. */
  #fromMain(containers: ContainersView): ContainerId {
    for (;;) {
      const container = this.#queues.oldestIdle(containers, MAIN);
      if (container === NONE || this.#uses[container] === 0) return container;
      this.#uses[container]--;
      this.#queues.move(containers, container, MAIN);
    }
  }
}

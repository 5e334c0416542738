import { NONE } from "../../basics/none.js";
import type { ContainerId, EvictPolicy, PolicySpec, Victim, View } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { FunctionId } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";
import { Ghosts } from "./ghosts.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";
import { Segments } from "./segments.js";

export const twoQEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "2q",
  summary: "New containers in a FIFO queue; those of functions evicted of late in an LRU queue.",
  source: "Johnson and Shasha, 2Q, VLDB 1994, the full version",
  departures: [
    "a page is a container; A1out has functions whose last container was evicted from A1in, and the next container of such a function enters Am",
    "the queues are measured in bytes",
    "busy containers keep their places; if a queue has no idle container, the other one gives the victim",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {
    in: {
      kind: "number",
      default: 0.25,
      unit: "of the memory limit",
      min: 0,
      max: 1,
      description: "Kin: size of A1in, above which it gives the victims",
    },
    out: {
      kind: "number",
      default: 0.5,
      unit: "of the memory limit",
      min: 0,
      max: 10,
      description: "Kout: size of the containers whose functions A1out remembers",
    },
  },
  create: (parameters, context) =>
    new TwoQ(numberOf(parameters, "in"), numberOf(parameters, "out"), context),
};

const A1_IN = 0;
const AM = 1;
const A1_OUT = 0;

class TwoQ implements EvictPolicy {
  readonly #inBytes: number;
  readonly #outBytes: number;
  readonly #queues = new Segments(2);
  readonly #ghosts: Ghosts;

  constructor(inShare: number, outShare: number, { memoryLimitBytes, functions }: PolicyContext) {
    this.#inBytes = inShare * memoryLimitBytes;
    this.#outBytes = outShare * memoryLimitBytes;
    this.#ghosts = new Ghosts(1, functions.length);
  }

  onArrival(_: View, functionId: FunctionId): void {
    this.#ghosts.arrived(functionId);
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    const returns = this.#ghosts.containerReady(containers.functionOf(container));
    this.#queues.insert(returns ? AM : A1_IN, container, containers.reclaimableBytes(container));
  }

  onIdle(_: View, container: ContainerId): void {
    if (this.#queues.segmentOf(container) === AM) this.#queues.touch(container);
    this.#queues.fellIdle(container);
  }

  onContainerGone({ containers }: View, container: ContainerId, evicted: boolean): void {
    const wasIn = this.#queues.segmentOf(container) === A1_IN;
    const bytes = this.#queues.bytesOf(container);
    this.#queues.remove(container);
    const functionId = containers.functionOf(container);
    if (!this.#ghosts.containerGone(functionId) || !evicted || !wasIn) return;
    this.#ghosts.remember(A1_OUT, functionId, bytes);
    this.#ghosts.trim(A1_OUT, this.#outBytes);
  }

  victim(view: View): Victim | null {
    const first = this.#queues.bytes(A1_IN) > this.#inBytes ? A1_IN : AM;
    const container = this.#queues.oldestIdle(view.containers, first);
    if (container !== NONE) return olderOf(view, container);
    const other = first === A1_IN ? AM : A1_IN;
    return olderOf(view, this.#queues.oldestIdle(view.containers, other));
  }
}

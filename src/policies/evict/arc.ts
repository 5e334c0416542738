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
import { Ghosts } from "./ghosts.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";
import { Segments } from "./segments.js";

export const arcEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "arc",
  summary: "Adaptive replacement: shares memory between containers used once and used again.",
  source: "Megiddo and Modha, ARC, FAST 2003, figure 4",
  departures: [
    "a page is a container, used again when it serves an invocation after its first; B1 and B2 have functions whose last container was evicted, and the next container of such a function enters T2",
    "lists and the target are measured in bytes of the memory limit; a ghost hit moves the target by the size of the function's last container, times the ratio of B1 and B2 as in the paper",
    "REPLACE takes the latest arrival for the page that is loaded, also when the start of an earlier one waited for memory",
    "the ghosts are cut to their sizes when the new container is ready, not before the victim is chosen: the victims are the same",
    "busy containers keep their places; if a list has no idle container, the other one gives the victim",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {},
  create: (_, context) => new Arc(context),
};

const T1 = 0;
const T2 = 1;
const B1 = 0;
const B2 = 1;

class Arc implements EvictPolicy {
  /** Bytes of the cache: c in the paper. */
  readonly #capacityBytes: number;
  readonly #lists = new Segments(2);
  readonly #ghosts: Ghosts;
  /** Target for the bytes of T1: p in the paper. */
  #targetBytes = 0;
  #isLatestFromB2 = false;

  constructor({ memoryLimitBytes, functions }: PolicyContext) {
    this.#capacityBytes = memoryLimitBytes;
    this.#ghosts = new Ghosts(2, functions.length);
  }

  onArrival(_: View, functionId: FunctionId): void {
    const ghosts = this.#ghosts;
    const ratio = ghosts.bytes(B2) / ghosts.bytes(B1);
    const list = ghosts.arrived(functionId);
    this.#isLatestFromB2 = list === B2;
    if (list === NONE) return;
    const bytes = ghosts.bytesOf(functionId);
    if (list === B1)
      this.#targetBytes = Math.min(
        this.#targetBytes + Math.max(1, ratio) * bytes,
        this.#capacityBytes,
      );
    else this.#targetBytes = Math.max(this.#targetBytes - Math.max(1, 1 / ratio) * bytes, 0);
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    const returns = this.#ghosts.containerReady(containers.functionOf(container));
    this.#lists.insert(returns ? T2 : T1, container, containers.reclaimableBytes(container));
    this.#trimGhosts();
  }

  onStart({ containers }: View, container: ContainerId): void {
    if (containers.usesOf(container) > 1) this.#lists.move(containers, container, T2);
  }

  onIdle(_: View, container: ContainerId): void {
    this.#lists.touch(container);
    this.#lists.fellIdle(container);
  }

  onContainerGone({ containers }: View, container: ContainerId, evicted: boolean): void {
    const list = this.#lists.segmentOf(container) === T1 ? B1 : B2;
    const bytes = this.#lists.bytesOf(container);
    this.#lists.remove(container);
    const functionId = containers.functionOf(container);
    if (this.#ghosts.containerGone(functionId) && evicted)
      this.#ghosts.remember(list, functionId, bytes);
  }

  victim(view: View): Victim | null {
    return olderOf(view, this.#replace(view.containers));
  }

  #replace(containers: ContainersView): ContainerId {
    const t1Bytes = this.#lists.bytes(T1);
    const exceeds =
      t1Bytes > this.#targetBytes || (this.#isLatestFromB2 && t1Bytes === this.#targetBytes);
    const container = this.#lists.oldestIdle(containers, exceeds ? T1 : T2);
    if (container !== NONE) return container;
    return this.#lists.oldestIdle(containers, exceeds ? T2 : T1);
  }

  /** T1 and B1 have c bytes at most, all four lists 2 c. */
  #trimGhosts(): void {
    const t1Bytes = this.#lists.bytes(T1);
    const t2Bytes = this.#lists.bytes(T2);
    this.#ghosts.trim(B1, Math.max(this.#capacityBytes - t1Bytes, 0));
    const b1Bytes = this.#ghosts.bytes(B1);
    const leftBytes = 2 * this.#capacityBytes - t1Bytes - t2Bytes - b1Bytes;
    this.#ghosts.trim(B2, Math.max(leftBytes, 0));
  }
}

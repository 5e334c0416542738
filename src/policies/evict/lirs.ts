import { LinkedLists } from "../../basics/linked-lists.js";
import { NONE } from "../../basics/none.js";
import type { ContainerId, EvictPolicy, PolicySpec, Victim, View } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { FunctionId } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";
import { Segments } from "./segments.js";

export const lirsEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "lirs",
  summary:
    "Keeps the functions that come again after the fewest others: low inter-reference recency.",
  source: "Jiang and Zhang, LIRS, SIGMETRICS 2002",
  departures: [
    "a block is a function: it is resident while it has containers, which have its status",
    "the sets are measured in bytes; a function is accessed when an invocation arrives, and loaded when its first container is ready",
    "the stack is not limited, as it has each function once at most",
    "if no container of the HIR set is idle, the least recently used one of the LIR set goes",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {
    hir: {
      kind: "number",
      default: 0.01,
      unit: "of the memory limit",
      min: 0,
      max: 1,
      description: "memory for the HIR set",
    },
  },
  create: (parameters, context) => new Lirs(numberOf(parameters, "hir"), context),
};

const HIR = 0;
const LIR = 1;

class Lirs implements EvictPolicy {
  readonly #lirBytes: number;
  /** Containers by status; the HIR ones are the queue Q. */
  readonly #segments = new Segments(2);
  /** Functions with the most recent access last: the stack S, whose bottom is the first one. */
  readonly #stack: LinkedLists;
  readonly #containersOf: LinkedLists;
  readonly #statusOf: Uint8Array;
  /** The function was not resident and in the stack at its last access. */
  readonly #returns: Uint8Array;

  constructor(hirShare: number, { memoryLimitBytes, functions }: PolicyContext) {
    this.#lirBytes = (1 - hirShare) * memoryLimitBytes;
    this.#stack = new LinkedLists(1, functions.length);
    this.#containersOf = new LinkedLists(functions.length, 0);
    this.#statusOf = new Uint8Array(functions.length);
    this.#returns = new Uint8Array(functions.length);
  }

  onArrival(view: View, functionId: FunctionId): void {
    const wasInStack = this.#stack.listOf(functionId) !== NONE;
    this.#stack.remove(functionId);
    this.#stack.pushLast(0, functionId);
    const isResident = this.#containersOf.count(functionId) > 0;
    if (!isResident) this.#returns[functionId] = wasInStack ? 1 : 0;
    else if (wasInStack && this.#statusOf[functionId] === HIR) this.#promote(view, functionId);
    this.#prune();
  }

  onContainerReady(view: View, container: ContainerId): void {
    const { containers } = view;
    const functionId = containers.functionOf(container);
    const bytes = containers.reclaimableBytes(container);
    const isFirst = this.#containersOf.count(functionId) === 0;
    this.#containersOf.reach(container);
    this.#containersOf.pushLast(functionId, container);
    this.#segments.insert(this.#statusOf[functionId], container, bytes);
    const fits = this.#segments.bytes(LIR) + bytes <= this.#lirBytes;
    if (isFirst && (fits || this.#returns[functionId] === 1)) this.#promote(view, functionId);
    else this.#shrink(view);
    this.#returns[functionId] = 0;
  }

  onIdle(_: View, container: ContainerId): void {
    this.#segments.touch(container);
    this.#segments.fellIdle(container);
  }

  onContainerGone({ containers }: View, container: ContainerId): void {
    const functionId = containers.functionOf(container);
    this.#segments.remove(container);
    this.#containersOf.remove(container);
    if (this.#containersOf.count(functionId) > 0) return;
    this.#statusOf[functionId] = HIR;
    this.#prune();
  }

  victim(view: View): Victim | null {
    const container = this.#segments.oldestIdle(view.containers, HIR);
    if (container !== NONE) return olderOf(view, container);
    return olderOf(view, this.#segments.oldestIdle(view.containers, LIR));
  }

  #promote(view: View, functionId: FunctionId): void {
    if (this.#stack.listOf(functionId) === NONE) this.#stack.pushLast(0, functionId);
    this.#setStatus(view, functionId, LIR);
    this.#shrink(view);
  }

  /** While the LIR set is too large, the function at the bottom of the stack becomes HIR. */
  #shrink(view: View): void {
    while (this.#segments.bytes(LIR) > this.#lirBytes) {
      this.#prune();
      const bottom = this.#stack.first(0);
      if (bottom === NONE) return;
      this.#setStatus(view, bottom, HIR);
      this.#stack.remove(bottom);
    }
    this.#prune();
  }

  #setStatus({ containers }: View, functionId: FunctionId, status: number): void {
    this.#statusOf[functionId] = status;
    const lists = this.#containersOf;
    for (let id = lists.first(functionId); id !== NONE; id = lists.next(id))
      this.#segments.move(containers, id, status);
  }

  /** Takes functions off the bottom of the stack until a LIR one is there. */
  #prune(): void {
    for (;;) {
      const bottom = this.#stack.first(0);
      if (bottom === NONE || this.#statusOf[bottom] === LIR) return;
      this.#stack.remove(bottom);
    }
  }
}

import { LinkedLists } from "../../basics/linked-lists.js";
import { NONE } from "../../basics/none.js";
import type { ContainerId, PolicySpec, View } from "../../contract/policy.js";
import { numberOf } from "../parameter-values.js";
import { GreedyDual } from "./greedy-dual.js";
import { CREATION_PARAMETER } from "./zygote-cost.js";

export const cidreEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "cidre",
  summary: "Greedy-Dual by function: the lowest clock + frequency x cost / (size x containers).",
  source: "the eviction of CIDRE (CIP), Liu et al., ASPLOS 2025",
  departures: [
    "only the eviction: waiting for a busy container while another starts is no part of it",
    "a function's frequency counts since the first of its live containers, as in evict=gdsf",
    "containers are all live ones of the function, busy ones included",
    "Zygotes compete as well: frequency is their forks, cost the import time of what they add, and each is the only one of its kind",
  ],
  parameters: { creation: CREATION_PARAMETER },
  create: (parameters, { functions }) =>
    new Cidre(numberOf(parameters, "creation"), functions.length),
};

/**
 * One more container of a function lowers the worth of all of them, so the idle ones are ranked
 * again. The function usually has none then, because an idle container serves before a new one is
 * made.
 */
class Cidre extends GreedyDual {
  readonly #idleOf: LinkedLists;

  constructor(creationUs: number, functions: number) {
    super(
      {
        worth: (uses, costUs, bytes, containers) => (uses * costUs) / (bytes * containers),
        ages: true,
        weighsBytes: true,
        tiesByAge: false,
        creationUs,
        reserveBytes: 0,
      },
      functions,
    );
    this.#idleOf = new LinkedLists(functions, 0);
  }

  override onContainerReady(view: View, container: ContainerId): void {
    super.onContainerReady(view, container);
    const lists = this.#idleOf;
    const functionId = view.containers.functionOf(container);
    for (let idle = lists.first(functionId); idle !== NONE; idle = lists.next(idle))
      this.rankAgain(view, idle);
  }

  override onIdle(view: View, container: ContainerId): void {
    super.onIdle(view, container);
    this.#idleOf.reach(container);
    this.#idleOf.remove(container);
    this.#idleOf.pushLast(view.containers.functionOf(container), container);
  }

  override onStart(view: View, container: ContainerId): void {
    super.onStart(view, container);
    this.#leave(container);
  }

  override onContainerGone(view: View, container: ContainerId): void {
    super.onContainerGone(view, container);
    this.#leave(container);
  }

  #leave(container: ContainerId): void {
    this.#idleOf.reach(container);
    this.#idleOf.remove(container);
  }
}

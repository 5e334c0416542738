import { NONE } from "../../basics/none.js";
import type { Parameters } from "../../contract/parameters.js";
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
import { OLDER_ZYGOTE_GOES, olderOf } from "./lowest-zygote.js";
import { Segments } from "./segments.js";
import { UseCounts } from "./use-counts.js";

export const wTinyLfuEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "w-tinylfu",
  summary: "What leaves a small LRU window stays only if its function arrived more often.",
  source: "Einziger, Friedman and Manes, TinyLFU, ACM Transactions on Storage 13 (2017)",
  departures: [
    "an entry is a container, and its frequency is that of its function",
    "each function has a counter up to 15, instead of a count-min sketch and a doorkeeper: the functions are known",
    "the capacity in entries, by which the sample is measured, is the number of live containers",
    "a container must exist to run, so it always enters the window, and the one that leaves the window is compared when memory is short, before the new one comes",
    "busy containers keep their places and are passed over",
    OLDER_ZYGOTE_GOES,
  ],
  parameters: {
    window: {
      kind: "number",
      default: 0.01,
      unit: "of the memory limit",
      min: 0,
      max: 1,
      description: "size of the window",
    },
    protected: {
      kind: "number",
      default: 0.8,
      unit: "of the rest",
      min: 0,
      max: 1,
      description: "size of the protected segment, for containers used again after the window",
    },
    sample: {
      kind: "number",
      default: 10,
      unit: "arrivals per entry",
      min: 1,
      max: 1_000,
      description: "arrivals after which all counters are halved",
    },
  },
  create: (parameters, context) => new WTinyLfu(parameters, context),
};

const WINDOW = 0;
const PROBATION = 1;
const PROTECTED = 2;

class WTinyLfu implements EvictPolicy {
  readonly #windowBytes: number;
  readonly #mainBytes: number;
  readonly #protectedBytes: number;
  readonly #counts: UseCounts;
  readonly #segments = new Segments(3);
  #live = 0;

  constructor(parameters: Parameters, { memoryLimitBytes, functions }: PolicyContext) {
    this.#windowBytes = numberOf(parameters, "window") * memoryLimitBytes;
    this.#mainBytes = (1 - numberOf(parameters, "window")) * memoryLimitBytes;
    this.#protectedBytes = numberOf(parameters, "protected") * this.#mainBytes;
    this.#counts = new UseCounts(functions.length, numberOf(parameters, "sample"));
  }

  onArrival(_: View, functionId: FunctionId): void {
    this.#counts.count(functionId, this.#live);
  }

  onContainerReady({ containers }: View, container: ContainerId): void {
    this.#live++;
    this.#segments.insert(WINDOW, container, containers.reclaimableBytes(container));
  }

  onStart({ containers }: View, container: ContainerId): void {
    if (containers.usesOf(container) === 1 || this.#segments.segmentOf(container) === WINDOW)
      return;
    this.#segments.move(containers, container, PROTECTED);
    while (this.#segments.bytes(PROTECTED) > this.#protectedBytes) {
      const oldest = this.#segments.oldestIdle(containers, PROTECTED);
      if (oldest === NONE) return;
      this.#segments.move(containers, oldest, PROBATION);
    }
  }

  onIdle(_: View, container: ContainerId): void {
    this.#segments.touch(container);
    this.#segments.fellIdle(container);
  }

  onContainerGone(_: View, container: ContainerId): void {
    this.#live--;
    this.#segments.remove(container);
  }

  victim(view: View, neededBytes: number): Victim | null {
    return olderOf(view, this.#loser(view.containers, neededBytes));
  }

  /** Fills the main segments from the window while they have room, then compares the two oldest. */
  #loser(containers: ContainersView, neededBytes: number): ContainerId {
    const segments = this.#segments;
    for (;;) {
      const candidate = segments.oldestIdle(containers, WINDOW);
      const oldest = this.#oldestOfMain(containers);
      const isOver = segments.bytes(WINDOW) + neededBytes > this.#windowBytes;
      if (candidate === NONE || (!isOver && oldest !== NONE)) return oldest;
      const mainBytes = segments.bytes(PROBATION) + segments.bytes(PROTECTED);
      if (mainBytes + segments.bytesOf(candidate) <= this.#mainBytes)
        segments.move(containers, candidate, PROBATION);
      else {
        if (oldest === NONE) return candidate;
        if (this.#countOf(containers, candidate) <= this.#countOf(containers, oldest))
          return candidate;
        segments.move(containers, candidate, PROBATION);
        return oldest;
      }
    }
  }

  #oldestOfMain(containers: ContainersView): ContainerId {
    const container = this.#segments.oldestIdle(containers, PROBATION);
    return container === NONE ? this.#segments.oldestIdle(containers, PROTECTED) : container;
  }

  #countOf(containers: ContainersView, container: ContainerId): number {
    return this.#counts.of(containers.functionOf(container));
  }
}

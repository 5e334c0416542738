import { NONE } from "../../basics/none.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import type {
  ContainerId,
  EvictPolicy,
  PolicySpec,
  Victim,
  View,
  ZygoteId,
} from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import { numberOf } from "../parameter-values.js";
import { lowestLooseZygote, victimOf } from "./lowest-zygote.js";

export const openLambdaEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "openlambda",
  summary:
    "Containers and Zygotes in one pool; evicts the idle, childless one whose last event is oldest.",
  source: "open-lambda 71e84891, go/worker/sandbox/evictors.go",
  departures: [
    "running containers (queue 1) are never evicted by force: the engine forbids it",
    "there is no limit of 8 concurrent evictions, and memory that is being freed counts as free",
    "memory is counted as used bytes; OpenLambda reserves a limit per sandbox that is not paused (50 MB), however little it uses",
    "evictions also happen when a start needs more than the goal; OpenLambda looks at the goal only",
  ],
  parameters: {
    unit: {
      kind: "bytes",
      default: 50 * BYTES_PER_MIB,
      description: "memory of one container, in which free memory is counted (limits.mem_mb)",
    },
  },
  create: (parameters, context) =>
    new ThreeQueues(freeGoalBytes(numberOf(parameters, "unit"), context)),
};

/**
 * Room for one container, and for a fifth of those beyond two: `1 + (total/unit - 2) * 20 / 100`.
 */
function freeGoalBytes(unitBytes: number, { memoryLimitBytes }: PolicyContext): number {
  if (!Number.isFinite(memoryLimitBytes) || !Number.isFinite(unitBytes) || unitBytes === 0)
    return 0;
  const units = Math.floor(memoryLimitBytes / unitBytes);
  return unitBytes * (1 + Math.trunc(((units - 2) * 20) / 100));
}

/**
 * Only queue 0 gives victims: entries that are paused and have no children, in order of their last
 * event. Its containers are those of the engine's idle list. Its Zygotes are those without child
 * Zygotes and live containers; their last event is a fork or the exit of a child.
 */
class ThreeQueues implements EvictPolicy {
  readonly #goalBytes: number;
  readonly #lastEventUs: number[] = [];

  constructor(goalBytes: number) {
    this.#goalBytes = goalBytes;
  }

  reserveBytes(): number {
    return this.#goalBytes;
  }

  onZygoteReady(view: View, zygote: ZygoteId): void {
    this.#lastEventUs[zygote] = view.nowUs;
    this.#touch(view, view.zygotes.parentOf(zygote));
  }

  onFork(view: View, zygote: ZygoteId): void {
    this.#touch(view, zygote);
  }

  onContainerGone(view: View, container: ContainerId): void {
    this.#touch(view, view.containers.zygoteOf(container));
  }

  onZygoteGone(view: View, zygote: ZygoteId): void {
    this.#touch(view, view.zygotes.parentOf(zygote));
  }

  victim({ containers, zygotes }: View): Victim | null {
    const container = containers.oldestIdle();
    const idleSinceUs =
      container === NONE ? Number.POSITIVE_INFINITY : containers.lastUsedUs(container);
    const zygote = lowestLooseZygote(zygotes, idleSinceUs, (id) => this.#lastEventUs[id]);
    return victimOf(zygote, container);
  }

  #touch(view: View, zygote: ZygoteId): void {
    if (zygote !== NONE) this.#lastEventUs[zygote] = view.nowUs;
  }
}

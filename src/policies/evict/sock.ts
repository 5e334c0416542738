import { NONE } from "../../basics/none.js";
import type { EvictPolicy, PolicySpec, Victim, View, ZygoteId } from "../../contract/policy.js";
import { numberOf, textOf } from "../parameter-values.js";
import { importUsOf } from "../zygote/package-tree.js";
import { lowestZygote } from "./lowest-zygote.js";

export const sockEviction: PolicySpec<"evict"> = {
  family: "evict",
  name: "sock",
  summary: "Handler cache: least recently used. Import cache: least import time saved per byte.",
  source:
    "Oakes et al., USENIX ATC 2018, section 4; open-lambda 77a016a0, worker/import-cache/evictor.go",
  departures: [
    "benefit is uses x import time of the packages that the Zygote adds, as in the paper; the prototype counts hits only",
    "cost is the memory that eviction releases now; the prototype was meant to use the packages' table sizes, but never stored them",
    "there is one memory limit, and Zygotes go first while they have more than their share of it; the prototype limited each cache separately",
  ],
  parameters: {
    share: {
      kind: "number",
      default: 0.5,
      unit: "of the memory limit",
      min: 0,
      max: 1,
      description: "import cache size above which Zygotes go first; as in zygote=sock",
    },
    importEviction: {
      kind: "choice",
      default: "intended",
      choices: ["intended", "as-released"],
      description:
        "`as-released`: Zygotes are never evicted, which is the effect of the published code",
    },
  },
  create: (parameters) =>
    new SockEviction(
      numberOf(parameters, "share"),
      textOf(parameters, "importEviction") === "intended",
    ),
};

class SockEviction implements EvictPolicy {
  readonly #share: number;
  readonly #evictsZygotes: boolean;
  /** Forks from each Zygote and its descendants so far. */
  readonly #uses: number[] = [];

  constructor(share: number, evictsZygotes: boolean) {
    this.#share = share;
    this.#evictsZygotes = evictsZygotes;
  }

  onZygoteReady(_: View, zygote: ZygoteId): void {
    this.#uses[zygote] = 0;
  }

  onFork({ zygotes }: View, zygote: ZygoteId): void {
    for (let at = zygote; at !== NONE; at = zygotes.parentOf(at)) this.#uses[at]++;
  }

  victim(view: View): Victim | null {
    const { zygoteBytes, limitBytes } = view.memory;
    if (zygoteBytes > this.#share * limitBytes)
      return this.#leastWorthZygote(view) ?? oldestContainer(view);
    return oldestContainer(view) ?? this.#leastWorthZygote(view);
  }

  #leastWorthZygote({ zygotes, packages }: View): Victim | null {
    if (!this.#evictsZygotes) return null;
    const zygote = lowestZygote(zygotes, Number.POSITIVE_INFINITY, (id) => {
      if (zygotes.packagesOf(id).size === 0) return Number.POSITIVE_INFINITY; // the root stays
      const savedUs = this.#uses[id] * importUsOf(zygotes.addedPackagesOf(id), packages);
      return savedUs / Math.max(zygotes.reclaimableBytes(id), 1);
    });
    return zygote === NONE ? null : { tier: "import", zygote };
  }
}

function oldestContainer({ containers }: View): Victim | null {
  const container = containers.oldestIdle();
  return container === NONE ? null : { tier: "handler", container };
}

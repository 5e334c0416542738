import type { PackageId } from "../../contract/package-set.js";
import type { InstallPolicy, PolicySpec, View } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import { numberOf, textOf } from "../parameter-values.js";
import { kneeBytes, targetBytes } from "./hit-ratio.js";
import { leastRecentlyUsed } from "./rank-packages.js";
import { ReuseDistances } from "./reuse-distance.js";

export const hitRatioCurve: PolicySpec<"install"> = {
  family: "install",
  name: "hit-ratio-curve",
  summary: "Sizes the install cache by the hit ratio that packages' reuse distances promise.",
  source:
    "Fuerst and Sharma, FaasCache, ASPLOS 2021, section 5 (there for functions in memory); Satopaa et al., Kneedle, 2011",
  departures: [
    "a distance includes the package itself, so that the curve is exactly that of an LRU cache",
    "the first use of a package is left out: no size makes it a hit",
    "all uses of a window are taken instead of SHARDS samples, since there are few packages",
    "never below the largest function's closure, which a start needs at once",
  ],
  parameters: {
    size: {
      kind: "choice",
      default: "target",
      choices: ["target", "knee"],
      description: "smallest size that reaches the target hit ratio, or the knee of the curve",
    },
    target: {
      kind: "number",
      default: 0.9,
      unit: "hit ratio",
      min: 0,
      max: 1,
      description: "hit ratio of reused packages; 0.9 as FaasCache",
    },
    refit: {
      kind: "number",
      default: 1000,
      unit: "package uses",
      min: 1,
      max: 1_000_000,
      description: "uses after which the size is computed again, from the last ten times as many",
    },
  },
  create: (parameters, context) => {
    const isKnee = textOf(parameters, "size") === "knee";
    const target = numberOf(parameters, "target");
    const sizeFor = isKnee ? kneeBytes : (sorted: Float64Array) => targetBytes(sorted, target);
    return new SizedInstalls(sizeFor, Math.round(numberOf(parameters, "refit")), context);
  },
};

class SizedInstalls implements InstallPolicy {
  readonly #sizeFor: (sorted: Float64Array) => number;
  readonly #refit: number;
  readonly #leastBytes: number;
  readonly #distances: ReuseDistances;
  /** The latest finite distances; the oldest is overwritten first. */
  readonly #window: Float64Array;
  #uses = 0;
  #reuses = 0;
  #budgetBytes = Number.POSITIVE_INFINITY;

  constructor(
    sizeFor: (sorted: Float64Array) => number,
    refit: number,
    { functions, catalogue }: PolicyContext,
  ) {
    const sizes = catalogue.packages.map(({ diskBytes }) => diskBytes);
    const closureBytes = functions.map(({ closure }) =>
      closure.ids.reduce((sum, id) => sum + sizes[id], 0),
    );
    this.#sizeFor = sizeFor;
    this.#refit = refit;
    this.#leastBytes = closureBytes.reduce((most, bytes) => Math.max(most, bytes), 0);
    this.#distances = new ReuseDistances(sizes);
    this.#window = new Float64Array(10 * refit);
  }

  onPackageUse(_: View, id: PackageId): void {
    const bytes = this.#distances.use(id);
    if (Number.isFinite(bytes)) this.#window[this.#reuses++ % this.#window.length] = bytes;
    if (++this.#uses % this.#refit !== 0 || this.#reuses === 0) return;
    const sorted = this.#window.slice(0, this.#reuses).sort();
    this.#budgetBytes = Math.max(this.#sizeFor(sorted), this.#leastBytes);
  }

  preinstalled(): Iterable<PackageId> {
    return [];
  }

  budgetBytes(): number {
    return this.#budgetBytes;
  }

  victim(view: View): PackageId {
    return leastRecentlyUsed(view);
  }

  keepUnused(): boolean {
    return true;
  }
}

import { NONE } from "../../basics/none.js";
import type { PolicySpec, View, ZygotePlan, ZygotePolicy } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { FunctionId, FunctionProfile } from "../../contract/workload.js";
import { numberOf } from "../parameter-values.js";
import { findLargestSubset } from "./match.js";

export const sockZygotes: PolicySpec<"zygote"> = {
  family: "zygote",
  name: "sock",
  summary:
    "Forks the Zygote with most of the function's packages; on a miss creates one with all of them.",
  source:
    "Oakes et al., USENIX ATC 2018, section 4.2; open-lambda 77a016a0, worker/import-cache (subsetMatcher, Provision)",
  departures: [
    "matches the closure of the requirements; the prototype matched the names that a handler imports",
    "the import cache is full at a share of one memory limit; the prototype limited it in MB, separately from the handler cache",
    "a Zygote under creation counts as a match, so that a burst creates it once",
  ],
  needsPackages: true,
  parameters: {
    share: {
      kind: "number",
      default: 0.5,
      unit: "of the memory limit",
      min: 0,
      max: 1,
      description:
        "import cache size from which no Zygote is created any more; half, as the prototype's tests split memory evenly between both caches",
    },
    alone: {
      kind: "number",
      default: 0,
      unit: "of the functions",
      min: 0,
      max: 1,
      description:
        "functions, spread evenly over the workload, that are never forked: forks of one Zygote share its address layout, and some may not; SOCK forks all",
    },
  },
  create: (parameters, context) =>
    new SockZygotes(numberOf(parameters, "share"), numberOf(parameters, "alone"), context),
};

/** The plans of a function's start, as long as no Zygote is created or gone. */
interface Answer {
  readonly fork: ZygotePlan;
  /** Creates a Zygote with the whole closure; null: there is one already. */
  readonly create: ZygotePlan | null;
}

const NEVER_FORKED: Answer = { fork: { forkFrom: NONE, create: null }, create: null };

class SockZygotes implements ZygotePolicy {
  readonly startsWithRoot = true;
  readonly #functions: readonly FunctionProfile[];
  readonly #fullBytes: number;
  readonly #alone: number;
  readonly #answers: (Answer | undefined)[];
  readonly #versions: Int32Array;

  constructor(share: number, alone: number, context: PolicyContext) {
    this.#alone = alone;
    this.#functions = context.functions;
    this.#fullBytes = share === 0 ? 0 : share * context.memoryLimitBytes;
    this.#answers = new Array(context.functions.length);
    this.#versions = new Int32Array(context.functions.length).fill(-1);
  }

  choose(view: View, functionId: FunctionId): ZygotePlan {
    if (this.#versions[functionId] !== view.zygotes.version) {
      this.#versions[functionId] = view.zygotes.version;
      this.#answers[functionId] = this.#answer(view, functionId);
    }
    const { fork, create } = this.#answers[functionId]!;
    const isFull = view.memory.zygoteBytes >= this.#fullBytes;
    return create === null || isFull ? fork : create;
  }

  #answer(view: View, functionId: FunctionId): Answer {
    if (this.#isAlone(functionId)) return NEVER_FORKED;
    const { closure } = this.#functions[functionId];
    const forkFrom = findLargestSubset(view.zygotes, closure);
    const fork: ZygotePlan = { forkFrom, create: null };
    const hasAll = forkFrom !== NONE && view.zygotes.packagesOf(forkFrom).size === closure.size;
    if (hasAll) return { fork, create: null };
    return { fork, create: { forkFrom, create: { parent: forkFrom, packages: closure } } };
  }

  #isAlone(functionId: FunctionId): boolean {
    return Math.floor((functionId + 1) * this.#alone) > Math.floor(functionId * this.#alone);
  }
}

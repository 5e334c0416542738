import { InputError } from "../basics/errors.js";
import { suggestion } from "../basics/nearest.js";
import type { RandomStreams } from "../basics/random.js";
import type { Future } from "../contract/future.js";
import { PackageSet } from "../contract/package-set.js";
import type { Parameters } from "../contract/parameters.js";
import type { Family, Policies, PolicyFamilies, PolicySpec } from "../contract/policy.js";
import type { PolicyContext } from "../contract/policy-context.js";
import type { TrainedFunction } from "../contract/training.js";
import type { PolicyChoice, PolicyChoices } from "./choice.js";
import { delayedWarm } from "./dispatch/delayed-warm.js";
import { lruDispatch } from "./dispatch/lru.js";
import { mruDispatch } from "./dispatch/mru.js";
import { openLambdaDispatch } from "./dispatch/openlambda.js";
import { arcEviction } from "./evict/arc.js";
import { beladyCostEviction, beladyEviction, beladySizeEviction } from "./evict/belady.js";
import { cidreEviction } from "./evict/cidre.js";
import { fifoEviction } from "./evict/fifo.js";
import { gdsfEviction } from "./evict/gdsf.js";
import { hyperbolicEviction } from "./evict/hyperbolic.js";
import { landlordEviction } from "./evict/landlord.js";
import { lfuEviction } from "./evict/lfu.js";
import { lhdEviction } from "./evict/lhd.js";
import { lirsEviction } from "./evict/lirs.js";
import { lruEviction } from "./evict/lru.js";
import { openLambdaEviction } from "./evict/openlambda.js";
import { randomEviction } from "./evict/random.js";
import { s3FifoEviction } from "./evict/s3-fifo.js";
import { sieveEviction } from "./evict/sieve.js";
import { frequencyOverSize, frequencyTimesCost, largestFirst } from "./evict/size.js";
import { sockEviction } from "./evict/sock.js";
import { twoQEviction } from "./evict/two-q.js";
import { wTinyLfuEviction } from "./evict/w-tinylfu.js";
import { installAll } from "./install/all.js";
import { gdsfInstalls } from "./install/gdsf.js";
import { hitRatioCurve } from "./install/hit-ratio-curve.js";
import { lruInstalls } from "./install/lru.js";
import { installNone } from "./install/none.js";
import { fixedKeepAlive } from "./keep-alive/fixed.js";
import { hybridHistogram } from "./keep-alive/hybrid-histogram.js";
import { openLambdaKeepAlive } from "./keep-alive/openlambda.js";
import { oracleKeepAlive } from "./keep-alive/oracle.js";
import { pricedKeepAlive } from "./keep-alive/priced.js";
import { OwnPolicies } from "./own-policies.js";
import { bypassQueue } from "./queue/bypass.js";
import { edfQueue } from "./queue/edf.js";
import { fcfsQueue } from "./queue/fcfs.js";
import { sjfQueue } from "./queue/sjf.js";
import { forkliftZygotes } from "./zygote/forklift.js";
import { noZygotes } from "./zygote/none.js";
import { openLambdaZygotes } from "./zygote/openlambda.js";
import { rootZygote } from "./zygote/root.js";
import { sockZygotes } from "./zygote/sock.js";

/** Every built-in policy. A new one is added here. */
export const BUILT_IN_POLICIES: readonly PolicySpec[] = [
  noZygotes,
  rootZygote,
  sockZygotes,
  openLambdaZygotes,
  forkliftZygotes,
  lruEviction,
  gdsfEviction,
  sockEviction,
  openLambdaEviction,
  fifoEviction,
  lfuEviction,
  largestFirst,
  frequencyOverSize,
  frequencyTimesCost,
  landlordEviction,
  cidreEviction,
  sieveEviction,
  s3FifoEviction,
  twoQEviction,
  arcEviction,
  lirsEviction,
  wTinyLfuEviction,
  randomEviction,
  hyperbolicEviction,
  lhdEviction,
  beladyEviction,
  beladySizeEviction,
  beladyCostEviction,
  fixedKeepAlive,
  hybridHistogram,
  openLambdaKeepAlive,
  oracleKeepAlive,
  pricedKeepAlive,
  installAll,
  installNone,
  lruInstalls,
  gdsfInstalls,
  hitRatioCurve,
  mruDispatch,
  lruDispatch,
  delayedWarm,
  openLambdaDispatch,
  fcfsQueue,
  bypassQueue,
  sjfQueue,
  edfQueue,
];

/** What all policies of a run may know. In addition, each gets its own random stream. */
export interface SharedContext
  extends Omit<PolicyContext, "random" | "trained" | "future" | "packageSet"> {
  /** The arrivals of the run, if one of the policies needs them. */
  readonly future?: Future | null | undefined;
  /** Per family, the functions to which its policy is fitted. Absent: those of the run. */
  readonly trainedByFamily?: Partial<Record<Family, readonly TrainedFunction[]>> | undefined;
}

/**
 * Makes one policy of each family. `specs` contains the policies to choose from: the built-in ones
 * and those of the user. A user's policy that is chosen for several families is made once. Errors:
 * InputError if a policy needs packages and the workload has none, or if a policy finds its
 * parameters wrong.
 */
export function makePolicies(
  choices: PolicyChoices,
  specs: readonly PolicySpec[],
  context: SharedContext,
  streams: RandomStreams,
): Policies {
  const hasPackages = context.functions.some(({ closure }) => closure.size > 0);
  const own = new OwnPolicies();
  const make = <F extends Family>(family: F): PolicyFamilies[F] => {
    const { name, parameters }: PolicyChoice = choices[family];
    const spec = findSpec(family, name, specs, "policy");
    if (spec.needsPackages && !hasPackages) throw needsPackages(spec, specs);
    const trained = trainedFor(spec, parameters, context);
    const create = () =>
      spec.create(parameters, {
        ...context,
        trained,
        future: futureFor(spec, context),
        random: streams.get(`policy/${family}`),
        packageSet: (ids) => new PackageSet(ids),
      });
    return BUILT_IN_POLICIES.includes(spec) ? create() : own.make(spec, family, create);
  };
  const families = {
    zygote: make("zygote"),
    evict: make("evict"),
    "keep-alive": make("keep-alive"),
    install: make("install"),
    dispatch: make("dispatch"),
    queue: make("queue"),
  };
  // all members receive notices; only the families are asked questions
  return { ...families, ...own.listeners };
}

/** Errors: InputError if the policy is fitted to a time before the run, and nothing is known of it. */
function trainedFor(
  { family, name, training }: PolicySpec,
  parameters: Parameters,
  { trainedByFamily, functions }: SharedContext,
): readonly TrainedFunction[] {
  const wanted = training?.(parameters) ?? null;
  if (wanted === null) return [];
  const given = trainedByFamily?.[family];
  if (given === undefined && wanted.minutes > 0)
    throw new InputError(
      `policy ${family}=${name}: it is fitted to the ${wanted.minutes} minutes before the run, and nothing is known of them here: only runs of a trace have such minutes`,
    );
  return given ?? functions;
}

/** Errors: InputError if the policy needs the arrivals of the run, and nothing is known of them. */
function futureFor({ family, name, needsFuture }: PolicySpec, { future }: SharedContext) {
  if (!needsFuture) return null;
  if (future) return future;
  throw new InputError(
    `policy ${family}=${name}: it is an oracle that knows all arrivals, and nothing is known of them here: only runs of a trace have a future`,
  );
}

/**
 * Returns the policy of this family with this name. If several have the name, the last one counts.
 * Errors: InputError that lists the known names.
 */
export function findSpec<F extends Family>(
  family: F,
  name: string,
  specs: readonly PolicySpec[],
  where: string,
): PolicySpec<F> {
  const known = specs.filter((spec): spec is PolicySpec<F> => spec.family === family);
  const spec = known.findLast((candidate) => candidate.name === name);
  if (spec !== undefined) return spec;
  const names = [...new Set(known.map((candidate) => candidate.name))];
  throw new InputError(
    `${where}: no ${family} policy is called "${name}"${suggestion(name, names)}, expected one of ${names.join(", ")}`,
  );
}

function needsPackages({ family, name }: PolicySpec, specs: readonly PolicySpec[]): InputError {
  const others = specs.filter((spec) => spec.family === family && !spec.needsPackages);
  const names = others.map((spec) => `${family}=${spec.name}`).join(" or ");
  return new InputError(
    `policy ${family}=${name} needs functions with packages, and this workload has none: use --set ${names}, or join packages with --packages`,
  );
}

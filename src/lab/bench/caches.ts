import { cpus } from "node:os";
import { join } from "node:path";
import { RandomStreams } from "../../basics/random.js";
import { BYTES_PER_GIB, US_PER_SECOND } from "../../basics/units.js";
import { FAMILIES, type Family, type Policies } from "../../contract/policy.js";
import type { PolicyChoices } from "../../policies/choice.js";
import { parseChoice } from "../../policies/parse.js";
import { BUILT_IN_POLICIES, makePolicies } from "../../policies/registry.js";
import { writeHandlers } from "../../real/made-up/handlers.js";
import { writeWheels } from "../../real/made-up/wheels.js";
import { type OpenState, openState } from "../../real/open-state.js";
import { CataloguePackages } from "../../real/packages/catalogue-packages.js";
import { RealBackend } from "../../real/real-backend.js";
import { functionFolder } from "../../real/state/function-folder.js";
import type { Measurement } from "../../results/bench-result.js";
import { type Answered, runClosedLoop } from "../../run/closed-loop.js";
import { USUAL_CREATIONS } from "../run/run-settings.js";
import type { Bench, BenchContext, BenchOutcome } from "./bench.js";
import { choose } from "./choose.js";
import { BenchFindings } from "./findings.js";
import { type SkewedFunctions, skewedFunctions } from "./skewed-functions.js";

/** A choice of policies that switches some of the three caches on. */
interface Configuration {
  readonly name: string;
  readonly title: string;
  readonly choices: Readonly<Record<Family, string>>;
}

const NO_CACHE: Configuration["choices"] = {
  zygote: "none",
  evict: "sock",
  "keep-alive": "fixed:keep=0",
  install: "none",
  dispatch: "mru",
  queue: "fcfs",
};
const KEPT_HANDLERS = { "keep-alive": "fixed:keep=unlimited,pauseAfter=0" };

/** From no cache to all three. Each has one cache more than the one before. */
export const CONFIGURATIONS: readonly Configuration[] = [
  { name: "none", title: "no cache", choices: NO_CACHE },
  { name: "install", title: "install cache", choices: { ...NO_CACHE, install: "all" } },
  {
    name: "import",
    title: "install and import cache",
    choices: { ...NO_CACHE, install: "all", zygote: "sock" },
  },
  {
    name: "handler",
    title: "install, import and handler cache",
    choices: { ...NO_CACHE, ...KEPT_HANDLERS, install: "all", zygote: "sock" },
  },
];

const FUNCTIONS = 64;
const CLIENTS = 4;
const SEED = 1;
/**
 * Memory limit of all containers and Zygotes: less than the containers of all functions would need
 * together.
 */
const MEMORY_BYTES = BYTES_PER_GIB;
const WARM_UP_US = 6 * US_PER_SECOND;
const COUNTED_US = 30 * US_PER_SECOND;
const SLICE_US = 3 * US_PER_SECOND;
const INSTALLS_AT_ONCE = 2;
const DOES = `${CLIENTS} clients in a closed loop; each invokes one of many functions, drawn by Zipf's law (s = 1), which need 1 to 5 invented packages and do nothing; from arrival to end`;
const RESPONSE = "response";
const THROUGHPUT = "invocations per second";

/** The factor that the SOCK paper reports for its three caches over containers without Zygotes. */
const PAPER_CACHES = 45;

/** Switches the three caches on one by one, under a skewed workload in a closed loop. */
export const cachesBench: Bench = {
  name: "caches",
  summary:
    "throughput and latency of a skewed workload with no cache, then one cache more at a time",
  run: (context) => measureCaches(context, FUNCTIONS),
};

/** Performs the bench with `functionCount` functions. */
export async function measureCaches(
  context: BenchContext,
  functionCount: number,
): Promise<BenchOutcome> {
  const chosen = choose(CONFIGURATIONS, context.only);
  const workload = await skewedFunctions(functionCount, SEED);
  const wheels = join(context.folder, "wheels");
  await writeWheels(wheels, workload.catalogue, workload.needed);
  const findings = new BenchFindings();
  const found = new Map<string, readonly Measurement[]>();
  const warnings: string[] = [];
  for (const [at, { name, title, choices }] of chosen.entries()) {
    context.onStage({ at: at + 1, of: chosen.length, name: title });
    const answers = await measure(choices, workload, wheels, context);
    found.set(name, addTo(findings, title, answers));
    warnings.push(`${title}: ${describeStarts(answers)}`);
  }
  compare(findings, found);
  return findings.outcome(warnings);
}

/**
 * Measures one configuration on a new state folder. If it has an install cache, all packages are
 * installed before the measurement.
 */
async function measure(
  choices: Configuration["choices"],
  workload: SkewedFunctions,
  wheels: string,
  context: BenchContext,
): Promise<readonly Answered[]> {
  const state = await openState({
    stateFolder: join(context.folder, "state"),
    python: context.python,
    index: { kind: "folder", path: wheels },
    installsAtOnce: INSTALLS_AT_ONCE,
    keepsPackages: choices.install === "all",
  });
  try {
    const store = new CataloguePackages(workload.catalogue.packages, state.installer);
    if (choices.install === "all") {
      await Promise.all(workload.needed.map((id) => store.install(id)));
    }
    return await loadOn(state, store, choices, workload, context);
  } finally {
    await state.installer.close();
    await state.release();
  }
}

async function loadOn(
  state: OpenState,
  store: CataloguePackages,
  choices: Configuration["choices"],
  { catalogue, functions, draw }: SkewedFunctions,
  { samples = Number.POSITIVE_INFINITY, footprint, signal }: BenchContext,
): Promise<readonly Answered[]> {
  const { layout } = state;
  const { interpreterBytes } = footprint;
  await writeHandlers(layout, { functions, catalogue }, { cpuDemand: 0, interpreterBytes });
  const backend = new RealBackend({
    ...state,
    folder: layout.containers,
    packagesFolder: layout.packages,
    store,
    functions,
    codeOf: (id) => functionFolder(layout, functions[id].name),
  });
  const config = {
    memoryLimitBytes: MEMORY_BYTES,
    diskLimitBytes: Number.POSITIVE_INFINITY,
    cores: cpus().length,
    runsPerCore: Number.POSITIVE_INFINITY,
    ...USUAL_CREATIONS,
    queueLimit: CLIENTS,
    queueTimeoutUs: Number.POSITIVE_INFINITY,
    footprint,
  };
  const policies = policiesOf(choices, { ...config, functions, catalogue });
  try {
    const answers = await runClosedLoop({
      backend,
      engine: {
        config,
        functions,
        packages: catalogue.packages,
        policies,
      },
      clients: CLIENTS,
      next: draw(),
      goesOn: (elapsedUs, count) => elapsedUs < WARM_UP_US + COUNTED_US && count < samples,
      signal,
    });
    // if `--samples` cuts the run short, every answer counts
    if (Number.isFinite(samples)) return answers;
    return answers
      .filter(({ endedUs }) => endedUs >= WARM_UP_US && endedUs < WARM_UP_US + COUNTED_US)
      .map((each) => ({ ...each, endedUs: each.endedUs - WARM_UP_US }));
  } finally {
    await backend.close();
  }
}

function policiesOf(
  texts: Configuration["choices"],
  known: Omit<Parameters<typeof makePolicies>[2], "readText">,
): Policies {
  const choices = Object.fromEntries(
    FAMILIES.map((family) => [
      family,
      parseChoice(family, texts[family], BUILT_IN_POLICIES, "bench caches"),
    ]),
  ) as PolicyChoices;
  const context = { ...known, readText: () => "" };
  return makePolicies(choices, BUILT_IN_POLICIES, context, new RandomStreams(SEED));
}

/** Adds the response times and the throughput of one configuration, in this order. */
function addTo(
  findings: BenchFindings,
  contender: string,
  answers: readonly Answered[],
): readonly Measurement[] {
  const failed = answers.filter(({ failure }) => failure !== undefined);
  const response = { contender, does: DOES, metric: RESPONSE, unit: "us" } as const;
  const throughput = { ...response, metric: THROUGHPUT, unit: "1/s" } as const;
  if (failed.length > 0 || answers.length === 0) {
    const reason = `${failed.length} of ${answers.length} invocations did not complete`;
    return [response, throughput].map((each) => findings.miss(each, "failed", reason));
  }
  return [
    findings.add(
      response,
      answers.map(({ responseUs }) => responseUs),
    ),
    findings.add(throughput, throughputs(answers)),
  ];
}

/** Answers per second in each slice of the run. A run that is shorter than a slice is one slice. */
export function throughputs(answers: readonly Answered[]): readonly number[] {
  const lastUs = answers.at(-1)!.endedUs; // answers are in the order of their ends
  if (lastUs < SLICE_US) return [(answers.length * US_PER_SECOND) / lastUs];
  const slices = new Array<number>(Math.floor(lastUs / SLICE_US)).fill(0);
  for (const { endedUs } of answers) {
    const slice = Math.floor(endedUs / SLICE_US);
    if (slice < slices.length) slices[slice]++;
  }
  return slices.map((count) => (count * US_PER_SECOND) / SLICE_US);
}

/** Text that says how the invocations started. */
function describeStarts(answers: readonly Answered[]): string {
  const counts = new Map<string, number>();
  for (const { start = "no start" } of answers) counts.set(start, (counts.get(start) ?? 0) + 1);
  const parts = [...counts].map(([start, count]) => `${count} ${start}`);
  return `${answers.length} invocations, ${parts.join(", ")}`;
}

/** Compares all caches with fewer caches, then each step with the step before. */
function compare(
  findings: BenchFindings,
  found: ReadonlyMap<string, readonly Measurement[]>,
): void {
  const all = CONFIGURATIONS.at(-1)!;
  const rest = CONFIGURATIONS.slice(0, -1);
  const pairs = [
    ...rest.map((fewer) => [all, fewer] as const),
    ...rest.slice(1).map((more, at) => [more, rest[at]] as const),
  ];
  for (const [index, metric] of [RESPONSE, THROUGHPUT].entries()) {
    for (const [more, fewer] of pairs) {
      const [ours, peer] = [found.get(more.name), found.get(fewer.name)];
      if (ours === undefined || peer === undefined) continue;
      const isWhole = more === all && fewer.name === "none";
      const goal = isWhole ? { paper: PAPER_CACHES, aim: PAPER_CACHES } : {};
      findings.compare({ title: metric, ...goal }, ours[index], peer[index]);
    }
  }
}

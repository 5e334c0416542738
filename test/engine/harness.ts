import { readFileSync } from "node:fs";
import { NONE } from "../../src/basics/none.js";
import { RandomStreams } from "../../src/basics/random.js";
import {
  type Backend,
  COMPLETION,
  type Completion,
  type Status,
} from "../../src/contract/backend.js";
import type { EngineConfig } from "../../src/contract/config.js";
import type { Future } from "../../src/contract/future.js";
import type { MeasuredSpan } from "../../src/contract/measured-span.js";
import {
  type InvocationRecord,
  type Lookups,
  type Observer,
  OUTCOMES,
  type PrewarmEvent,
  START_KINDS,
  type Tier,
} from "../../src/contract/observer.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { Policies } from "../../src/contract/policy.js";
import type { ArrivalBatches, FunctionProfile, Package } from "../../src/contract/workload.js";
import { Engine } from "../../src/engine/engine.js";
import { KnownFuture } from "../../src/policies/known-future.js";
import { BatchedArrivals } from "../../src/run/batched-arrivals.js";
import {
  JOURNAL_SCHEMA,
  type JournalHeader,
  JournalWriter,
} from "../../src/run/journal/journal-writer.js";
import { drive } from "../../src/run/loop.js";
import { type Costs, footprintOf, parseCosts, withoutTimes } from "../../src/sim/costs/costs.js";
import { SimBackend } from "../../src/sim/sim-backend.js";

export const MIB = 1024 ** 2;
export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;

export const SHIPPED_COSTS: Costs = parseCosts(
  readFileSync(new URL("../../costs.json", import.meta.url), "utf8"),
  "costs.json",
);

const NO_WAY = { value: 0, spread: 1, unit: "us", source: "none" } as const;

/**
 * The shipped costs, but a creation completes at the end of its last phase: phases are all its
 * time.
 */
export const PHASES_ONLY_COSTS: Costs = {
  ...SHIPPED_COSTS,
  costs: { ...SHIPPED_COSTS.costs, ready: NO_WAY, zygoteReady: NO_WAY },
};

/** Costs for easy sums: no times, an interpreter of 10 MiB, and 1 MiB dirtied by a fork. */
export const ROUND_COSTS: Costs = {
  schema: SHIPPED_COSTS.schema,
  machine: "none: round costs, cores shared without loss",
  costs: {
    ...withoutTimes(SHIPPED_COSTS).costs,
    runCpuDemand: { ...SHIPPED_COSTS.costs.runCpuDemand, value: 1 },
    downloadBandwidth: { ...SHIPPED_COSTS.costs.downloadBandwidth, value: 1e24 },
    diskBandwidth: { ...SHIPPED_COSTS.costs.diskBandwidth, value: 1e24 },
    installConcurrency: { ...SHIPPED_COSTS.costs.installConcurrency, value: 4 },
    creationDemand: { ...SHIPPED_COSTS.costs.creationDemand, value: 1 },
    installDemand: { ...SHIPPED_COSTS.costs.installDemand, value: 1 },
    interpreterMemory: { ...SHIPPED_COSTS.costs.interpreterMemory, value: 10 * MIB },
    forkPrivateMemory: { ...SHIPPED_COSTS.costs.forkPrivateMemory, value: MIB },
    freshPrivateMemory: { ...SHIPPED_COSTS.costs.freshPrivateMemory, value: 10 * MIB },
    zygotePrivateMemory: { ...SHIPPED_COSTS.costs.zygotePrivateMemory, value: MIB },
    importMemoryScale: { ...SHIPPED_COSTS.costs.importMemoryScale, value: 1 },
    inheritedMemoryScale: { ...SHIPPED_COSTS.costs.inheritedMemoryScale, value: 0 },
  },
};

/** The costs with another value of one cost, which is the same in every draw. */
export function withCost(
  name: keyof Costs["costs"],
  value: number,
  costs: Costs = ROUND_COSTS,
): Costs {
  const changed = { ...costs.costs[name], value, spread: 1, sample: undefined };
  return { ...costs, costs: { ...costs.costs, [name]: changed } };
}

/** One arrival: time, function, run time. */
export type Arrival = readonly [atUs: number, functionId: number, runUs: number];

/** What an oracle knows of these arrivals. */
export function futureOf(arrivals: readonly Arrival[], functions: number): Future {
  const rising = arrivals.toSorted(([some], [other]) => some - other);
  return new KnownFuture(
    Array.from({ length: functions }, (_, id) => {
      const own = rising.filter(([, functionId]) => functionId === id);
      return {
        atUs: Float64Array.from(own, ([atUs]) => atUs),
        runUs: Float64Array.from(own, ([, , runUs]) => runUs),
      };
    }),
  );
}

export interface Ended {
  readonly functionId: number;
  readonly outcome: string;
  readonly start: string;
  readonly arrivedAtUs: number;
  readonly queueUs: number;
  readonly provisionUs: number;
  readonly runUs: number;
  readonly phaseUs: readonly number[];
  readonly lookups: Lookups | null;
}

/** Keeps all that an engine reports. */
export class Recording implements Observer {
  readonly ended_: Ended[] = [];
  readonly arrivals: number[] = [];
  readonly warnings: string[] = [];
  readonly leftTier: { readonly tier: Tier; readonly evicted: boolean }[] = [];
  readonly insertedTier: Tier[] = [];
  readonly prewarms: Partial<Record<PrewarmEvent, number>> = {};
  minutes = 0;

  started(_atUs: number, _functionId: number, _startKind: number): void {}
  ended(_atUs: number, record: InvocationRecord): void {
    this.ended_.push({
      functionId: record.functionId,
      outcome: OUTCOMES[record.outcome],
      start: record.startKind === NONE ? "none" : START_KINDS[record.startKind],
      arrivedAtUs: record.arrivedAtUs,
      queueUs: record.queueUs,
      provisionUs: record.provisionUs,
      runUs: record.runUs,
      phaseUs: record.provisionUs > 0 ? [...record.phaseUs] : [],
      lookups: record.lookups,
    });
  }
  arrived(_atUs: number, functionId: number): void {
    this.arrivals.push(functionId);
  }
  inserted(_atUs: number, tier: Tier): void {
    this.insertedTier.push(tier);
  }
  left(_atUs: number, tier: Tier, evicted: boolean): void {
    this.leftTier.push({ tier, evicted });
  }
  prewarmed(event: PrewarmEvent, count: number): void {
    this.prewarms[event] = (this.prewarms[event] ?? 0) + count;
  }
  minuteEnded(): void {
    this.minutes++;
  }
  warned(code: string): void {
    this.warnings.push(code);
  }
}

export function makeFunction(
  fields: Partial<Omit<FunctionProfile, "requirements" | "closure">> & {
    closure?: Iterable<number>;
  } = {},
): FunctionProfile {
  const closure = new PackageSet(fields.closure ?? []);
  return {
    name: "f",
    app: 0,
    memoryBytes: 100 * MIB,
    weight: 1,
    ...fields,
    requirements: closure,
    closure,
  };
}

export function makePackage(fields: Partial<Package> = {}): Package {
  return {
    name: "p",
    version: "1.0",
    dependencies: [],
    installUs: 0,
    downloadBytes: 0,
    diskBytes: MIB,
    importUs: 0,
    memoryBytes: MIB,
    popularity: 1,
    ...fields,
  };
}

export function arrivalsOf(rows: readonly Arrival[]): ArrivalBatches {
  let isDone = rows.length === 0;
  return {
    next() {
      if (isDone) return null;
      isDone = true;
      return {
        count: rows.length,
        atUs: Float64Array.from(rows, (row) => row[0]),
        functionId: Int32Array.from(rows, (row) => row[1]),
        runUs: Float64Array.from(rows, (row) => row[2]),
      };
    },
  };
}

/** Idle containers are kept until evicted, the longest idle first, and no Zygote is used. */
export const PLAIN_POLICIES: Policies = {
  zygote: { startsWithRoot: false, choose: () => ({ forkFrom: NONE, create: null }) },
  evict: {
    victim(view) {
      const container = view.containers.oldestIdle();
      return container === NONE ? null : { tier: "handler", container };
    },
  },
  "keep-alive": { decide() {} },
  install: {
    preinstalled: (view) => view.packages.keys(),
    budgetBytes: () => Number.POSITIVE_INFINITY,
    victim: () => NONE,
    keepUnused: () => true,
  },
  dispatch: {
    pick: (view, functionId) => view.containers.newestIdleOf(functionId),
    waitForBusyUs: () => 0,
  },
  queue: { bypasses: false, key: (_, __, arrivedAtUs) => arrivedAtUs },
};

/** Follows a story while it runs. */
export interface Listener {
  /** The engine's observer, instead of a new one. */
  readonly recording: Recording;
  begin(engine: Engine): void;
  /** Receives each line of the journal when it is written. */
  line(text: string): void;
}

export interface Story {
  readonly functions: readonly FunctionProfile[];
  readonly packages?: readonly Package[];
  readonly arrivals: readonly Arrival[];
  readonly policies?: Partial<Policies>;
  readonly config?: Partial<EngineConfig>;
  readonly costs?: Costs;
  readonly endUs?: number;
  /** What the totals of memory and disk cover. */
  readonly measured?: MeasuredSpan;
  readonly seed?: number;
  /** Destroys all that is kept at the end. */
  readonly drain?: boolean;
  /** Wraps the backend, to make operations fail. */
  readonly wrap?: (backend: Backend) => Backend;
  readonly listener?: Listener;
}

export interface Told {
  readonly recording: Recording;
  readonly engine: Engine;
  readonly journal: string[];
  readonly endUs: number;
  /** Bytes still charged at the end; with `drain`, after the draining. */
  readonly leftBytes: number;
}

/** Runs a small workload in the simulator and keeps its journal. */
export async function tell(story: Story): Promise<Told> {
  const costs = story.costs ?? ROUND_COSTS;
  const config: EngineConfig = {
    memoryLimitBytes: Number.POSITIVE_INFINITY,
    diskLimitBytes: Number.POSITIVE_INFINITY,
    cores: 4,
    runsPerCore: Number.POSITIVE_INFINITY,
    creationsPerCore: Number.POSITIVE_INFINITY,
    creationsPerFunction: Number.POSITIVE_INFINITY,
    queueLimit: 1024,
    queueTimeoutUs: MINUTE,
    footprint: footprintOf(costs),
    ...story.config,
  };
  const packages = story.packages ?? [];
  const sim = new SimBackend({
    costs,
    cores: config.cores,
    packages,
    functions: story.functions,
    streams: new RandomStreams(story.seed ?? 1),
  });
  const backend = story.wrap?.(sim) ?? sim;
  const journal: string[] = [];
  const write = (text: string) => {
    journal.push(text.trimEnd());
    story.listener?.line(text.trimEnd());
  };
  const writer = new JournalWriter({ header: headerOf(story, config), write }, backend);
  const recording = story.listener?.recording ?? new Recording();
  const policies = { ...PLAIN_POLICIES, ...story.policies };
  const engine = new Engine({
    config,
    functions: story.functions,
    packages,
    policies,
    operations: writer,
    observer: recording,
    measured: story.measured,
  });
  story.listener?.begin(engine);
  const arrivals = new BatchedArrivals(arrivalsOf(story.arrivals));
  engine.start();
  const endUs = (await drive({
    engine,
    backend,
    arrivals,
    endUs: story.endUs ?? 0,
    journal: writer,
  }))!;
  const leftBytes = story.drain
    ? await drain(engine, backend, writer, endUs)
    : engine.view.memory.usedBytes;
  writer.end(engine.digest);
  return { recording, engine, journal, endUs, leftBytes };
}

/** Destroys all that is kept and returns the bytes still charged an hour later. */
async function drain(
  engine: Engine,
  backend: Backend,
  writer: JournalWriter,
  endUs: number,
): Promise<number> {
  writer.drained(endUs);
  engine.drain(endUs);
  const arrivals = new BatchedArrivals(arrivalsOf([]));
  await drive({ engine, backend, arrivals, endUs: endUs + 60 * MINUTE, journal: writer });
  return engine.view.memory.usedBytes;
}

function headerOf(story: Story, config: EngineConfig): JournalHeader {
  const limited = (value: number) => (Number.isFinite(value) ? value : null);
  const choice = { name: "test", parameters: {} };
  return {
    schema: JOURNAL_SCHEMA,
    version: "test",
    commit: "test",
    backend: "sim",
    trace: "test",
    seed: story.seed ?? 1,
    config: {
      memoryLimitBytes: limited(config.memoryLimitBytes),
      diskLimitBytes: limited(config.diskLimitBytes),
      cores: limited(config.cores),
      runsPerCore: limited(config.runsPerCore),
      creationsPerCore: limited(config.creationsPerCore),
      creationsPerFunction: limited(config.creationsPerFunction),
      queueLimit: limited(config.queueLimit),
      queueTimeoutUs: limited(config.queueTimeoutUs),
      footprint: config.footprint,
    },
    policies: {
      zygote: choice,
      evict: choice,
      "keep-alive": choice,
      install: choice,
      dispatch: choice,
      queue: choice,
    },
    modules: [],
    catalogueSource: "test",
    packages: (story.packages ?? []).map((p) => [
      p.name,
      p.version,
      p.dependencies,
      p.installUs,
      p.downloadBytes,
      p.diskBytes,
      p.importUs,
      p.memoryBytes,
      p.popularity,
    ]),
    functions: story.functions.map((f) => [
      f.name,
      f.app,
      f.memoryBytes,
      [...f.requirements.ids],
      [...f.closure.ids],
      f.weight,
    ]),
  };
}

/** A backend whose operations end with the status that `statusOf` returns. */
export function failing(
  backend: Backend,
  statusOf: (operation: string, count: number) => Status,
): Backend {
  let count = 0;
  return changing(backend, (completion) => {
    completion.status = statusOf(completion.operation, count++);
  });
}

/** A backend that measures: `bytesOf` returns a completion's bytes, or -1 for "not measured". */
export function measuring(
  backend: Backend,
  bytesOf: (completion: Completion) => number,
  parentBytesOf: (completion: Completion) => number = () => -1,
): Backend {
  return changing(backend, (completion) => {
    completion.measuredBytes = bytesOf(completion);
    completion.parentBytes = parentBytesOf(completion);
  });
}

/** A backend whose completions are changed before the engine receives them. */
function changing(backend: Backend, change: (completion: Completion) => void): Backend {
  return new Proxy(backend, {
    get(target, key) {
      if (key === "advance") {
        return (untilUs: number) => {
          const got = target.advance(untilUs);
          if (got === COMPLETION) change(target.completion);
          return got;
        };
      }
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

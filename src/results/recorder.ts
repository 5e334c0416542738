import { assert } from "../basics/errors.js";
import { US_PER_SECOND } from "../basics/units.js";
import type { MemoryTotals } from "../contract/memory-totals.js";
import type { MemoryView } from "../contract/memory-view.js";
import {
  COLD,
  COMPLETED,
  DELAYED_WARM,
  FAILED,
  type InvocationRecord,
  type Observer,
  OUTCOMES,
  type PrewarmEvent,
  REJECTED,
  RESUMED,
  ROOT_ZYGOTE,
  START_KINDS,
  TIMED_OUT,
  type Tier,
  WARM,
  ZYGOTE,
} from "../contract/observer.js";
import type { ZygotesView } from "../contract/policy.js";
import type { Package } from "../contract/workload.js";
import { FunctionTimes } from "./function-times.js";
import { Buckets, Histogram } from "./histogram.js";
import { PrewarmCounter } from "./prewarms.js";
import { quantilesOf } from "./quantiles-of.js";
import { type Minute, RESULT_SCHEMA, type Result, type RunDescription } from "./result.js";
import { StartTimes } from "./start-times.js";
import { TierCounter } from "./tier-counter.js";
import { zygoteTree } from "./zygote-tree.js";

/** 1024 buckets per octave, so quantiles are exact within 2^-11 = 0.049 %. */
const BUCKETS = new Buckets(10);

type TierBytes = Pick<MemoryView, "runningBytes" | "handlerBytes" | "zygoteBytes">;

/** Facts that a recorder cannot observe. The driver of a run hands them in at its end. */
export interface RunFacts {
  readonly run: RunDescription;
  readonly memoryLimitBytes: number;
  /** Of the engine's ledger, up to `run.spanUs`. */
  readonly memory: MemoryTotals;
  /** Of the install cache, up to `run.spanUs`. */
  readonly disk: { readonly peakBytes: number; readonly byteUs: number };
  /** The Zygotes at the end of the run. */
  readonly zygotes: ZygotesView;
  /** By PackageId: the names of what Zygotes imported. */
  readonly packages: readonly Package[];
}

/**
 * Aggregates a run into its result: exact counts, histograms of times, one row per minute and one
 * per function. For a warm start that did not wait, it updates one histogram entry and a few
 * counters.
 */
export class Recorder implements Observer {
  readonly #functionNames: readonly string[];
  readonly #outcomes = new Float64Array(OUTCOMES.length);
  readonly #starts = new Float64Array(START_KINDS.length);
  readonly #times = new StartTimes(BUCKETS);
  readonly #startupOfFunction = new FunctionTimes(BUCKETS);
  readonly #invocationsOf: Float64Array;
  readonly #unstartedOf: Float64Array;
  readonly #coldOf: Float64Array;
  readonly #handler = new TierCounter();
  readonly #import = new TierCounter();
  readonly #install = new TierCounter();
  readonly #prewarms = new PrewarmCounter();
  readonly #timeline: Minute[] = [];
  readonly #minuteStarts = new Float64Array(START_KINDS.length);
  readonly #warnings = new Map<string, { readonly text: string; count: number }>();
  /**
   * The engine's own view. With it the rest of the run after the last full minute has figures too.
   */
  #memory: TierBytes = { runningBytes: 0, handlerBytes: 0, zygoteBytes: 0 };
  /** undefined: no lateness was reported. No arrival of a simulation is late. */
  #lateness: Histogram | undefined;
  #arrivals = 0;
  #minuteArrivals = 0;
  #minuteLost = 0;

  /** `functionNames` by FunctionId. */
  constructor(functionNames: readonly string[]) {
    this.#functionNames = functionNames;
    this.#invocationsOf = new Float64Array(functionNames.length);
    this.#unstartedOf = new Float64Array(functionNames.length);
    this.#coldOf = new Float64Array(functionNames.length);
  }

  /** Number of invocations that have arrived. */
  get arrivals(): number {
    return this.#arrivals;
  }

  arrived(_atUs: number, _functionId: number): void {
    this.#arrivals++;
    this.#minuteArrivals++;
  }

  late(lateUs: number): void {
    this.#lateness ??= new Histogram(BUCKETS);
    this.#lateness.record(lateUs);
  }

  started(_atUs: number, _functionId: number, startKind: number): void {
    this.#minuteStarts[startKind]++;
  }

  ended(_atUs: number, record: InvocationRecord): void {
    const { functionId, startKind } = record;
    this.#outcomes[record.outcome]++;
    if (record.outcome !== COMPLETED) this.#minuteLost++;
    this.#invocationsOf[functionId]++;
    if (startKind < 0) {
      this.#unstartedOf[functionId]++;
      return;
    }
    this.#starts[startKind]++;
    if (startKind === COLD) this.#coldOf[functionId]++;
    const startupUs = this.#times.record(record);
    if (startupUs > 0) this.#startupOfFunction.record(functionId, startupUs);
  }

  /**
   * Counts a lookup of the import or install tier. Lookups of the handler tier follow from the
   * kinds of starts.
   */
  lookedUp(tier: Tier, hit: boolean): void {
    const counter = this.#counterOf(tier);
    if (hit) counter.hits++;
    else counter.misses++;
  }

  inserted(tier: Tier): void {
    this.#counterOf(tier).insertions++;
  }

  left(tier: Tier, evicted: boolean): void {
    const counter = this.#counterOf(tier);
    if (evicted) counter.evictions++;
    else counter.expirations++;
  }

  prewarmed(event: PrewarmEvent, count: number): void {
    this.#prewarms.add(event, count);
  }

  minuteEnded(atUs: number, memory: TierBytes, queueLength: number): void {
    this.#memory = memory;
    const starts = this.#minuteStarts;
    this.#timeline.push({
      atUs,
      arrivals: this.#minuteArrivals,
      cold: starts[COLD],
      zygote: starts[ZYGOTE],
      rootZygote: starts[ROOT_ZYGOTE],
      warm: starts[WARM] + starts[RESUMED] + starts[DELAYED_WARM],
      lost: this.#minuteLost,
      runningBytes: memory.runningBytes,
      handlerBytes: memory.handlerBytes,
      zygoteBytes: memory.zygoteBytes,
      queueLength,
    });
    this.#minuteArrivals = 0;
    this.#minuteLost = 0;
    starts.fill(0);
  }

  warned(code: string, text: string): void {
    const known = this.#warnings.get(code);
    if (known === undefined) this.#warnings.set(code, { text, count: 1 });
    else known.count++;
  }

  /** The result. Call it once, after all invocations have ended. */
  finish(facts: RunFacts): Result {
    const ended = this.#outcomes.reduce((sum, count) => sum + count, 0);
    assert(ended === this.#arrivals, `${this.#arrivals} invocations arrived and ${ended} ended`);
    this.#times.finish(this.#starts);
    const isBegun = this.#minuteArrivals > 0 || this.#minuteLost > 0;
    if (isBegun || this.#minuteStarts.some((count) => count > 0)) {
      this.minuteEnded(facts.run.spanUs, this.#memory, 0);
    }
    return {
      schema: RESULT_SCHEMA,
      run: facts.run,
      quantileError: BUCKETS.relativeError,
      invocations: this.#invocations(),
      timesUs: {
        ...this.#times.all(),
        ...(this.#lateness && { lateness: quantilesOf(this.#lateness) }),
      },
      startupByKindUs: this.#times.startupByKind(),
      startupEcdfUs: this.#times.startupEcdf(),
      memory: memoryOf(facts),
      tiers: this.#tiers(facts),
      prewarms: this.#prewarms.result(),
      zygotes: zygoteTree(facts.zygotes, facts.packages),
      timeline: this.#timeline,
      functions: this.#functions(),
      warnings: [...this.#warnings].map(([code, { text, count }]) => ({ code, text, count })),
    };
  }

  #counterOf(tier: Tier): TierCounter {
    if (tier === "handler") return this.#handler;
    return tier === "import" ? this.#import : this.#install;
  }

  #invocations(): Result["invocations"] {
    const outcomes = this.#outcomes;
    const starts = this.#starts;
    return {
      total: this.#arrivals,
      completed: outcomes[COMPLETED],
      failed: outcomes[FAILED],
      timedOut: outcomes[TIMED_OUT],
      rejected: outcomes[REJECTED],
      warm: starts[WARM],
      resumed: starts[RESUMED],
      delayedWarm: starts[DELAYED_WARM],
      zygote: starts[ZYGOTE],
      rootZygote: starts[ROOT_ZYGOTE],
      cold: starts[COLD],
    };
  }

  #tiers({ memory, disk, run }: RunFacts): Result["tiers"] {
    const mean = (byteUs: number) => (run.spanUs === 0 ? 0 : byteUs / run.spanUs);
    // Each start is one lookup, so the engine does not report them one by one.
    const starts = this.#starts;
    this.#handler.hits = starts[WARM] + starts[RESUMED];
    this.#handler.misses = starts.reduce((sum, count) => sum + count, 0) - this.#handler.hits;
    const [, handlerPeak, importPeak] = memory.tierPeakBytes;
    const [, handlerByteUs, importByteUs] = memory.byteUs;
    return {
      handler: this.#handler.result(handlerPeak, mean(handlerByteUs)),
      import: this.#import.result(importPeak, mean(importByteUs)),
      install: this.#install.result(disk.peakBytes, mean(disk.byteUs)),
    };
  }

  #functions(): Result["functions"] {
    const counts = this.#invocationsOf.map((all, id) => all - this.#unstartedOf[id]);
    const quantiles = this.#startupOfFunction.quantiles(counts);
    const rows: Result["functions"] = [];
    for (const [id, name] of this.#functionNames.entries()) {
      const invocations = this.#invocationsOf[id];
      if (invocations === 0) continue;
      rows.push({ name, invocations, cold: this.#coldOf[id], startupUs: quantiles[id] });
    }
    return rows;
  }
}

function memoryOf({ memory, memoryLimitBytes, run }: RunFacts): Result["memory"] {
  const [running, handler, zygote] = memory.byteUs.map((byteUs) => byteUs / US_PER_SECOND);
  const allByteUs = memory.byteUs.reduce((sum, byteUs) => sum + byteUs, 0);
  return {
    limitBytes: Number.isFinite(memoryLimitBytes) ? memoryLimitBytes : null,
    peakBytes: memory.peakBytes,
    meanBytes: run.spanUs === 0 ? 0 : allByteUs / run.spanUs,
    runningByteSeconds: running,
    handlerByteSeconds: handler,
    zygoteByteSeconds: zygote,
    wastedByteSeconds: handler + zygote,
  };
}

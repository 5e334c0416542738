import { assert } from "../basics/errors.js";
import { US_PER_SECOND } from "../basics/units.js";
import type { MeasuredSpan } from "../contract/measured-span.js";
import type { MemoryTotals } from "../contract/memory-totals.js";
import type { MemoryView } from "../contract/memory-view.js";
import {
  COLD,
  COMPLETED,
  DELAYED_WARM,
  FAILED,
  type InvocationRecord,
  makesContainer,
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
  ZYGOTE_BUILT,
} from "../contract/observer.js";
import type { ZygotesView } from "../contract/policy.js";
import type { Package } from "../contract/workload.js";
import {
  FunctionCounter,
  kindCountsOf,
  type RecordedFunction,
} from "./counters/function-counter.js";
import { LookupCounter, lookupsOf } from "./counters/lookup-counter.js";
import { TierCounter } from "./counters/tier-counter.js";
import { ratioOf } from "./fields.js";
import { Buckets, Histogram } from "./histogram.js";
import { PrewarmCounter } from "./prewarms.js";
import { quantilesOf } from "./quantiles-of.js";
import { type Minute, RESULT_SCHEMA, type Result } from "./result.js";
import type { RunDescription } from "./run-schema.js";
import { StartTimes } from "./start-times.js";
import { zygoteTree } from "./zygote-tree.js";

/** 1024 buckets per octave, so quantiles are exact within 2^-11 = 0.049 %. */
const BUCKETS = new Buckets(10);
/** The quantile of cold shares that Shahrad et al. (ATC 2020) compare policies by. */
const COLD_SHARE_QUANTILE = 0.75;

type TierBytes = Pick<MemoryView, "runningBytes" | "handlerBytes" | "zygoteBytes">;

/** Facts that a recorder cannot observe. The driver of a run hands them in at its end. */
export interface RunFacts {
  readonly run: RunDescription;
  readonly memoryLimitBytes: number;
  /** Of the engine's ledger, over the measured span. */
  readonly memory: MemoryTotals;
  /** Of the install cache, over the measured span. */
  readonly disk: { readonly peakBytes: number; readonly byteUs: number };
  /** The Zygotes at the end of the run. */
  readonly zygotes: ZygotesView;
  /** By PackageId: the names of what Zygotes imported. */
  readonly packages: readonly Package[];
}

/**
 * Aggregates a run into its result: exact counts, histograms of times, one row per minute and one
 * per function. For a warm start that did not wait, it updates one histogram entry and a few
 * counters. Invocations that arrive before the measured span count only in the timeline.
 */
export class Recorder implements Observer {
  readonly #span: MeasuredSpan;
  readonly #outcomes = new Float64Array(OUTCOMES.length);
  readonly #functions: FunctionCounter;
  readonly #times = new StartTimes(BUCKETS);
  readonly #lookups = new LookupCounter();
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
  #arrivalsBefore = 0;
  #endedBefore = 0;
  #minuteArrivals = 0;
  #minuteLost = 0;
  #coldProvisionUs = 0;

  /** `functions` by FunctionId; `span` has an end. */
  constructor(functions: readonly RecordedFunction[], span: MeasuredSpan) {
    this.#functions = new FunctionCounter(functions, BUCKETS);
    this.#span = span;
  }

  /** Number of invocations that have arrived, those of the warm-up included. */
  get arrivals(): number {
    return this.#arrivals;
  }

  arrived(atUs: number, _functionId: number): void {
    this.#arrivals++;
    this.#minuteArrivals++;
    if (atUs < this.#span.fromUs) this.#arrivalsBefore++;
  }

  late(lateUs: number): void {
    if (this.#arrivals === this.#arrivalsBefore) return;
    this.#lateness ??= new Histogram(BUCKETS);
    this.#lateness.record(lateUs);
  }

  started(_atUs: number, _functionId: number, startKind: number): void {
    this.#minuteStarts[startKind]++;
  }

  ended(_atUs: number, record: InvocationRecord): void {
    if (record.outcome !== COMPLETED) this.#minuteLost++;
    if (record.arrivedAtUs < this.#span.fromUs) {
      this.#endedBefore++;
      return;
    }
    const { functionId, startKind } = record;
    this.#outcomes[record.outcome]++;
    if (record.lookups !== null) this.#lookups.add(record.lookups);
    if (startKind < 0) {
      this.#functions.neverStarted(functionId);
      return;
    }
    if (makesContainer(startKind)) this.#coldProvisionUs += record.provisionUs;
    this.#functions.started(functionId, startKind, this.#times.record(record));
  }

  inserted(atUs: number, tier: Tier): void {
    if (this.#isMeasured(atUs)) this.#counterOf(tier).insertions++;
  }

  left(atUs: number, tier: Tier, evicted: boolean): void {
    if (!this.#isMeasured(atUs)) return;
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
      zygoteBuilt: starts[ZYGOTE_BUILT],
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
    const ended = sum(this.#outcomes) + this.#endedBefore;
    assert(ended === this.#arrivals, `${this.#arrivals} invocations arrived and ${ended} ended`);
    const starts = this.#functions.startsByKind();
    this.#times.finish(starts);
    const isBegun = this.#minuteArrivals > 0 || this.#minuteLost > 0;
    if (isBegun || this.#minuteStarts.some((count) => count > 0)) {
      this.minuteEnded(facts.run.spanUs, this.#memory, 0);
    }
    return {
      schema: RESULT_SCHEMA,
      run: facts.run,
      measured: { ...this.#span, invocationsBefore: this.#arrivalsBefore },
      quantileError: BUCKETS.relativeError,
      invocations: this.#invocations(starts),
      coldStarts: this.#coldStarts(starts),
      timesUs: {
        ...this.#times.all(),
        ...(this.#lateness && { lateness: quantilesOf(this.#lateness) }),
      },
      startupByKindUs: this.#times.startupByKind(),
      startupEcdfUs: this.#times.startupEcdf(),
      memory: memoryOf(facts, this.#spanUs),
      tiers: this.#tiers(facts, starts),
      prewarms: this.#prewarms.result(),
      zygotes: zygoteTree(facts.zygotes, facts.packages),
      timeline: this.#timeline,
      functions: this.#functions.rows(),
      warnings: [...this.#warnings].map(([code, { text, count }]) => ({ code, text, count })),
    };
  }

  #isMeasured(atUs: number): boolean {
    return atUs >= this.#span.fromUs && atUs <= this.#span.untilUs;
  }

  get #spanUs(): number {
    return this.#span.untilUs - this.#span.fromUs;
  }

  /** Invocations of the measured span. */
  get #total(): number {
    return this.#arrivals - this.#arrivalsBefore;
  }

  #counterOf(tier: Tier): TierCounter {
    if (tier === "handler") return this.#handler;
    return tier === "import" ? this.#import : this.#install;
  }

  #invocations(starts: Float64Array): Result["invocations"] {
    const outcomes = this.#outcomes;
    return {
      total: this.#total,
      completed: outcomes[COMPLETED],
      failed: outcomes[FAILED],
      timedOut: outcomes[TIMED_OUT],
      rejected: outcomes[REJECTED],
      ...kindCountsOf(starts),
    };
  }

  #coldStarts(starts: Float64Array): Result["coldStarts"] {
    const count = sum(starts.filter((_, kind) => makesContainer(kind)));
    return {
      count,
      share: ratioOf(count, this.#total),
      shareOfStarted: ratioOf(count, sum(starts)),
      provisionUs: this.#coldProvisionUs,
      functionShareP75: this.#functions.functionColdShare(COLD_SHARE_QUANTILE),
      applicationShareP75: this.#functions.applicationColdShare(COLD_SHARE_QUANTILE),
    };
  }

  #tiers({ memory, disk }: RunFacts, starts: Float64Array): Result["tiers"] {
    const mean = (byteUs: number) => ratioOf(byteUs, this.#spanUs) ?? 0;
    // Each invocation is one lookup, so the engine does not report them one by one.
    const hits = starts[WARM] + starts[RESUMED];
    const [, handlerPeak, importPeak] = memory.tierPeakBytes;
    const [, handlerByteUs, importByteUs] = memory.byteUs;
    return {
      handler: {
        ...lookupsOf(hits, this.#total - hits),
        hitRatioOfStarted: ratioOf(hits, sum(starts)),
        costWeightedHitRatio: this.#functions.costWeightedHitRatio(),
        ...this.#handler.result(handlerPeak, mean(handlerByteUs)),
      },
      import: { ...this.#lookups.import, ...this.#import.result(importPeak, mean(importByteUs)) },
      install: {
        ...this.#lookups.install,
        ...this.#install.result(disk.peakBytes, mean(disk.byteUs)),
      },
    };
  }
}

function memoryOf({ memory, memoryLimitBytes }: RunFacts, spanUs: number): Result["memory"] {
  const [running, handler, zygote] = memory.byteUs.map((byteUs) => byteUs / US_PER_SECOND);
  const zygoteInUse = memory.zygoteInUseByteUs / US_PER_SECOND;
  return {
    limitBytes: Number.isFinite(memoryLimitBytes) ? memoryLimitBytes : null,
    peakBytes: memory.peakBytes,
    meanBytes: ratioOf(sum(memory.byteUs), spanUs) ?? 0,
    runningByteSeconds: running,
    handlerByteSeconds: handler,
    zygoteByteSeconds: zygote,
    zygoteInUseByteSeconds: zygoteInUse,
    wastedByteSeconds: handler + zygote - zygoteInUse,
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

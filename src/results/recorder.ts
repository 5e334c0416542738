import { PHASES } from "../engine/backend.js";
import { assert } from "../engine/errors.js";
import type { MemoryTotals } from "../engine/ledger.js";
import {
  COLD,
  COMPLETED,
  DELAYED_WARM,
  FAILED,
  type InvocationRecord,
  type Observer,
  OUTCOMES,
  REJECTED,
  RESUMED,
  ROOT_ZYGOTE,
  START_KINDS,
  TIMED_OUT,
  type Tier,
  WARM,
  ZYGOTE,
} from "../engine/observer.js";
import type { MemoryView } from "../engine/policy.js";
import { US_PER_SECOND } from "../engine/units.js";
import { FunctionTimes } from "./function-times.js";
import { Buckets, Histogram } from "./histogram.js";
import { quantilesOf } from "./quantiles-of.js";
import { type Minute, RESULT_SCHEMA, type Result, type RunDescription } from "./result.js";
import { TierCounter } from "./tier-counter.js";

/** 1024 buckets an octave: quantiles within 2^-11 = 0.049 %. */
const BUCKETS = new Buckets(10);

type TierBytes = Pick<MemoryView, "runningBytes" | "handlerBytes" | "zygoteBytes">;

/** What a recorder cannot see itself and the driver of a run must hand in at its end. */
export interface RunFacts {
  readonly run: RunDescription;
  readonly memoryLimitBytes: number;
  /** Of the engine's ledger, up to `run.spanUs`. */
  readonly memory: MemoryTotals;
  /** Of the install cache, up to `run.spanUs`. */
  readonly disk: { readonly peakBytes: number; readonly byteUs: number };
}

/**
 * Folds a run into its result: exact counts, histograms of times, one row a minute, one a
 * function. A warm start that waited for nothing costs one histogram entry and a few counters.
 */
export class Recorder implements Observer {
  readonly #functionNames: readonly string[];
  readonly #outcomes = new Float64Array(OUTCOMES.length);
  readonly #starts = new Float64Array(START_KINDS.length);
  /** Run, and so response times, of starts that waited for nothing: one entry stands for all. */
  readonly #instantRun = new Histogram(BUCKETS);
  readonly #startup = new Histogram(BUCKETS);
  readonly #queue = new Histogram(BUCKETS);
  readonly #provision = new Histogram(BUCKETS);
  readonly #run = new Histogram(BUCKETS);
  readonly #response = new Histogram(BUCKETS);
  readonly #phases = PHASES.map(() => new Histogram(BUCKETS));
  readonly #startupOfKind = START_KINDS.map(() => new Histogram(BUCKETS));
  readonly #startupOfFunction = new FunctionTimes(BUCKETS);
  readonly #invocationsOf: Float64Array;
  readonly #unstartedOf: Float64Array;
  readonly #coldOf: Float64Array;
  readonly #handler = new TierCounter();
  readonly #import = new TierCounter();
  readonly #install = new TierCounter();
  readonly #timeline: Minute[] = [];
  readonly #minuteStarts = new Float64Array(START_KINDS.length);
  readonly #warnings = new Map<string, { readonly text: string; count: number }>();
  /** The engine's own view, so that what follows the last full minute has figures too. */
  #memory: TierBytes = { runningBytes: 0, handlerBytes: 0, zygoteBytes: 0 };
  #arrivals = 0;
  #minuteArrivals = 0;

  /** `functionNames` by FunctionId. */
  constructor(functionNames: readonly string[]) {
    this.#functionNames = functionNames;
    this.#invocationsOf = new Float64Array(functionNames.length);
    this.#unstartedOf = new Float64Array(functionNames.length);
    this.#coldOf = new Float64Array(functionNames.length);
  }

  /** Invocations that arrived so far. */
  get arrivals(): number {
    return this.#arrivals;
  }

  arrived(_atUs: number, _functionId: number): void {
    this.#arrivals++;
    this.#minuteArrivals++;
  }

  started(_atUs: number, _functionId: number, startKind: number): void {
    this.#minuteStarts[startKind]!++;
  }

  ended(_atUs: number, record: InvocationRecord): void {
    const { functionId, startKind, runUs } = record;
    this.#outcomes[record.outcome]!++;
    this.#invocationsOf[functionId]!++;
    if (startKind < 0) {
      this.#unstartedOf[functionId]!++;
      return;
    }
    this.#starts[startKind]!++;
    if (startKind === COLD) this.#coldOf[functionId]!++;
    if (record.queueUs + record.provisionUs === 0) this.#instantRun.record(runUs);
    else this.#recordDelayed(record);
  }

  /** Of the import and install tiers; those of the handler tier follow from the kinds of starts. */
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

  minuteEnded(atUs: number, memory: TierBytes, queueLength: number): void {
    this.#memory = memory;
    const starts = this.#minuteStarts;
    this.#timeline.push({
      atUs,
      arrivals: this.#minuteArrivals,
      cold: starts[COLD]!,
      zygote: starts[ZYGOTE]!,
      rootZygote: starts[ROOT_ZYGOTE]!,
      warm: starts[WARM]! + starts[RESUMED]! + starts[DELAYED_WARM]!,
      runningBytes: memory.runningBytes,
      handlerBytes: memory.handlerBytes,
      zygoteBytes: memory.zygoteBytes,
      queueLength,
    });
    this.#minuteArrivals = 0;
    starts.fill(0);
  }

  warned(code: string, text: string): void {
    const known = this.#warnings.get(code);
    if (known === undefined) this.#warnings.set(code, { text, count: 1 });
    else known.count++;
  }

  /** The result. To be called once: all invocations must have ended. */
  finish(facts: RunFacts): Result {
    const ended = this.#outcomes.reduce((sum, count) => sum + count, 0);
    assert(ended === this.#arrivals, `${this.#arrivals} invocations arrived and ${ended} ended`);
    this.#addInstantStarts();
    if (this.#minuteArrivals > 0 || this.#minuteStarts.some((count) => count > 0)) {
      this.minuteEnded(facts.run.spanUs, this.#memory, 0);
    }
    return {
      schema: RESULT_SCHEMA,
      run: facts.run,
      quantileError: BUCKETS.relativeError,
      invocations: this.#invocations(),
      timesUs: this.#times(),
      startupByKindUs: this.#startupByKind(),
      memory: memoryOf(facts),
      tiers: this.#tiers(facts),
      timeline: this.#timeline,
      functions: this.#functions(),
      warnings: [...this.#warnings].map(([code, { text, count }]) => ({ code, text, count })),
    };
  }

  #recordDelayed(record: InvocationRecord): void {
    const startupUs = record.queueUs + record.provisionUs;
    this.#run.record(record.runUs);
    this.#response.record(startupUs + record.runUs);
    this.#startup.record(startupUs);
    this.#queue.record(record.queueUs);
    this.#provision.record(record.provisionUs);
    this.#startupOfKind[record.startKind]!.record(startupUs);
    this.#startupOfFunction.record(record.functionId, startupUs);
    if (record.provisionUs === 0) return;
    for (let phase = 0; phase < this.#phases.length; phase++) {
      const phaseUs = record.phaseUs[phase]!;
      if (phaseUs > 0) this.#phases[phase]!.record(phaseUs);
    }
  }

  #addInstantStarts(): void {
    this.#run.add(this.#instantRun);
    this.#response.add(this.#instantRun);
    const started = this.#run.count;
    for (const histogram of [this.#startup, this.#queue, this.#provision]) {
      histogram.recordZeros(started - histogram.count);
    }
    for (const [kind, histogram] of this.#startupOfKind.entries()) {
      histogram.recordZeros(this.#starts[kind]! - histogram.count);
    }
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
      completed: outcomes[COMPLETED]!,
      failed: outcomes[FAILED]!,
      timedOut: outcomes[TIMED_OUT]!,
      rejected: outcomes[REJECTED]!,
      warm: starts[WARM]!,
      resumed: starts[RESUMED]!,
      delayedWarm: starts[DELAYED_WARM]!,
      zygote: starts[ZYGOTE]!,
      rootZygote: starts[ROOT_ZYGOTE]!,
      cold: starts[COLD]!,
    };
  }

  #times(): Result["timesUs"] {
    const phase = (name: (typeof PHASES)[number]) =>
      quantilesOf(this.#phases[PHASES.indexOf(name)]!);
    return {
      startup: quantilesOf(this.#startup),
      queue: quantilesOf(this.#queue),
      provision: quantilesOf(this.#provision),
      install: phase("install"),
      create: phase("create"),
      fork: phase("fork"),
      import: phase("import"),
      load: phase("load"),
      resume: phase("resume"),
      run: quantilesOf(this.#run),
      response: quantilesOf(this.#response),
    };
  }

  #startupByKind(): Result["startupByKindUs"] {
    const kinds = this.#startupOfKind.map(quantilesOf);
    return {
      warm: kinds[WARM]!,
      resumed: kinds[RESUMED]!,
      delayedWarm: kinds[DELAYED_WARM]!,
      zygote: kinds[ZYGOTE]!,
      rootZygote: kinds[ROOT_ZYGOTE]!,
      cold: kinds[COLD]!,
    };
  }

  #tiers({ memory, disk, run }: RunFacts): Result["tiers"] {
    const mean = (byteUs: number) => (run.spanUs === 0 ? 0 : byteUs / run.spanUs);
    // one lookup a start: the engine need not say so at each
    const starts = this.#starts;
    this.#handler.hits = starts[WARM]! + starts[RESUMED]!;
    this.#handler.misses = this.#run.count - this.#handler.hits;
    const [, handlerPeak, importPeak] = memory.tierPeakBytes;
    const [, handlerByteUs, importByteUs] = memory.byteUs;
    return {
      handler: this.#handler.result(handlerPeak!, mean(handlerByteUs!)),
      import: this.#import.result(importPeak!, mean(importByteUs!)),
      install: this.#install.result(disk.peakBytes, mean(disk.byteUs)),
    };
  }

  #functions(): Result["functions"] {
    const counts = this.#invocationsOf.map((all, id) => all - this.#unstartedOf[id]!);
    const quantiles = this.#startupOfFunction.quantiles(counts);
    const rows: Result["functions"] = [];
    for (const [id, name] of this.#functionNames.entries()) {
      const invocations = this.#invocationsOf[id]!;
      if (invocations === 0) continue;
      rows.push({ name, invocations, cold: this.#coldOf[id]!, startupUs: quantiles[id]! });
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
    runningByteSeconds: running!,
    handlerByteSeconds: handler!,
    zygoteByteSeconds: zygote!,
    wastedByteSeconds: handler! + zygote!,
  };
}

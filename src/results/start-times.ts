import { PHASES } from "../contract/backend.js";
import {
  COLD,
  DELAYED_WARM,
  type InvocationRecord,
  RESUMED,
  ROOT_ZYGOTE,
  START_KINDS,
  WARM,
  ZYGOTE,
  ZYGOTE_BUILT,
} from "../contract/observer.js";
import { type Buckets, Histogram } from "./histogram.js";
import { quantilesOf } from "./quantiles-of.js";
import type { EcdfPoint, Result } from "./result.js";
import { startupEcdf } from "./startup-ecdf.js";

const RESUME = PHASES.indexOf("resume");

/**
 * Histograms of the times of starts. In the most common starts, an idle or paused container serves
 * at once. For these, one entry counts in several histograms; `finish` copies it into them.
 */
export class StartTimes {
  /**
   * Run times of starts that did not wait. Each is also the response time, and all other times are
   * 0.
   */
  readonly #instantRun: Histogram;
  /** Startups that were only a resumption: one entry counts in four histograms. */
  readonly #resumeOnly: Histogram;
  readonly #startup: Histogram;
  readonly #queue: Histogram;
  readonly #provision: Histogram;
  readonly #run: Histogram;
  readonly #response: Histogram;
  readonly #phases: readonly Histogram[];
  readonly #startupOfKind: readonly Histogram[];

  constructor(buckets: Buckets) {
    const histogram = () => new Histogram(buckets);
    this.#instantRun = histogram();
    this.#resumeOnly = histogram();
    this.#startup = histogram();
    this.#queue = histogram();
    this.#provision = histogram();
    this.#run = histogram();
    this.#response = histogram();
    this.#phases = PHASES.map(histogram);
    this.#startupOfKind = START_KINDS.map(histogram);
  }

  /** Records an invocation that ran, and returns its startup time. */
  record(record: InvocationRecord): number {
    const startupUs = record.queueUs + record.provisionUs;
    if (startupUs === 0) this.#instantRun.record(record.runUs);
    else if (record.startKind === RESUMED && record.queueUs === 0) this.#recordResumed(record);
    else this.#recordDelayed(record, startupUs);
    return startupUs;
  }

  /**
   * Copies each shared entry into the histograms in which it counts. `starts` counts starts by
   * kind. Call it once, before reading.
   */
  finish(starts: ArrayLike<number>): void {
    this.#addResumedStarts();
    this.#addInstantStarts(starts);
  }

  /** Times of all invocations that started. */
  all(): Result["timesUs"] {
    const phase = (name: (typeof PHASES)[number]) =>
      quantilesOf(this.#phases[PHASES.indexOf(name)]);
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

  /** Distribution of the startup of all invocations that started. */
  startupEcdf(): EcdfPoint[] {
    return startupEcdf(this.#startup);
  }

  /** Startup times by kind of start. */
  startupByKind(): Result["startupByKindUs"] {
    const kinds = this.#startupOfKind.map(quantilesOf);
    return {
      warm: kinds[WARM],
      resumed: kinds[RESUMED],
      delayedWarm: kinds[DELAYED_WARM],
      zygote: kinds[ZYGOTE],
      zygoteBuilt: kinds[ZYGOTE_BUILT],
      rootZygote: kinds[ROOT_ZYGOTE],
      cold: kinds[COLD],
    };
  }

  #recordDelayed(record: InvocationRecord, startupUs: number): void {
    this.#run.record(record.runUs);
    this.#response.record(startupUs + record.runUs);
    this.#startup.record(startupUs);
    this.#queue.record(record.queueUs);
    this.#provision.record(record.provisionUs);
    this.#startupOfKind[record.startKind].record(startupUs);
    if (record.provisionUs === 0) return;
    for (let phase = 0; phase < this.#phases.length; phase++) {
      const phaseUs = record.phaseUs[phase];
      if (phaseUs > 0) this.#phases[phase].record(phaseUs);
    }
  }

  /** Records a start that only resumed: startup, provision and the resume phase are equal. */
  #recordResumed(record: InvocationRecord): void {
    this.#run.record(record.runUs);
    this.#response.record(record.provisionUs + record.runUs);
    this.#resumeOnly.record(record.provisionUs);
  }

  #addResumedStarts(): void {
    const times = [
      this.#startup,
      this.#provision,
      this.#phases[RESUME],
      this.#startupOfKind[RESUMED],
    ];
    for (const histogram of times) histogram.add(this.#resumeOnly);
  }

  #addInstantStarts(starts: ArrayLike<number>): void {
    this.#run.add(this.#instantRun);
    this.#response.add(this.#instantRun);
    const started = this.#run.count;
    for (const histogram of [this.#startup, this.#queue, this.#provision]) {
      histogram.recordZeros(started - histogram.count);
    }
    for (const [kind, histogram] of this.#startupOfKind.entries()) {
      histogram.recordZeros(starts[kind] - histogram.count);
    }
  }
}

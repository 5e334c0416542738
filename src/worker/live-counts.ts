import {
  type InvocationRecord,
  type Observer,
  OUTCOMES,
  type Outcome,
  RESUMED,
  START_KINDS,
  type StartKind,
  type Tier,
  WARM,
} from "../contract/observer.js";
import { TimeHistogram } from "./time-histogram.js";
import type { TierStats } from "./worker.js";

type Counts<K extends string> = Record<K, number>;
type TierCounts = { -readonly [K in keyof TierStats]: number };

/** Counts what an engine reports, for the lifetime of a worker. */
export class LiveCounts implements Observer {
  readonly starts: Counts<StartKind> = zeros(START_KINDS);
  readonly outcomes: Counts<Outcome> = zeros(OUTCOMES);
  readonly tiers: Record<Tier, TierCounts> = {
    handler: noEvents(),
    import: noEvents(),
    install: noEvents(),
  };
  readonly warnings: Counts<string> = {};
  readonly startupUs = new TimeHistogram();
  readonly runUs = new TimeHistogram();
  readonly #onEnd: (record: InvocationRecord) => void;

  /**
   * `onEnd` receives each finished invocation. The record belongs to the engine, which uses it
   * again.
   */
  constructor(onEnd: (record: InvocationRecord) => void) {
    this.#onEnd = onEnd;
  }

  arrived(): void {}
  prewarmed(): void {}
  minuteEnded(): void {}

  started(_atUs: number, _functionId: number, startKind: number): void {
    this.starts[START_KINDS[startKind]]++;
  }

  ended(_atUs: number, record: InvocationRecord): void {
    this.outcomes[OUTCOMES[record.outcome]]++;
    this.#countLookups(record);
    if (record.startKind >= 0) {
      this.startupUs.add(record.queueUs + record.provisionUs);
      this.runUs.add(record.runUs);
    }
    this.#onEnd(record);
  }

  inserted(_atUs: number, tier: Tier): void {
    this.tiers[tier].insertions++;
  }

  left(_atUs: number, tier: Tier, evicted: boolean): void {
    this.tiers[tier][evicted ? "evictions" : "expirations"]++;
  }

  #countLookups({ startKind, lookups }: InvocationRecord): void {
    const { handler, import: imports, install } = this.tiers;
    handler[startKind === WARM || startKind === RESUMED ? "hits" : "misses"]++;
    if (lookups === null) return;
    if (lookups.packagesNeeded > 0) imports[lookups.importHit ? "hits" : "misses"]++;
    install.hits += lookups.installHits;
    install.misses += lookups.installMisses;
  }

  warned(code: string): void {
    this.warnings[code] = (this.warnings[code] ?? 0) + 1;
  }
}

function zeros<K extends string>(names: readonly K[]): Counts<K> {
  return Object.fromEntries(names.map((name) => [name, 0])) as Counts<K>;
}

function noEvents(): TierCounts {
  return { hits: 0, misses: 0, insertions: 0, evictions: 0, expirations: 0 };
}

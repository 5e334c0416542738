import type { Sandboxes } from "../sandboxes/sandboxes.js";
import { Container } from "./container.js";
import type { Zygote } from "./zygote.js";

/** A spare is taken for a request, and forking the next spare must not delay that request. */
const REFILL_AFTER_MS = 10;

/**
 * Children that Zygotes fork ahead of need: confined, warmed up, not yet assigned to a function.
 */
export class SpareChildren {
  readonly #sandboxes: Sandboxes;
  readonly #perZygote: number;
  readonly #of = new Map<Zygote, Container[]>();
  readonly #refills = new Map<Zygote, NodeJS.Timeout>();
  readonly #ending = new Set<Promise<void>>();
  #isClosed = false;

  constructor(sandboxes: Sandboxes, perZygote: number) {
    this.#sandboxes = sandboxes;
    this.#perZygote = perZygote;
  }

  /** How many of a Zygote's spares are ready. */
  count(zygote: Zygote): number {
    return (this.#of.get(zygote) ?? []).filter(isReady).length;
  }

  /** Takes a spare that is ready; undefined: there is none. */
  take(zygote: Zygote): Container | undefined {
    const spares = this.#of.get(zygote);
    const at = spares?.findIndex(isReady) ?? -1;
    return at < 0 ? undefined : spares!.splice(at, 1)[0];
  }

  /**
   * Refills a Zygote's spares REFILL_AFTER_MS after the last request. If requests follow each other
   * without a pause, the refill comes at the latest that long after the last spare was taken.
   */
  fillSoon(zygote: Zygote): void {
    if (this.#perZygote === 0) return;
    const waiting = this.#refills.get(zygote);
    if (waiting !== undefined && this.count(zygote) === 0) return;
    clearTimeout(waiting);
    const refill = () => {
      this.#refills.delete(zygote);
      if (!this.#isClosed) this.fill(zygote);
    };
    this.#refills.set(zygote, setTimeout(refill, REFILL_AFTER_MS));
  }

  /** Forks the missing spares. If the Zygote is gone, its spares are ended. */
  fill(zygote: Zygote): void {
    if (this.#perZygote === 0) return;
    if (zygote.isGone) {
      this.drop(zygote);
      return;
    }
    const spares = (this.#of.get(zygote) ?? []).filter((each) => !each.isGone);
    this.#of.set(zygote, spares);
    while (spares.length < this.#perZygote) {
      const spare = new Container(this.#sandboxes);
      spare.warm();
      spare.begin(zygote);
      spares.push(spare);
    }
  }

  /** Ends the spares of one Zygote. */
  drop(zygote: Zygote): void {
    for (const spare of this.#of.get(zygote) ?? []) {
      const ending = new Promise<void>((resolve) => spare.destroy(resolve)).then(() => {
        this.#ending.delete(ending);
      });
      this.#ending.add(ending);
    }
    this.#of.delete(zygote);
    clearTimeout(this.#refills.get(zygote));
    this.#refills.delete(zygote);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const zygote of [...this.#of.keys()]) this.drop(zygote);
    await Promise.all(this.#ending);
  }
}

function isReady(spare: Container): boolean {
  return spare.isWarm && !spare.isGone;
}

/** Adds up the times in which something lasts, leaving out those that are no longer than a minimum. */
export class LongTimes {
  readonly #leastUs: number;
  #sinceUs = -1;
  #firstUs = Number.POSITIVE_INFINITY;
  #totalUs = 0;

  constructor(leastUs: number) {
    this.#leastUs = leastUs;
  }

  /** Whether it lasts now. */
  get lasts(): boolean {
    return this.#sinceUs >= 0;
  }

  /** When the first of them began; Infinity if there was none. */
  get firstUs(): number {
    return this.#firstUs;
  }

  get totalUs(): number {
    return this.#totalUs;
  }

  /** From now on it lasts, or no longer. True: a long time has just ended. */
  note(lasts: boolean, nowUs: number): boolean {
    if (lasts) {
      if (this.#sinceUs < 0) this.#sinceUs = nowUs;
      return false;
    }
    if (this.#sinceUs < 0) return false;
    const sinceUs = this.#sinceUs;
    this.#sinceUs = -1;
    if (nowUs - sinceUs <= this.#leastUs) return false;
    this.#firstUs = Math.min(this.#firstUs, sinceUs);
    this.#totalUs += nowUs - sinceUs;
    return true;
  }
}

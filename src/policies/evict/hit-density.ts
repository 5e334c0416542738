/** Ages that are distinguished; the last one stands for all above. */
export const AGES = 2_000;
const CLASSES = 16;
/** Weight of what was counted before, each time that densities are computed. */
const DECAY = 0.9;
/** Fewer events than this say nothing about an age. */
const FEW_EVENTS = 1e-5;

/**
 * Hits per unit of time that an object can expect, by its class and its age: of all objects of the
 * class that reached this age, the hits at it or later, divided by the time from it until their next
 * hit or their eviction. From Beckmann, Chen and Cidon, LHD, NSDI 2018, and its published code.
 */
export class HitDensity {
  readonly #hits = new Float64Array(CLASSES * AGES);
  readonly #evictions = new Float64Array(CLASSES * AGES);
  readonly #densities = new Float64Array(CLASSES * AGES);

  /** Before anything is known, young objects are better, and those of classes with quick hits. */
  constructor() {
    for (let at = 0; at < this.#densities.length; at++)
      this.#densities[at] = (Math.floor(at / AGES) + 1) / ((at % AGES) + 1);
  }

  of(classId: number, age: number): number {
    return this.#densities[classId * AGES + age];
  }

  hit(classId: number, age: number): void {
    this.#hits[classId * AGES + age]++;
  }

  evicted(classId: number, age: number): void {
    this.#evictions[classId * AGES + age]++;
  }

  /** Computes the densities from the events so far, of which older ones lose weight. */
  compute(): void {
    for (let classId = 0; classId < CLASSES; classId++) {
      let hits = 0;
      let events = 0;
      let lifetime = 0;
      for (let at = (classId + 1) * AGES - 1; at >= classId * AGES; at--) {
        this.#hits[at] *= DECAY;
        this.#evictions[at] *= DECAY;
        hits += this.#hits[at];
        events += this.#hits[at] + this.#evictions[at];
        lifetime += events;
        this.#densities[at] = events > FEW_EVENTS ? hits / lifetime : 0;
      }
    }
  }
}

/** Class of an object whose last two hits were at ages with this sum: about the logarithm of what is left. */
export function hitAgeClass(age: number): number {
  if (age === 0) return CLASSES - 1;
  let classId = 0;
  for (let doubled = age; doubled < AGES && classId < CLASSES - 1; doubled *= 2) classId++;
  return classId;
}

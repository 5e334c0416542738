import seedrandom from "seedrandom";

/** A seeded sequence of numbers in [0, 1), each with 32 bits of resolution. */
export interface RandomStream {
  next(): number;
}

/**
 * Named random sequences of one seed. A draw from one sequence never moves another, so a change in
 * one part of a run leaves the other parts' numbers alone (common random numbers between policies).
 *
 * The generator is Baagøe's Alea from the package seedrandom; its period is near 2^116.
 */
export class RandomStreams {
  readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  get(name: string): RandomStream {
    return new BatchedStream(seedrandom.alea(`${this.seed}/${name}`));
  }
}

/** Numbers that are drawn ahead: a loop over many is faster than as many calls. */
const BATCH = 64;

class BatchedStream implements RandomStream {
  readonly #draw: () => number;
  readonly #batch = new Float64Array(BATCH);
  #used = BATCH;

  constructor(draw: () => number) {
    this.#draw = draw;
  }

  next(): number {
    if (this.#used === BATCH) this.#refill();
    return this.#batch[this.#used++];
  }

  #refill(): void {
    for (let i = 0; i < BATCH; i++) this.#batch[i] = this.#draw();
    this.#used = 0;
  }
}

/** Standard normal draw by Box and Muller (1958). */
export function drawNormal(random: RandomStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

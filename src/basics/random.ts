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
    return { next: seedrandom.alea(`${this.seed}/${name}`) };
  }
}

/** Standard normal draw by Box and Muller (1958). */
export function drawNormal(random: RandomStream): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.next()));
  return radius * Math.cos(2 * Math.PI * random.next());
}

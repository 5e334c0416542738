import type { Load } from "../../../real/host/native.js";

export type { Load };

/** What every contender receives. */
export interface Arena {
  /** The root file system in which every contender runs the program. */
  readonly root: string;
  /** The program and its arguments, as paths inside the root. */
  readonly command: readonly string[];
  /** A folder for the files of a contender. It is removed afterwards. */
  readonly folder: string;
  /** Marks our containers and images, so they differ from those of other programs. */
  readonly label: string;
  readonly python: string | undefined;
}

/** One way to run a program in isolation (or in none). */
export interface Contender {
  /** Short, for `--only`. */
  readonly name: string;
  /** For tables. */
  readonly title: string;
  /** What one sample does, exactly. */
  readonly does: string;
  /** Gets the contender ready. Errors: `Absent` if it is not on this machine. */
  open(arena: Arena): Promise<OpenContender>;
}

/** A contender that is ready. */
export interface OpenContender {
  /** null for our own containers. */
  readonly version: string | null;
  /**
   * Runs `clients` clients at once. Each creates, runs and destroys one container after the other
   * until `durationUs` is over, and at least one. Resolves when no container is left.
   */
  load(clients: number, durationUs: number): Promise<Load>;
  /** Removes everything that the contender made. */
  close(): Promise<void>;
}

/**
 * Thrown if a contender is not on this machine. The message says what is missing and how to get it.
 */
export class Absent extends Error {}

const US_PER_MS = 1000;

/** Makes the load for a contender that this process calls, one call per container. */
export async function loadBy(
  once: () => Promise<void>,
  clients: number,
  durationUs: number,
): Promise<Load> {
  const us: number[] = [];
  const beganMs = performance.now();
  const endMs = beganMs + durationUs / US_PER_MS;
  const client = async () => {
    let nowMs = performance.now();
    do {
      await once();
      const endedMs = performance.now();
      us.push((endedMs - nowMs) * US_PER_MS);
      nowMs = endedMs;
    } while (nowMs < endMs);
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { us, wallUs: (performance.now() - beganMs) * US_PER_MS };
}

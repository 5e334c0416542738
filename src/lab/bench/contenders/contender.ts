import type { Load } from "../../../real/host/native.js";

export type { Load };

/** What all contenders are given. */
export interface Arena {
  /** The root file system that all show to the program. */
  readonly root: string;
  /** The program, as seen in the root. */
  readonly command: readonly string[];
  /** A folder for whatever a contender keeps; removed afterwards. */
  readonly folder: string;
  /** Names what is ours among others' containers and images. */
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
  /** Gets it ready. Errors: `Absent` where it is not on this machine. */
  open(arena: Arena): Promise<OpenContender>;
}

/** A contender that is ready. */
export interface OpenContender {
  /** null: ours. */
  readonly version: string | null;
  /**
   * Creates, runs and destroys one after the other, by `clients` at once, until `durationUs` is over;
   * each client once at the least. Resolves when nothing of it is left.
   */
  load(clients: number, durationUs: number): Promise<Load>;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}

/** It is not on this machine; the message says what is missing and how to get it. */
export class Absent extends Error {}

const US_PER_MS = 1000;

/** The load of a contender that is asked from here, one call a container. */
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

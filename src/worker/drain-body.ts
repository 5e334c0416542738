import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";

/** How much of a refused body is read at most, and for how long. */
export interface DrainLimits {
  readonly bytes: number;
  readonly ms: number;
}

/** Twice the largest upload that is accepted by default. */
export const REFUSED_BODY: DrainLimits = { bytes: 64 * 1024 ** 2, ms: 5_000 };

/**
 * Reads a body that is refused, and drops it. Most clients read the answer only when they have sent
 * everything; a connection that is closed before that breaks, and the client never sees the answer.
 * Returns when the body has ended, a limit is reached, or the client has left.
 */
export async function drainBody(body: Readable, { bytes, ms }: DrainLimits): Promise<void> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  let left = bytes;
  const count = (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) stop.abort();
  };
  body.on("data", count).resume();
  try {
    await finished(body, { signal: stop.signal, writable: false });
  } catch {
    // A limit is reached or the client has left: in both cases no more is read.
  } finally {
    clearTimeout(timer);
    body.off("data", count).pause();
  }
}

import { isStopped, type Look, lookAt } from "../host/look-at.js";

/**
 * How long a Zygote may leave a fork unanswered before this process looks at it. Even the fork of a
 * Zygote of some GiB takes much less.
 */
const USUAL_ANSWER_MS = 1_000;
/**
 * The largest share of the time for a creation, so that time is left for another attempt elsewhere.
 */
const ANSWER_SHARE = 1 / 5;
const LOOKS_PER_ANSWER = 4;

/**
 * Why a Zygote that has not answered a fork counts as hung; undefined: it may be slow. Two looks at
 * the process decide, the second one after the event loop has read everything that was sent. A busy
 * machine does not make a Zygote suspect: a process that has something to read is runnable (R)
 * until it gets a core, and uses no CPU time while it waits for one. These Zygotes are hung: one
 * that is stopped; one that sleeps at both looks and used no CPU time in between; one that computes
 * longer than any fork takes.
 */
export function whyHung(first: Look, second: Look, answerMs: number): string | undefined {
  if (isStopped(second)) return "is stopped";
  const cpuMs = second.cpuMs - first.cpuMs;
  if (first.state === "S" && second.state === "S" && cpuMs === 0) return "sleeps";
  return cpuMs >= answerMs ? "computes" : undefined;
}

/** How long a fork may be unanswered before this process looks at its Zygote. */
export function forkAnswerMs(makeTimeoutMs: number): number {
  return Math.min(USUAL_ANSWER_MS, makeTimeoutMs * ANSWER_SHARE);
}

/** Fork requests that one Zygote has not answered, the oldest first. */
export class ForkWatch {
  readonly #pidOf: () => number;
  readonly #answerMs: number;
  readonly #longestMs: number;
  readonly #hung: (why: string) => void;
  readonly #askedMs = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  /** The first look since this fork became the oldest. */
  #first: { readonly token: number; readonly look: Look } | undefined;

  /** `longestMs`: longer than this, not even a Zygote on a busy machine may take. */
  constructor(pidOf: () => number, longestMs: number, hung: (why: string) => void) {
    this.#pidOf = pidOf;
    this.#longestMs = longestMs;
    this.#answerMs = forkAnswerMs(longestMs);
    this.#hung = hung;
  }

  asked(token: number): void {
    this.#askedMs.set(token, performance.now());
    this.#timer ??= this.#lookLater();
  }

  answered(token: number): void {
    this.#askedMs.delete(token);
  }

  /** Stops watching. */
  close(): void {
    clearTimeout(this.#timer);
    this.#askedMs.clear();
  }

  #lookLater(): NodeJS.Timeout {
    return setTimeout(() => this.#look(), this.#answerMs / LOOKS_PER_ANSWER);
  }

  #look(): void {
    this.#timer = undefined;
    const [oldest] = this.#askedMs;
    if (oldest === undefined) return;
    const [token, askedMs] = oldest;
    const waitedMs = performance.now() - askedMs;
    const why = waitedMs < this.#answerMs ? undefined : this.#judge(token, waitedMs);
    if (why === undefined) this.#timer = this.#lookLater();
    else this.#hung(`${why}, and did not answer a fork for ${Math.round(waitedMs)} ms`);
  }

  #judge(token: number, waitedMs: number): string | undefined {
    const look = lookAt(this.#pidOf());
    if (look === undefined) return undefined; // its exit will be reported
    if (this.#first?.token !== token) {
      this.#first = { token, look };
      return undefined;
    }
    const why = whyHung(this.#first.look, look, this.#answerMs);
    if (look.state === "S") this.#first = { token, look };
    return why ?? (waitedMs >= this.#longestMs ? "is too slow" : undefined);
  }
}

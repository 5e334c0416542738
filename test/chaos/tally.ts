/** Counts the requests of one round and their outcomes. */
export class Tally {
  requests = 0;
  readonly statuses = new Map<number, number>();
  /** Requests that were neither answered nor cut off by a deliberate kill of the worker. */
  unanswered = 0;
  /** Requests in flight when the worker was killed on purpose. */
  cut = 0;
  doubled = 0;
  /** Requests that were answered with status 200 and a value that is not their own token. */
  wrong = 0;
  /** The first wrong cases, as text. */
  readonly examples: string[] = [];

  answered(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  note(example: string): void {
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(example.slice(0, 200));
  }
}

const MOST_EXAMPLES = 3;

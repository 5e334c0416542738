/** Counts of the requests of one round, and of what came of each. */
export class Tally {
  requests = 0;
  readonly statuses = new Map<number, number>();
  /** Neither answered nor cut off by a kill of the worker that was meant. */
  unanswered = 0;
  /** In flight when the worker was killed on purpose. */
  cut = 0;
  doubled = 0;
  /** Answered with 200 and another value than the request's own token. */
  wrong = 0;
  /** First cases of what must not be, to be read. */
  readonly examples: string[] = [];

  answered(status: number): void {
    this.statuses.set(status, (this.statuses.get(status) ?? 0) + 1);
  }

  note(example: string): void {
    if (this.examples.length < MOST_EXAMPLES) this.examples.push(example.slice(0, 200));
  }
}

const MOST_EXAMPLES = 3;

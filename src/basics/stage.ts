/** One of the counted stages of long work, which begins. */
export interface Stage {
  /** Number of the stage, from 1. */
  readonly at: number;
  /** Number of all stages. */
  readonly of: number;
  readonly name: string;
}

/**
 * The part of a run that its figures cover, in microseconds from the run's start. Before it, caches
 * warm up; after it, the last invocations end.
 */
export interface MeasuredSpan {
  readonly fromUs: number;
  /** Infinity: it has no end, as in a worker that serves until it is stopped. */
  readonly untilUs: number;
}

/** All of a run. */
export const WHOLE_RUN: MeasuredSpan = { fromUs: 0, untilUs: Number.POSITIVE_INFINITY };

/** The time within the span that is nearest to `atUs`: integrals over it use this time. */
export function withinSpan({ fromUs, untilUs }: MeasuredSpan, atUs: number): number {
  return atUs < fromUs ? fromUs : atUs > untilUs ? untilUs : atUs;
}

import { InputError } from "../../basics/errors.js";
import { suggestion } from "../../basics/nearest.js";
import { formatUs, parseDurationUs } from "../../basics/units.js";
import { METRICS, type ResultHead } from "../metrics.js";

const TIMES = ["startup", "queue", "provision", "run", "response"] as const;
const FIGURES = ["mean", "p50", "p90", "p95", "p99", "p999", "max"] as const;
const PERCENT = 100;

/** What can be asked of a run: a time, such as `startup.p99`, or a share, such as `coldRatio`. */
interface Measure {
  readonly name: string;
  readonly unit: "microseconds" | "ratio";
  /** null: the run does not have it. */
  of(result: ResultHead): number | null;
}

const MEASURES: readonly Measure[] = [
  ...TIMES.flatMap((time) =>
    FIGURES.map(
      (figure): Measure => ({
        name: `${time}.${figure}`,
        unit: "microseconds",
        of: ({ timesUs }) => (timesUs[time].count === 0 ? null : timesUs[time][figure]),
      }),
    ),
  ),
  ...METRICS.flatMap(({ name, unit, of }) => (unit === "ratio" ? [{ name, unit, of }] : [])),
];

/** A limit that a run must keep, such as `startup.p99<=50ms`. */
export interface Goal {
  readonly text: string;
  readonly measure: Measure;
  readonly isUpper: boolean;
  /** In microseconds, or as a share from 0 to 1. */
  readonly limit: number;
}

/** Errors: InputError that says what was expected. */
export function parseGoal(text: string, option: string): Goal {
  const parts = /^\s*([\w.]+)\s*(<=|>=)\s*(\S+)\s*$/.exec(text);
  if (parts === null)
    throw new InputError(
      `${option}: "${text}" is not a goal, expected a measure, <= or >=, and a limit, as in startup.p99<=50ms`,
    );
  const [, name, sign, limit] = parts;
  const measure = MEASURES.find((each) => each.name === name);
  if (measure === undefined) {
    const names = MEASURES.map((each) => each.name);
    throw new InputError(
      `${option}: no measure is called "${name}"${suggestion(name, names)}, expected ${TIMES.join(", ")} with .${FIGURES.join(", .")}, or one of ${names.filter((each) => !each.includes(".")).join(", ")}`,
    );
  }
  const read = measure.unit === "ratio" ? parseShare : parseDurationUs;
  return { text: text.trim(), measure, isUpper: sign === "<=", limit: read(limit, option) };
}

/** False too if the run has no such figure, because nothing started. */
export function isMet({ measure, isUpper, limit }: Goal, result: ResultHead): boolean {
  const value = measure.of(result);
  return value !== null && (isUpper ? value <= limit : value >= limit);
}

export function formatMeasure({ measure: { unit } }: Goal, value: number): string {
  return unit === "ratio" ? `${(PERCENT * value).toFixed(2)} %` : formatUs(value);
}

function parseShare(text: string, option: string): number {
  const isPercent = text.endsWith("%");
  const number = Number(isPercent ? text.slice(0, -1) : text) / (isPercent ? PERCENT : 1);
  if (number >= 0 && number <= 1) return number;
  throw new InputError(`${option}: "${text}" is not a share, expected 0 to 1 or 0% to 100%`);
}

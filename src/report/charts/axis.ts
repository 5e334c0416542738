import { scaleLinear, scaleLog, scaleSymlog } from "d3-scale";
import { element, textAt } from "../markup.js";
import { type Paper, textWidthPx } from "./paper.js";

const TICK_PX = 70;
const LEFT_TICK_PX = 40;
const PADDING_PX = 4;
/** Multiples of a power of ten between its decades. */
const BETWEEN_DECADES = [2, 3, 4, 5, 6, 7, 8, 9];
/** Those that have a label if an axis has less than two decades. */
const LABELLED_BETWEEN = [2, 5];

const FEWEST_LABELS = 3;
const COMMON_TICKS = 6;

/** An axis, in the unit of the data. */
export interface AxisOptions {
  /** Name and unit, as in "startup time (log scale)". */
  readonly title: string;
  /** `symlog`: logarithmic from `constant` on, and linear from 0 to there. */
  readonly kind: "linear" | "log" | "symlog";
  readonly constant?: number;
  readonly domain: readonly [number, number];
  readonly format: (value: number) => string;
  /** Positions of ticks; default: round values. */
  readonly ticks?: readonly number[];
}

export interface Axis {
  readonly options: AxisOptions;
  at(value: number): number;
}

/** The rectangle in which data is drawn. */
export interface Frame {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Positions of ticks: those with a label, and those with a line only. */
interface Ticks {
  readonly labelled: readonly number[];
  readonly minor: readonly number[];
}

/** Maps a domain to pixels. A log axis shows values below its domain at its beginning. */
export function makeAxis(options: AxisOptions, fromPx: number, toPx: number): Axis {
  const { domain } = options;
  const scale = scaleOf(options);
  const wide = domain[0] === domain[1] ? [domain[0], domain[1] * 2 || 1] : domain;
  scale.domain(wide).range([fromPx, toPx]).clamp(true);
  return { options, at: (value) => scale(value) };
}

function scaleOf({ kind, constant = 1 }: AxisOptions) {
  if (kind === "symlog") return scaleSymlog().constant(constant);
  return kind === "log" ? scaleLog() : scaleLinear();
}

/** Ticks, grid and title below the frame. */
export function drawBottomAxis(axis: Axis, frame: Frame, paper: Paper): string {
  const middle = (frame.left + frame.right) / 2;
  const title = textAt(middle, frame.bottom + 33, axis.options.title, {
    "text-anchor": "middle",
    class: "axis-title",
  });
  return drawBottomTicks(axis, frame, paper, true) + title;
}

/** Ticks and grid below the frame, with labels if they are wanted. */
export function drawBottomTicks(
  axis: Axis,
  frame: Frame,
  paper: Paper,
  hasLabels: boolean,
): string {
  const { labelled, minor } = ticksOf(axis, (frame.right - frame.left) / TICK_PX);
  const grid = (value: number, kind: string) => {
    const x = rounded(axis.at(value));
    return element("path", { d: `M${x} ${frame.top}V${frame.bottom}`, class: kind });
  };
  const labels = hasLabels
    ? spaced(labelled, axis, paper).map(({ x, label }) =>
        textAt(x, frame.bottom + 15, label, { "text-anchor": "middle" }),
      )
    : [];
  return [
    ...minor.map((value) => grid(value, "minor")),
    ...labelled.map((value) => grid(value, "grid")),
    ...labels,
  ].join("");
}

/** Ticks and grid to the left of the frame; the title is above it. */
export function drawLeftAxis(axis: Axis, frame: Frame): string {
  return (
    drawLeftTicks(axis, frame, true) +
    textAt(2, frame.top - 9, axis.options.title, { class: "axis-title" })
  );
}

/** Ticks and grid to the left of the frame, with labels if they are wanted. */
export function drawLeftTicks(axis: Axis, frame: Frame, hasLabels: boolean): string {
  const { labelled, minor } = ticksOf(axis, (frame.bottom - frame.top) / LEFT_TICK_PX);
  const grid = (value: number, kind: string) => {
    const y = rounded(axis.at(value));
    return element("path", { d: `M${frame.left} ${y}H${frame.right}`, class: kind });
  };
  const label = (value: number) =>
    textAt(frame.left - 6, rounded(axis.at(value)) + 4, axis.options.format(value), {
      "text-anchor": "end",
    });
  return [
    ...minor.map((value) => grid(value, "minor")),
    ...labelled.map((value) => grid(value, "grid")),
    ...(hasLabels ? labelled.map(label) : []),
  ].join("");
}

/** Ticks that have a label, for an axis of common size. */
export function labelledTicks(options: AxisOptions): readonly number[] {
  return ticksOf({ options }, COMMON_TICKS).labelled;
}

function ticksOf({ options }: Pick<Axis, "options">, count: number): Ticks {
  if (options.ticks !== undefined) return { labelled: options.ticks, minor: [] };
  const [from, to] = options.domain;
  if (options.kind === "linear") {
    const labelled = scaleLinear().domain([from, to]).ticks(Math.max(2, count));
    return { labelled, minor: [] };
  }
  if (options.kind === "symlog") {
    const { labelled, minor } = decadesOf([options.constant ?? 1, to]);
    return { labelled: [0, ...labelled], minor };
  }
  return decadesOf([from, to]);
}

/** Powers of ten and what is between them. */
function decadesOf([from, to]: readonly [number, number]): Ticks {
  const first = Math.floor(Math.log10(from));
  const last = Math.ceil(Math.log10(to));
  const decades = Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
  const isInside = (value: number) =>
    value >= from * (1 - Number.EPSILON * 8) && value <= to * (1 + Number.EPSILON * 8);
  const multiples = (factors: readonly number[]) =>
    decades.flatMap((decade) => factors.map((factor) => factor * decade)).filter(isInside);
  const isShort = to / from < 100;
  const round = isShort ? multiples([1, ...LABELLED_BETWEEN]) : decades.filter(isInside);
  const isSparse = isShort && round.length < FEWEST_LABELS;
  const labelled = isSparse ? scaleLinear().domain([from, to]).ticks(FEWEST_LABELS) : round;
  return { labelled, minor: multiples(BETWEEN_DECADES).filter((each) => !labelled.includes(each)) };
}

/** Ticks whose labels do not touch. */
function spaced(values: readonly number[], axis: Axis, paper: Paper) {
  const placed: { readonly x: number; readonly label: string }[] = [];
  let freeFrom = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    const label = axis.options.format(value);
    const half = textWidthPx(paper, label.length) / 2 + PADDING_PX;
    const x = rounded(axis.at(value));
    if (x - half < freeFrom) continue;
    placed.push({ x, label });
    freeFrom = x + half;
  }
  return placed;
}

export function rounded(px: number): number {
  return Math.round(px * 10) / 10;
}

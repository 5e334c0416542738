import { scaleLinear, scaleLog } from "d3-scale";
import { element, textAt } from "../markup.js";

const TICK_PX = 70;
const PADDING_PX = 4;
export const CHARACTER_PX = 6.9;

/** An axis, in the unit of the data. */
export interface AxisOptions {
  /** Name and unit, as in "startup time (log scale)". */
  readonly title: string;
  readonly kind: "linear" | "log";
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

/** Maps a domain to pixels. A log axis shows values below its domain at its beginning. */
export function makeAxis(options: AxisOptions, fromPx: number, toPx: number): Axis {
  const { kind, domain } = options;
  const scale = kind === "log" ? scaleLog() : scaleLinear();
  const wide = domain[0] === domain[1] ? [domain[0], domain[1] * 2 || 1] : domain;
  scale.domain(wide).range([fromPx, toPx]).clamp(true);
  return { options, at: (value) => scale(value) };
}

/** Ticks, grid and title below the frame. */
export function drawBottomAxis(axis: Axis, frame: Frame): string {
  const ticks = spaced(ticksOf(axis, (frame.right - frame.left) / TICK_PX), axis).map(
    ({ x, label }) =>
      element("path", { d: `M${x} ${frame.top}V${frame.bottom}`, class: "grid" }) +
      textAt(x, frame.bottom + 15, label, { "text-anchor": "middle" }),
  );
  const middle = (frame.left + frame.right) / 2;
  const title = textAt(middle, frame.bottom + 33, axis.options.title, {
    "text-anchor": "middle",
    class: "axis-title",
  });
  return ticks.join("") + title;
}

/** Ticks and grid to the left of the frame; the title is above it. */
export function drawLeftAxis(axis: Axis, frame: Frame): string {
  const ticks = ticksOf(axis, (frame.bottom - frame.top) / 40).map((value) => {
    const y = rounded(axis.at(value));
    return (
      element("path", { d: `M${frame.left} ${y}H${frame.right}`, class: "grid" }) +
      textAt(frame.left - 6, y + 4, axis.options.format(value), { "text-anchor": "end" })
    );
  });
  return ticks.join("") + textAt(2, frame.top - 9, axis.options.title, { class: "axis-title" });
}

function ticksOf({ options }: Axis, count: number): readonly number[] {
  if (options.ticks !== undefined) return options.ticks;
  const [from, to] = options.domain;
  if (options.kind === "linear") return scaleLinear().domain([from, to]).ticks(Math.max(2, count));
  const first = Math.ceil(Math.log10(from) - 1e-9);
  const last = Math.floor(Math.log10(to) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

/** Ticks whose labels do not touch. */
function spaced(values: readonly number[], axis: Axis) {
  const placed: { readonly x: number; readonly label: string }[] = [];
  let freeFrom = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    const label = axis.options.format(value);
    const half = (label.length * CHARACTER_PX) / 2 + PADDING_PX;
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

import { curveLinear, curveStepAfter, line } from "d3-shape";
import { element, textAt, tip } from "../markup.js";
import { type LineStyle, lineStyle } from "../palette.js";
import {
  type Axis,
  type AxisOptions,
  drawBottomAxis,
  drawLeftAxis,
  type Frame,
  makeAxis,
  rounded,
} from "./axis.js";
import { drawing, drawLegend, seriesOf } from "./drawing.js";
import { type Paper, textWidthPx } from "./paper.js";

const PLOT_PX = 240;
const LEFT_PX = 64;
const RIGHT_PX = 28;
const BELOW_PX = 42;
const HOVER_PX = 7;
/** Most marks with a text under the pointer, over all lines: each makes the page larger. */
const MAX_HOVERS = 400;

export interface LinePoint {
  readonly x: number;
  readonly y: number;
  /** Bounds of an interval around y. */
  readonly low?: number | null;
  readonly high?: number | null;
  /** Text under the pointer. */
  readonly tip: string;
  /** Whether a second ring marks it. */
  readonly isMarked?: boolean;
  /** Whether it cannot be compared: its marker is hollow, and no line leads to it. */
  readonly isBroken?: boolean;
}

export interface Line {
  readonly label: string;
  /** Index of its style. */
  readonly style: number;
  readonly points: readonly LinePoint[];
  /** The series that it shows; default: its label. */
  readonly series?: readonly string[];
}

export interface LineOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /**
   * `lines`: markers joined by lines; `steps`: a distribution, constant between points, without
   * markers; `marks`: markers alone.
   */
  readonly shape: "lines" | "steps" | "marks";
  /** A separate dashed line, such as a frontier. */
  readonly guide?: readonly LinePoint[];
  /** Grey parts of the x axis, behind the lines; a text is at its beginning, one line per entry. */
  readonly bands?: readonly Band[];
}

export interface Band {
  readonly from: number;
  readonly to: number;
  readonly texts: readonly string[];
}

/** Lines over two axes, each with its own colour, dashes and marker. */
export function lineChart(lines: readonly Line[], options: LineOptions, paper: Paper): string {
  const { shape, bands = [] } = options;
  const legend = drawLegend(
    lines.map(({ label, style, series = [label] }) => ({
      label,
      series,
      swatch: swatchOf(lineStyle(style), shape),
    })),
    paper,
  );
  const top = legend.height + 26;
  const frame = { left: LEFT_PX, right: paper.widthPx - RIGHT_PX, top, bottom: top + PLOT_PX };
  const x = makeAxis(options.x, frame.left, frame.right);
  const y = makeAxis(options.y, frame.bottom, frame.top);
  const hovers = Math.max(8, Math.floor(MAX_HOVERS / Math.max(1, lines.length)));
  const guide = { class: "guide" };
  return drawing(
    paper,
    frame.bottom + BELOW_PX,
    options.label,
    legend.svg,
    ...bands.map((band) => drawBand(band, x, frame)),
    drawBottomAxis(x, frame, paper),
    drawLeftAxis(y, frame),
    ...bands.map((band) => drawBandTexts(band, x, frame, paper)),
    options.guide === undefined ? "" : drawPath(options.guide, { x, y }, "lines", guide),
    ...lines.map((each) => drawLine(each, { x, y }, shape, hovers)),
  );
}

/** A grey part of the plot. */
function drawBand({ from, to }: Band, x: Axis, { top, bottom }: Frame): string {
  const [left, right] = [x.at(from), x.at(to)];
  const place = { x: left, y: top, width: right - left, height: bottom - top };
  return element("rect", { ...place, class: "band" });
}

/**
 * The text of a grey part, half way up, since most marks that cannot be compared are near one of the
 * ends. It begins at the part's left end, or ends with the plot if it is too long.
 */
function drawBandTexts({ from, texts }: Band, x: Axis, frame: Frame, paper: Paper): string {
  const { top, bottom } = frame;
  const left = x.at(from);
  const longest = Math.max(0, ...texts.map((text) => textWidthPx(paper, text.length)));
  const textPx = Math.max(frame.left, Math.min(left, frame.right - longest)) + 3;
  const lines = texts.map((text, at) =>
    textAt(textPx, (top + bottom) / 2 + at * (paper.textPx + 2), text, { class: "soft halo" }),
  );
  return lines.join("");
}

/**
 * Lines with equal points as one line, named after all of them: `a = b`. A reader would otherwise
 * see the last one only.
 */
export function mergeEqualLines(lines: readonly Line[]): readonly Line[] {
  const merged = new Map<string, Line>();
  for (const each of lines) {
    const points = each.points.map(({ x, y, isBroken }) => [x, y, isBroken]);
    const key = points.length === 0 ? each.label : JSON.stringify(points);
    const known = merged.get(key);
    const series = [...(known?.series ?? []), each.label];
    merged.set(key, { ...(known ?? each), label: series.join(" = "), series });
  }
  return [...merged.values()].map((line, _, all) => ({ ...line, label: nameOf(line, all) }));
}

/** `a = b`, or `all except c`, which is shorter if most lines are equal. */
function nameOf({ label, series = [label] }: Line, all: readonly Line[]): string {
  const others = all.filter((each) => each.series !== series).flatMap((each) => each.series ?? []);
  if (series.length < 3 || others.length > 2) return label;
  return others.length === 0 ? "all" : `all except ${others.join(" and ")}`;
}

interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

function drawLine(each: Line, axes: Axes, shape: LineOptions["shape"], hovers: number) {
  const { label, points, series = [label] } = each;
  const style = lineStyle(each.style);
  const look = { stroke: style.colour, "stroke-dasharray": style.dash, class: "line" };
  const path = shape === "marks" ? "" : drawPath(points, axes, shape, look);
  const step = Math.max(1, Math.ceil(points.length / hovers));
  const marks = points
    .filter((_, at) => at % step === 0 || at === points.length - 1)
    .map((point) => drawMark(point, style, axes, shape));
  return element("g", { "data-line": label, ...seriesOf(series) }, path, ...marks);
}

function drawPath(
  points: readonly LinePoint[],
  { x, y }: Axes,
  shape: LineOptions["shape"],
  look: Readonly<Record<string, string | undefined>>,
): string {
  const path = line<LinePoint>(
    (point) => x.at(point.x),
    (point) => y.at(point.y),
  )
    .defined(({ isBroken = false }) => !isBroken)
    .curve(shape === "steps" ? curveStepAfter : curveLinear)
    .digits(1);
  return element("path", { d: path(points) ?? "", ...look });
}

function drawMark(point: LinePoint, style: LineStyle, { x, y }: Axes, shape: string): string {
  const px = rounded(x.at(point.x));
  const py = rounded(y.at(point.y));
  const hover = element("circle", { cx: px, cy: py, r: HOVER_PX, class: "hover" }, tip(point.tip));
  if (shape === "steps") return hover;
  const place = `translate(${px} ${py})`;
  const fill = point.isBroken
    ? { fill: "var(--paper)", stroke: style.colour, class: "broken" }
    : { fill: style.colour };
  const marker = element("path", { d: style.marker, transform: place, ...fill });
  const ring = element("circle", { cx: px, cy: py, r: 8, class: "ring" });
  return drawInterval(point, px, style, y) + (point.isMarked ? ring : "") + marker + hover;
}

function drawInterval(point: LinePoint, px: number, style: LineStyle, y: Axis): string {
  const { low = null, high = null } = point;
  if (low === null || high === null) return "";
  const [from, to] = [rounded(y.at(low)), rounded(y.at(high))];
  const path = `M${px} ${from}V${to}M${px - 4} ${from}h8M${px - 4} ${to}h8`;
  return element("path", { d: path, stroke: style.colour, class: "interval" });
}

function swatchOf(style: LineStyle, shape: LineOptions["shape"]): string {
  const look = { stroke: style.colour, "stroke-dasharray": style.dash, class: "line" };
  const place = { transform: "translate(11 0)", fill: style.colour };
  const marker = shape === "steps" ? "" : element("path", { d: style.marker, ...place });
  return (shape === "marks" ? "" : element("path", { d: "M0 0H22", ...look })) + marker;
}

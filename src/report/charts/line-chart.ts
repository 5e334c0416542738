import { curveLinear, curveStepAfter, line } from "d3-shape";
import { element, tip } from "../markup.js";
import { type LineStyle, lineStyle } from "../palette.js";
import {
  type Axis,
  type AxisOptions,
  drawBottomAxis,
  drawLeftAxis,
  makeAxis,
  rounded,
} from "./axis.js";
import { drawing, drawLegend } from "./drawing.js";

const PLOT_PX = 240;
const LEFT_PX = 64;
const RIGHT_PX = 18;
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
}

export interface LineOptions {
  readonly width: number;
  readonly label: string;
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /** `steps`: a distribution, constant between points, without markers. */
  readonly shape: "lines" | "steps";
  /** A separate dashed line, such as a frontier. */
  readonly guide?: readonly LinePoint[];
}

/** Lines over two axes, each with its own colour, dashes and marker. */
export function lineChart(lines: readonly Line[], options: LineOptions): string {
  const { width, shape } = options;
  const legend = drawLegend(
    lines.map(({ label, style }) => ({ label, swatch: swatchOf(lineStyle(style), shape) })),
    width,
  );
  const top = legend.height + 26;
  const frame = { left: LEFT_PX, right: width - RIGHT_PX, top, bottom: top + PLOT_PX };
  const x = makeAxis(options.x, frame.left, frame.right);
  const y = makeAxis(options.y, frame.bottom, frame.top);
  const hovers = Math.max(8, Math.floor(MAX_HOVERS / Math.max(1, lines.length)));
  return drawing(
    width,
    frame.bottom + BELOW_PX,
    options.label,
    legend.svg,
    drawBottomAxis(x, frame),
    drawLeftAxis(y, frame),
    options.guide === undefined ? "" : drawPath(options.guide, x, y, shape, { class: "guide" }),
    ...lines.map((each) => drawLine(each, x, y, shape, hovers)),
  );
}

function drawLine(each: Line, x: Axis, y: Axis, shape: LineOptions["shape"], hovers: number) {
  const style = lineStyle(each.style);
  const look = { stroke: style.colour, "stroke-dasharray": style.dash, class: "line" };
  const path = drawPath(each.points, x, y, shape, look);
  const step = Math.max(1, Math.ceil(each.points.length / hovers));
  const marks = each.points
    .filter((_, at) => at % step === 0 || at === each.points.length - 1)
    .map((point) => drawMark(point, style, x, y, shape));
  return element("g", { "data-line": each.label }, path, ...marks);
}

function drawPath(
  points: readonly LinePoint[],
  x: Axis,
  y: Axis,
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

function drawMark(point: LinePoint, style: LineStyle, x: Axis, y: Axis, shape: string): string {
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
  const marker = element("path", {
    d: style.marker,
    transform: "translate(11 0)",
    fill: style.colour,
  });
  return element("path", { d: "M0 0H22", ...look }) + (shape === "steps" ? "" : marker);
}

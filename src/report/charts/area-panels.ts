import { area } from "d3-shape";
import { element, tip } from "../markup.js";
import {
  type Axis,
  type AxisOptions,
  drawBottomTicks,
  drawLeftTicks,
  type Frame,
  makeAxis,
} from "./axis.js";
import { areaSwatch, cutTextAt, drawing, drawLegend, seriesOf } from "./drawing.js";
import type { Paper } from "./paper.js";
import type { Layer } from "./stacked-bars.js";

const PLOT_PX = 110;
const LEFT_PX = 46;
const GAP_PX = 14;
const TITLE_PX = 20;
const BELOW_PX = 42;
/** Least width of a panel that shows more than its outline. */
const PANEL_PX = 105;
const MAX_COLUMNS = 4;

export interface AreaPoint {
  readonly x: number;
  /** By layer. */
  readonly parts: readonly number[];
  readonly tip: string;
}

/** The parts over time of one series, or of several equal ones. */
export interface AreaPanel {
  readonly label: string;
  readonly series: readonly string[];
  readonly points: readonly AreaPoint[];
}

export interface AreaOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly layers: readonly Layer[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /** A limit, drawn as a horizontal line. */
  readonly limit: number | null;
}

/** Parts on top of each other over time: one panel per series, all with the same axes. */
export function areaPanels(
  panels: readonly AreaPanel[],
  options: AreaOptions,
  paper: Paper,
): string {
  const { layers } = options;
  const { widthPx } = paper;
  const legend = drawLegend(
    layers.map(({ name, style }) => ({ label: name, swatch: areaSwatch(style) })),
    paper,
  );
  const fitting = Math.floor((widthPx - LEFT_PX) / (PANEL_PX + GAP_PX));
  const columns = Math.max(1, Math.min(MAX_COLUMNS, panels.length, fitting));
  const rows = Math.ceil(panels.length / columns);
  const panelPx = (widthPx - LEFT_PX - columns * GAP_PX) / columns;
  const head = legend.height + 22;
  const heightPx = TITLE_PX + PLOT_PX + GAP_PX;
  const drawn = panels.map((panel, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    const left = Math.round(LEFT_PX + column * (panelPx + GAP_PX));
    const top = head + row * heightPx + TITLE_PX;
    const frame = { left, right: Math.round(left + panelPx), top, bottom: top + PLOT_PX };
    const isLowest = at + columns >= panels.length;
    return drawPanel(panel, options, frame, { isFirst: column === 0, isLowest, paper });
  });
  const bottom = head + rows * heightPx - GAP_PX;
  const titles = [
    element("text", { x: 2, y: legend.height + 14, class: "axis-title" }, options.y.title),
    element(
      "text",
      { x: (LEFT_PX + widthPx) / 2, y: bottom + 33, "text-anchor": "middle", class: "axis-title" },
      options.x.title,
    ),
  ];
  return drawing(paper, bottom + BELOW_PX, options.label, legend.svg, ...titles, ...drawn);
}

interface Place {
  /** Whether it is in the first column, which has the labels of the left axis. */
  readonly isFirst: boolean;
  /** Whether no panel is below it, so that it has the labels of the bottom axis. */
  readonly isLowest: boolean;
  readonly paper: Paper;
}

function drawPanel(
  { label, series, points }: AreaPanel,
  options: AreaOptions,
  frame: Frame,
  { isFirst, isLowest, paper }: Place,
): string {
  const x = makeAxis(options.x, frame.left, frame.right);
  const y = makeAxis(options.y, frame.bottom, frame.top);
  return element(
    "g",
    { "data-panel": label, ...seriesOf(series) },
    cutTextAt({ x: frame.left, y: frame.top - 6 }, label, frame.right - frame.left, paper),
    drawBottomTicks(x, frame, paper, isLowest),
    drawLeftTicks(y, frame, isFirst),
    ...drawLayers(points, options.layers, x, y),
    drawLimit(options, frame, y),
    ...hoverColumns(points, x, frame),
  );
}

function drawLayers(points: readonly AreaPoint[], layers: readonly Layer[], x: Axis, y: Axis) {
  return layers.flatMap(({ style }, layer) => {
    const shape = area<AreaPoint>()
      .x((point) => x.at(point.x))
      .y0((point) => y.at(sumOf(point.parts, layer)))
      .y1((point) => y.at(sumOf(point.parts, layer + 1)))
      .digits(1);
    const d = shape(points) ?? "";
    const pattern =
      style.pattern === undefined ? [] : [element("path", { d, fill: style.pattern })];
    return [element("path", { d, fill: style.colour, class: "area" }), ...pattern];
  });
}

function drawLimit({ limit, y: { format } }: AreaOptions, frame: Frame, y: Axis): string {
  if (limit === null) return "";
  const d = `M${frame.left} ${Math.round(y.at(limit))}H${frame.right}`;
  return element("path", { d, class: "guide" }, tip(`limit ${format(limit)}`));
}

function hoverColumns(points: readonly AreaPoint[], x: Axis, frame: Frame): string[] {
  return points.map((point, index) => {
    const before = points[index - 1];
    const from = before === undefined ? x.at(point.x) - 1 : x.at(before.x);
    const place = { x: from, y: frame.top, width: Math.max(1, x.at(point.x) - from) };
    const height = frame.bottom - frame.top;
    return element("rect", { ...place, height, class: "hover" }, tip(point.tip));
  });
}

function sumOf(parts: readonly number[], layers: number): number {
  return parts.slice(0, layers).reduce((sum, part) => sum + part, 0);
}

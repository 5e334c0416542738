import { area } from "d3-shape";
import { element, tip } from "../markup.js";
import { type AxisOptions, drawBottomAxis, drawLeftAxis, makeAxis } from "./axis.js";
import { areaSwatch, drawing, drawLegend } from "./drawing.js";
import type { Layer } from "./stacked-bars.js";

const PLOT_PX = 130;
const LEFT_PX = 64;
const RIGHT_PX = 18;
const BELOW_PX = 42;

export interface AreaPoint {
  readonly x: number;
  /** By layer. */
  readonly parts: readonly number[];
  readonly tip: string;
}

export interface AreaOptions {
  readonly width: number;
  readonly label: string;
  readonly layers: readonly Layer[];
  readonly x: AxisOptions;
  readonly y: AxisOptions;
  /** A limit, drawn as a horizontal line. */
  readonly limit: number | null;
}

/** Parts on top of each other over time. */
export function stackedArea(points: readonly AreaPoint[], options: AreaOptions): string {
  const { width, layers, limit } = options;
  const legend = drawLegend(
    layers.map(({ name, style }) => ({ label: name, swatch: areaSwatch(style) })),
    width,
  );
  const top = legend.height + 26;
  const frame = { left: LEFT_PX, right: width - RIGHT_PX, top, bottom: top + PLOT_PX };
  const x = makeAxis(options.x, frame.left, frame.right);
  const y = makeAxis(options.y, frame.bottom, frame.top);
  const areas = layers.flatMap(({ style }, layer) => {
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
  const limitLine =
    limit === null
      ? ""
      : element(
          "path",
          { d: `M${frame.left} ${Math.round(y.at(limit))}H${frame.right}`, class: "guide" },
          tip(`limit ${options.y.format(limit)}`),
        );
  return drawing(
    width,
    frame.bottom + BELOW_PX,
    options.label,
    legend.svg,
    drawBottomAxis(x, frame),
    drawLeftAxis(y, frame),
    ...areas,
    limitLine,
    ...hoverColumns(points, (value) => x.at(value), frame),
  );
}

function hoverColumns(
  points: readonly AreaPoint[],
  at: (x: number) => number,
  frame: { readonly top: number; readonly bottom: number },
): string[] {
  return points.map((point, index) => {
    const before = points[index - 1];
    const from = before === undefined ? at(point.x) - 1 : at(before.x);
    const place = { x: from, y: frame.top, width: Math.max(1, at(point.x) - from) };
    const height = frame.bottom - frame.top;
    return element("rect", { ...place, height, class: "hover" }, tip(point.tip));
  });
}

function sumOf(parts: readonly number[], layers: number): number {
  return parts.slice(0, layers).reduce((sum, part) => sum + part, 0);
}

import { element, textAt } from "../markup.js";
import type { AreaStyle } from "../palette.js";
import { type AxisOptions, drawBottomAxis, makeAxis } from "./axis.js";
import { areaSwatch, cutTextAt, drawing, drawLegend, drawRectangle, seriesOf } from "./drawing.js";
import { type Paper, textWidthPx } from "./paper.js";

const ROW_PX = 40;
const BAR_PX = 18;
const BELOW_PX = 42;
const SIDE_PX = 26;

export interface Layer {
  readonly name: string;
  readonly style: AreaStyle;
}

export interface StackedBar {
  readonly label: string;
  /** Text at the end of the label's line. */
  readonly note: string;
  /** By layer, each at least 0. */
  readonly parts: readonly number[];
}

export interface StackedOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly layers: readonly Layer[];
  readonly x: AxisOptions;
}

/**
 * One bar per row, divided into parts. The row's label is above the bar, so the drawing suits any
 * width.
 */
export function stackedBars(
  bars: readonly StackedBar[],
  options: StackedOptions,
  paper: Paper,
): string {
  const { layers } = options;
  const width = paper.widthPx;
  const legend = drawLegend(
    layers.map(({ name, style }) => ({ label: name, swatch: areaSwatch(style) })),
    paper,
  );
  const top = legend.height + 6;
  const frame = { left: SIDE_PX, right: width - SIDE_PX, top, bottom: top + bars.length * ROW_PX };
  const x = makeAxis(options.x, frame.left, frame.right);
  const rows = bars.map((bar, row) => {
    const y = top + row * ROW_PX;
    const notePx = textWidthPx(paper, bar.note.length);
    const head =
      cutTextAt({ x: frame.left, y: y + 13 }, bar.label, frame.right - frame.left - notePx, paper) +
      textAt(frame.right, y + 13, bar.note, { "text-anchor": "end", class: "note" });
    let sum = 0;
    const parts = bar.parts.map((part, at) => {
      const from = x.at(sum);
      sum += part;
      const place = { x: from, y: y + 18, width: x.at(sum) - from, height: BAR_PX };
      const { name, style } = layers[at];
      const hover = `${bar.label}: ${name} ${options.x.format(part)}`;
      return part === 0 ? "" : drawRectangle(place, style, hover);
    });
    return element("g", { "data-bar": bar.label, ...seriesOf([bar.label]) }, head, ...parts);
  });
  const height = frame.bottom + BELOW_PX;
  return drawing(
    paper,
    height,
    options.label,
    legend.svg,
    drawBottomAxis(x, frame, paper),
    ...rows,
  );
}

import { element, textAt } from "../markup.js";
import { lineStyle } from "../palette.js";
import { type AxisOptions, drawBottomAxis, makeAxis } from "./axis.js";
import { cutTextAt, drawing, drawRectangle } from "./drawing.js";
import { type Paper, textWidthPx } from "./paper.js";

const ROW_PX = 32;
const BAR_PX = 10;
const TITLE_PX = 26;
const BELOW_PX = 42;
const SIDE_PX = 26;

export interface Bar {
  readonly label: string;
  /** Index of its style. */
  readonly style: number;
  readonly value: number;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface BarOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly x: AxisOptions;
}

/** Bars in titled groups; label and value are above each bar. */
export function barGroups(groups: readonly BarGroup[], options: BarOptions, paper: Paper): string {
  const width = paper.widthPx;
  const heights = groups.map(({ bars }) => TITLE_PX + bars.length * ROW_PX);
  const bottom = heights.reduce((sum, height) => sum + height, 0);
  const frame = { left: SIDE_PX, right: width - SIDE_PX, top: 0, bottom };
  const x = makeAxis(options.x, frame.left, frame.right);
  let y = 0;
  const drawn = groups.map(({ title, bars }, at) => {
    const top = y;
    y += heights[at];
    const head = textAt(frame.left, top + 17, title, { class: "axis-title" });
    const rows = bars.map((bar, row) => {
      const barTop = top + TITLE_PX + row * ROW_PX;
      const value = options.x.format(bar.value);
      const labelPx = frame.right - frame.left - textWidthPx(paper, value.length);
      const text =
        cutTextAt({ x: frame.left, y: barTop + 11 }, bar.label, labelPx, paper) +
        textAt(frame.right, barTop + 11, value, { "text-anchor": "end", class: "note" });
      const place = { x: frame.left, y: barTop + 16, height: BAR_PX };
      const length = { width: x.at(bar.value) - frame.left };
      const style = { colour: lineStyle(bar.style).colour, pattern: undefined };
      const hover = `${title}, ${bar.label}: ${value}`;
      return text + drawRectangle({ ...place, ...length }, style, hover);
    });
    return element("g", { "data-group": title }, head, ...rows);
  });
  const height = bottom + BELOW_PX;
  return drawing(paper, height, options.label, drawBottomAxis(x, frame, paper), ...drawn);
}

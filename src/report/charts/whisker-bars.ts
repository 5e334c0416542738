import { element, textAt } from "../markup.js";
import { lineStyle } from "../palette.js";
import { type AxisOptions, drawBottomAxis, makeAxis, rounded } from "./axis.js";
import { cutTextAt, drawing, drawRectangle } from "./drawing.js";

const ROW_PX = 34;
const BAR_PX = 12;
const BELOW_PX = 42;
const SIDE_PX = 26;
const WHISKER_PX = 4;

export interface WhiskerBar {
  readonly label: string;
  /** Index of its style. */
  readonly style: number;
  readonly value: number;
  /** Where the whisker begins and ends. */
  readonly low: number;
  readonly high: number;
  /** What stands at the right, and what hovering shows. */
  readonly note: string;
  readonly tip: string;
}

export interface WhiskerOptions {
  readonly width: number;
  readonly label: string;
  readonly x: AxisOptions;
}

/** One bar a row with a whisker over its end; label and note stand above it. */
export function whiskerBars(bars: readonly WhiskerBar[], options: WhiskerOptions): string {
  const { width } = options;
  const bottom = bars.length * ROW_PX;
  const frame = { left: SIDE_PX, right: width - SIDE_PX, top: 0, bottom };
  const x = makeAxis(options.x, frame.left, frame.right);
  const drawn = bars.map((bar, row) => {
    const top = row * ROW_PX;
    const { colour } = lineStyle(bar.style);
    const labelPx = frame.right - frame.left - bar.note.length * 7;
    const place = { x: frame.left, y: top + 16, height: BAR_PX };
    const length = { width: rounded(Math.max(1, x.at(bar.value) - frame.left)) };
    return element(
      "g",
      { "data-bar": bar.label },
      cutTextAt(frame.left, top + 12, bar.label, labelPx),
      textAt(frame.right, top + 12, bar.note, { "text-anchor": "end", class: "note" }),
      drawRectangle({ ...place, ...length }, { colour, pattern: undefined }, bar.tip),
      whisker(rounded(x.at(bar.low)), rounded(x.at(bar.high)), top + 16 + BAR_PX / 2),
    );
  });
  const below = drawBottomAxis(x, frame);
  return drawing(width, bottom + BELOW_PX, options.label, below, ...drawn);
}

function whisker(from: number, to: number, y: number): string {
  const ends = `M${from} ${y - WHISKER_PX}v${2 * WHISKER_PX}M${to} ${y - WHISKER_PX}v${2 * WHISKER_PX}`;
  return element("path", { d: `M${from} ${y}H${to}${ends}`, class: "whisker" });
}

import { element, textAt } from "../markup.js";
import { lineStyle } from "../palette.js";
import { type AxisOptions, drawBottomAxis, makeAxis, rounded } from "./axis.js";
import { cutTextAt, drawing, drawRectangle } from "./drawing.js";
import { type Paper, textWidthPx } from "./paper.js";

const ROW_PX = 38;
const BAR_PX = 12;
const BELOW_PX = 42;
const SIDE_PX = 26;
const WHISKER_PX = 4;

export interface WhiskerBar {
  readonly label: string;
  /** Index of its style. */
  readonly style: number;
  readonly value: number;
  /** Values at which the whisker begins and ends. */
  readonly low: number;
  readonly high: number;
  /** A value to compare it with, drawn as a triangle below the bar. */
  readonly mark?: number | undefined;
  /** Text at the right and under the pointer. */
  readonly note: string;
  readonly tip: string;
}

export interface WhiskerOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly x: AxisOptions;
  /** Value at which bars begin; default: the axis' beginning. */
  readonly origin?: number;
}

/** One bar per row with a whisker over its end. Label and note are above it. */
export function whiskerBars(
  bars: readonly WhiskerBar[],
  options: WhiskerOptions,
  paper: Paper,
): string {
  const { origin = options.x.domain[0] } = options;
  const width = paper.widthPx;
  const bottom = bars.length * ROW_PX;
  const frame = { left: SIDE_PX, right: width - SIDE_PX, top: 0, bottom };
  const x = makeAxis(options.x, frame.left, frame.right);
  const drawn = bars.map((bar, row) => {
    const top = row * ROW_PX;
    const { colour } = lineStyle(bar.style);
    const labelPx = frame.right - frame.left - textWidthPx(paper, bar.note.length);
    const [from, to] = [x.at(origin), x.at(bar.value)];
    const place = { x: rounded(Math.min(from, to)), y: top + 16, height: BAR_PX };
    const length = { width: rounded(Math.max(1, Math.abs(to - from))) };
    return element(
      "g",
      { "data-bar": bar.label },
      cutTextAt({ x: frame.left, y: top + 12 }, bar.label, labelPx, paper),
      textAt(frame.right, top + 12, bar.note, { "text-anchor": "end", class: "note" }),
      drawRectangle({ ...place, ...length }, { colour, pattern: undefined }, bar.tip),
      whisker(rounded(x.at(bar.low)), rounded(x.at(bar.high)), top + 16 + BAR_PX / 2),
      bar.mark === undefined ? "" : pointer(rounded(x.at(bar.mark)), top + 16 + BAR_PX),
    );
  });
  const below = drawBottomAxis(x, frame, paper);
  return drawing(paper, bottom + BELOW_PX, options.label, below, ...drawn);
}

/** A triangle whose tip touches the lower edge of the bar's row, so that no bar hides it. */
function pointer(x: number, y: number): string {
  return element("path", { d: `M${x} ${y}l4 7h-8Z`, class: "pointer" });
}

function whisker(from: number, to: number, y: number): string {
  const ends = `M${from} ${y - WHISKER_PX}v${2 * WHISKER_PX}M${to} ${y - WHISKER_PX}v${2 * WHISKER_PX}`;
  return element("path", { d: `M${from} ${y}H${to}${ends}`, class: "whisker" });
}

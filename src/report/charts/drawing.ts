import { type Attributes, element, escapeText, textAt, tip } from "../markup.js";
import type { AreaStyle } from "../palette.js";
import { CHARACTER_PX } from "./axis.js";

const LEGEND_ROW_PX = 18;
const SWATCH_PX = 26;
const GAP_PX = 14;

/** A whole drawing. `label` describes it for screen readers. */
export function drawing(
  width: number,
  height: number,
  label: string,
  ...content: readonly string[]
): string {
  const size = { viewBox: `0 0 ${width} ${Math.ceil(height)}`, width, height: Math.ceil(height) };
  return element("svg", { ...size, role: "img", "aria-label": label }, ...content);
}

export interface LegendItem {
  readonly label: string;
  /** Mark of up to 22 x 12 px with its middle at 11,0. */
  readonly swatch: string;
}

/** The items of a legend, from the top, in as many rows as the width requires. */
export function drawLegend(items: readonly LegendItem[], width: number) {
  let x = 0;
  let row = 0;
  const drawn = items.map(({ label, swatch }) => {
    const shown = shortened(label, width - SWATCH_PX);
    const itemPx = SWATCH_PX + shown.length * CHARACTER_PX + GAP_PX;
    if (x > 0 && x + itemPx - GAP_PX > width) {
      x = 0;
      row++;
    }
    const y = row * LEGEND_ROW_PX + 10;
    const place = { transform: `translate(${Math.round(x)} ${y})` };
    x += itemPx;
    return element("g", place, swatch, textAt(SWATCH_PX, 4, shown));
  });
  return { svg: drawn.join(""), height: items.length === 0 ? 0 : (row + 1) * LEGEND_ROW_PX };
}

export function areaSwatch(style: AreaStyle): string {
  return drawRectangle({ x: 3, y: -6, width: 18, height: 12 }, style);
}

/** A filled rectangle with its pattern. `hover` is the text under the pointer. */
export function drawRectangle(place: Attributes, style: AreaStyle, hover?: string): string {
  const title = hover === undefined ? [] : [tip(hover)];
  const pattern =
    style.pattern === undefined
      ? ""
      : element("rect", { ...place, fill: style.pattern, "pointer-events": "none" });
  return element("rect", { ...place, fill: style.colour, class: "area" }, ...title) + pattern;
}

/** Text cut to a width with an ellipsis. The whole text shows under the pointer. */
export function cutTextAt(x: number, y: number, text: string, widthPx: number, attributes = {}) {
  const shown = shortened(text, widthPx);
  if (shown === text) return textAt(x, y, text, attributes);
  return element("text", { x, y, ...attributes }, escapeText(shown), tip(text));
}

function shortened(text: string, widthPx: number): string {
  const room = Math.max(4, Math.floor(widthPx / CHARACTER_PX));
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

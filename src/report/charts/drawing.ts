import { type Attributes, element, escapeText, textAt, tip } from "../markup.js";
import type { AreaStyle } from "../palette.js";
import { charactersIn, type Paper, textWidthPx } from "./paper.js";

const LEGEND_ROW_PX = 18;
const SWATCH_PX = 26;
const GAP_PX = 14;

/** A whole drawing. `label` describes it for screen readers. */
export function drawing(
  { widthPx, textPx }: Paper,
  heightPx: number,
  label: string,
  ...content: readonly string[]
): string {
  const height = Math.ceil(heightPx);
  const size = { viewBox: `0 0 ${widthPx} ${height}`, width: widthPx, height };
  return element(
    "svg",
    { ...size, "font-size": textPx, role: "img", "aria-label": label },
    ...content,
  );
}

export interface LegendItem {
  readonly label: string;
  /** Mark of up to 22 x 12 px with its middle at 11,0. */
  readonly swatch: string;
  /** The series that it names, if a reader can switch them off. */
  readonly series?: readonly string[];
}

/** The items of a legend, from the top, in as many rows as the width requires. */
export function drawLegend(items: readonly LegendItem[], paper: Paper) {
  const { widthPx } = paper;
  let x = 0;
  let row = 0;
  const drawn = items.map(({ label, swatch, series }) => {
    const shown = shortened(label, widthPx - SWATCH_PX, paper);
    const itemPx = SWATCH_PX + textWidthPx(paper, shown.length) + GAP_PX;
    if (x > 0 && x + itemPx - GAP_PX > widthPx) {
      x = 0;
      row++;
    }
    const y = row * LEGEND_ROW_PX + 10;
    const place = { transform: `translate(${Math.round(x)} ${y})` };
    x += itemPx;
    return element("g", { ...place, ...seriesOf(series) }, swatch, textAt(SWATCH_PX, 4, shown));
  });
  return { svg: drawn.join(""), height: items.length === 0 ? 0 : (row + 1) * LEGEND_ROW_PX };
}

/** The attribute by which the page's script finds what belongs to some series. */
export function seriesOf(series: readonly string[] | undefined): Attributes {
  return { "data-series": series === undefined ? undefined : JSON.stringify(series) };
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
export function cutTextAt(
  place: { readonly x: number; readonly y: number },
  text: string,
  widthPx: number,
  paper: Paper,
  attributes: Attributes = {},
) {
  const shown = shortened(text, widthPx, paper);
  if (shown === text) return textAt(place.x, place.y, text, attributes);
  return element("text", { ...place, ...attributes }, escapeText(shown), tip(text));
}

function shortened(text: string, widthPx: number, paper: Paper): string {
  const room = charactersIn(paper, widthPx);
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}

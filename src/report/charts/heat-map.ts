import { textColourOn } from "../drawing-style.js";
import { type Attributes, element, textAt, tip } from "../markup.js";
import { cutTextAt, drawing, seriesOf } from "./drawing.js";
import { type Paper, textWidthPx } from "./paper.js";

const ROW_PX = 26;
/** If a cell is too narrow for its text, number and unit are below each other. */
const HIGH_ROW_PX = 32;
const HEAD_PX = 24;
const TITLE_PX = 22;
/** Largest part of the width that the rows' names take. */
const NAME_SHARE = 0.33;
const GAP_PX = 8;
/** Width of a digit as a part of the width that is reserved for a character. */
const DIGIT_SHARE = 0.9;
/** Opacity of the cells with the worst and the best value. */
const FAINT = 0.06;
const FULL = 0.85;
/** The palette's index of the cells' colour. */
const COLOUR = 0;
/** From this ratio of the greatest to the least value on, colours follow the logarithm. */
const WIDE = 30;

export interface HeatCell {
  /** null: there is no value, or it cannot be compared. */
  readonly value: number | null;
  readonly text: string;
  readonly tip: string;
}

export interface HeatRow {
  readonly label: string;
  /** By column; undefined: there is no such configuration. */
  readonly cells: readonly (HeatCell | undefined)[];
}

export interface HeatOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly title: string;
  readonly columns: readonly string[];
  readonly better: "lower" | "higher";
}

/** A value per row and column. A better value has a darker cell; a cell without a value is hatched. */
export function heatMap(rows: readonly HeatRow[], options: HeatOptions, paper: Paper): string {
  const { columns, title } = options;
  const longest = Math.max(...rows.map(({ label }) => label.length));
  const namePx = Math.min(NAME_SHARE * paper.widthPx, textWidthPx(paper, longest) + GAP_PX);
  const cellPx = (paper.widthPx - namePx) / columns.length;
  const texts = [...columns, ...rows.flatMap(({ cells }) => cells.map((cell) => cell?.text ?? ""))];
  const isNarrow = texts.some((text) => textWidthPx(paper, text.length) > cellPx - 2);
  const box: Box = {
    ...{ widthPx: cellPx, heightPx: isNarrow ? HIGH_ROW_PX : ROW_PX, isNarrow },
    paper,
    shade: shadeOf(rows, options),
  };
  const headPx = isNarrow ? HIGH_ROW_PX : HEAD_PX;
  const heads = columns.map((name, at) =>
    drawText({ x: namePx + (at + 0.5) * cellPx, y: TITLE_PX + headPx / 2 }, name, box),
  );
  const drawn = rows.map(({ label, cells }, row) => {
    const y = TITLE_PX + headPx + row * box.heightPx;
    const place = { x: 0, y: y + box.heightPx / 2 + 4 };
    const name = cutTextAt(place, label, namePx - GAP_PX, paper);
    const each = cells.map((cell, column) =>
      cell === undefined ? "" : drawCell(cell, { x: namePx + column * cellPx, y }, box),
    );
    return element("g", { "data-row": label, ...seriesOf([label]) }, name, ...each);
  });
  const height = TITLE_PX + headPx + rows.length * box.heightPx + 4;
  const head = textAt(0, 14, title, { class: "axis-title" });
  return drawing(paper, height, options.label, head, ...heads, ...drawn);
}

/** What all cells of a drawing have in common. */
interface Box {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly isNarrow: boolean;
  readonly paper: Paper;
  /** Opacity of a value. */
  readonly shade: (value: number) => number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function drawCell({ value, text, tip: hover }: HeatCell, { x, y }: Point, box: Box): string {
  const place = { x: x + 1, y: y + 1, width: box.widthPx - 2, height: box.heightPx - 2 };
  const middle = { x: x + box.widthPx / 2, y: y + box.heightPx / 2 };
  if (value === null) {
    const hatched = element("rect", { ...place, class: "missing" }, tip(hover));
    return hatched + drawText(middle, text, box, { class: "soft" });
  }
  const opacity = box.shade(value).toFixed(2);
  const fill = { fill: `var(--c${COLOUR})`, "fill-opacity": opacity, class: "cell" };
  const tone = { style: `fill:${textColourOn(COLOUR, Number(opacity))}` };
  return element("rect", { ...place, ...fill }, tip(hover)) + drawText(middle, text, box, tone);
}

/**
 * A text around a point: in two lines, split at its first space, if cells are narrow. A line that is
 * wider than its cell is smaller.
 */
function drawText({ x, y }: Point, text: string, box: Box, tone: Attributes = {}): string {
  const look = { "text-anchor": "middle", ...tone, "pointer-events": "none" };
  const space = text.indexOf(" ");
  const line = (part: string, baseline: number) => {
    const share = (box.widthPx - 2) / (DIGIT_SHARE * textWidthPx(box.paper, part.length));
    const size = share < 1 ? { "font-size": share * box.paper.textPx } : {};
    return textAt(x, baseline, part, { ...look, ...size });
  };
  if (!box.isNarrow || space < 0) return line(text, y + 4);
  return line(text.slice(0, space), y - 2) + line(text.slice(space + 1), y + 10);
}

/** How dark a value is: the best one FULL, the worst one FAINT. */
function shadeOf(rows: readonly HeatRow[], { better }: HeatOptions): (value: number) => number {
  const values = rows.flatMap(({ cells }) => cells.flatMap((cell) => cell?.value ?? []));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const isLog = low > 0 && high / low >= WIDE;
  const place = (value: number) =>
    isLog ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
  return (value) => {
    const share = high === low ? 0.5 : place(value);
    return FAINT + (FULL - FAINT) * (better === "higher" ? share : 1 - share);
  };
}

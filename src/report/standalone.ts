import { drawChart } from "./charts/chart.js";
import { DRAWING_STYLE, withLightColours } from "./drawing-style.js";
import { patternDefinitions } from "./palette.js";
import type { Figure } from "./section.js";

/** How a figure looks outside the page. */
export interface FigureLook {
  readonly widthPx: number;
  /** A family of fonts, as in CSS. */
  readonly font: string;
}

/** Height of text: 7.5 pt, which suits a page with 9-point text. */
const TEXT_PX = 10;

/**
 * A figure as an SVG file that needs no other file: the drawing of the page, with its own
 * namespace, style, colours and patterns.
 */
export function standaloneSvg({ chart }: Figure, { widthPx, font }: FigureLook): string {
  const drawn = drawChart(chart, { widthPx, textPx: TEXT_PX });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" font-family="${font}"`;
  const style = `<style>${DRAWING_STYLE}</style>`;
  const opened = drawn.replace(/^<svg([^>]*)>/, `${head}$1>${style}${patternDefinitions()}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${withLightColours(opened)}\n`;
}

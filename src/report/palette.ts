import {
  type SymbolType,
  symbol,
  symbolCircle,
  symbolCross,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
} from "d3-shape";
import { element } from "./markup.js";

/**
 * Colours that people with any kind of colour vision can distinguish (Okabe and Ito, Color
 * Universal Design, 2008), each in a light and a dark shade: `--c0`, `--c1`, ... in the page's
 * style.
 */
export const LIGHT_COLOURS: readonly string[] = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#f0e442",
  "#767676",
];
export const DARK_COLOURS: readonly string[] = [
  "#4a9be0",
  "#f07a33",
  "#1fbf94",
  "#e09cc4",
  "#f2b233",
  "#a3daf7",
  "#f5ec7d",
  "#a6a6a6",
];

/** All colours except yellow, which is visible as an area but not as a line on white. */
const LINE_COLOURS = [0, 1, 2, 3, 4, 5, 7];
const DASHES = [undefined, "7 3", "2 3", "9 3 2 3"];
const MARKERS: readonly SymbolType[] = [
  symbolCircle,
  symbolSquare,
  symbolTriangle,
  symbolDiamond,
  symbolCross,
  symbolStar,
];
const MARKER_AREA = 44;

/** How a line looks. Colour, dashes and marker each distinguish it from its neighbours. */
export interface LineStyle {
  readonly colour: string;
  readonly dash: string | undefined;
  /** Path of its marker, centred at 0,0. */
  readonly marker: string;
}

/** The palette's index of a line's colour. */
export function lineColour(index: number): number {
  return LINE_COLOURS[index % LINE_COLOURS.length];
}

export function lineStyle(index: number): LineStyle {
  return {
    colour: `var(--c${lineColour(index)})`,
    dash: DASHES[index % DASHES.length],
    marker: symbol(MARKERS[index % MARKERS.length], MARKER_AREA)()!,
  };
}

/** How an area looks: a colour, and a pattern laid over it. */
export interface AreaStyle {
  readonly colour: string;
  /** Fill of a second shape on top; undefined: plain. */
  readonly pattern: string | undefined;
}

/** `colour` is an index in the palette, `pattern` one of those defined below. */
export function areaStyle(colour: number, pattern?: PatternName): AreaStyle {
  return {
    colour: `var(--c${colour})`,
    pattern: pattern === undefined ? undefined : `url(#pattern-${pattern})`,
  };
}

const PATTERNS = {
  rising: "M-1 7 7 -1M-1 1 1 -1M5 7 7 5",
  falling: "M-1 -1 7 7M5 -1 7 1M-1 5 1 7",
  level: "M0 3H6",
  upright: "M3 0V6",
  crossed: "M-1 7 7 -1M-1 -1 7 7",
  dotted: "M2 3H4",
} as const;
type PatternName = keyof typeof PATTERNS;

/** A drawing of size zero that defines the patterns. A page contains it once. */
export function patternDrawing(): string {
  const hidden = "position:absolute";
  return element(
    "svg",
    { width: 0, height: 0, style: hidden, "aria-hidden": "true" },
    patternDefinitions(),
  );
}

/** The patterns of areas. */
export function patternDefinitions(): string {
  const patterns = Object.entries(PATTERNS).map(([name, path]) =>
    element(
      "pattern",
      { id: `pattern-${name}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      element("path", { d: path, class: "pattern" }),
    ),
  );
  const missing = element(
    "pattern",
    { id: "pattern-missing", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
    element("path", { d: PATTERNS.rising, class: "gap" }),
  );
  return element("defs", {}, ...patterns, missing);
}

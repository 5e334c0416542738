import type { Options } from "yargs";
import { InputError } from "../../basics/errors.js";
import type { FigureLook } from "../../report/standalone.js";
import { type Given, ifGiven, readText } from "../options/read-option.js";

const figures = { type: "string", requiresArg: true, group: "Figures:" } as const;

export const FIGURE_FORMATS = ["svg", "vega-lite", "pdf"] as const;
export type FigureFormat = (typeof FIGURE_FORMATS)[number];

export const FIGURE_OPTIONS = {
  figures: {
    ...figures,
    describe: "Write each drawing of the page as a separate file (path of a folder)",
  },
  "figure-formats": {
    ...figures,
    describe: `Formats of these files: ${FIGURE_FORMATS.join(", ")} (list; default: svg,vega-lite; pdf needs rsvg-convert or Chromium)`,
  },
  width: {
    ...figures,
    describe: "Width of these drawings (length with in, cm, mm, pt or px; default: 3.33in)",
  },
  font: {
    ...figures,
    describe: "Font of these drawings: serif, sans, or a name (text; default: sans)",
  },
} as const satisfies Record<string, Options>;

/** What is written of each figure, and where. */
export interface FigureOrder {
  readonly folder: string;
  readonly formats: readonly FigureFormat[];
  readonly look: FigureLook;
}

type FigureArguments = Readonly<Partial<Record<keyof typeof FIGURE_OPTIONS, Given | undefined>>>;

const DEFAULT_WIDTH = "3.33in";
/** CSS pixels per unit. */
const PX_PER: Readonly<Record<string, number>> = {
  in: 96,
  cm: 96 / 2.54,
  mm: 96 / 25.4,
  pt: 96 / 72,
  px: 1,
};
/** Narrower drawings have no room for their labels; no page is wider. */
const WIDTH_RANGE_PX = [200, 4000] as const;
const GENERIC_FONTS: Readonly<Record<string, string>> = {
  serif: "'Latin Modern Roman','CMU Serif','Times New Roman',Times,serif",
  sans: "Helvetica,Arial,sans-serif",
};

/**
 * Reads the options of figures; undefined: no figures are wanted. Errors: InputError, also if an
 * option has no effect because --figures is missing.
 */
export function readFigureOptions(args: FigureArguments): FigureOrder | undefined {
  const { figures: given, "figure-formats": formats, width, font } = args;
  if (given === undefined) {
    for (const [name, value] of Object.entries({ "figure-formats": formats, width, font })) {
      if (value !== undefined) throw new InputError(`--${name}: has no effect without --figures`);
    }
    return undefined;
  }
  return {
    folder: readText(given, "--figures"),
    formats: readFormats(formats),
    look: {
      widthPx: readWidthPx(width ?? DEFAULT_WIDTH),
      font: ifGiven(font, readFont) ?? GENERIC_FONTS["sans"],
    },
  };
}

function readFormats(given: Given | undefined): FigureFormat[] {
  if (given === undefined) return ["svg", "vega-lite"];
  const names = readText(given, "--figure-formats").split(",");
  return [...new Set(names)].map((name) => {
    const format = FIGURE_FORMATS.find((each) => each === name.trim());
    if (format !== undefined) return format;
    throw new InputError(`--figure-formats: "${name}" is not one of ${FIGURE_FORMATS.join(", ")}`);
  });
}

function readWidthPx(given: Given): number {
  const text = readText(given, "--width");
  const [, number, unit] = /^([0-9.]+)\s*([a-z]+)$/.exec(text.trim()) ?? [];
  const px = Number(number) * (PX_PER[unit ?? ""] ?? Number.NaN);
  const [least, most] = WIDTH_RANGE_PX;
  if (px >= least && px <= most) return Math.round(px);
  throw new InputError(
    `--width: "${text}" is not a length from ${least}px to ${most}px, as in 3.33in, 8.5cm or 240pt`,
  );
}

function readFont(given: Given): string {
  const text = readText(given, "--font").trim();
  const generic = GENERIC_FONTS[text];
  if (generic !== undefined) return generic;
  if (/^[\p{L}\p{N} _-]+$/u.test(text)) return `'${text}',serif`;
  throw new InputError(`--font: "${text}" is not serif, sans or the name of a font`);
}

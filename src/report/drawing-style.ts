import { blend, readableOn } from "./contrast.js";
import { DARK_COLOURS, LIGHT_COLOURS } from "./palette.js";

/** Colours by name. The page has them as variables; an exported drawing has their values. */
type Colours = Readonly<Record<string, string>>;

export const LIGHT: Colours = {
  paper: "#ffffff",
  ink: "#1c1c1c",
  soft: "#5a5a5a",
  rule: "#dcdcdc",
  panel: "#f6f6f4",
  mark: "#fff3c4",
  link: "#005a9c",
  bad: "#b00020",
  good: "#00703c",
  ...numbered(LIGHT_COLOURS),
  ...textColours(0),
};
export const DARK: Colours = {
  paper: "#15171a",
  ink: "#e8e8e6",
  soft: "#a9adb3",
  rule: "#34383d",
  panel: "#1e2125",
  mark: "#4a3f12",
  link: "#7fc1ff",
  bad: "#ff8a8a",
  good: "#5fd39b",
  ...numbered(DARK_COLOURS),
  ...textColours(1),
};

/** The rules that every drawing needs, on the page and outside it. */
export const DRAWING_STYLE = `
text{fill:var(--ink)}
.axis-title,.note{font-weight:600}
.grid{stroke:var(--rule);fill:none}
.minor{stroke:var(--rule);stroke-opacity:.45;fill:none}
.line{fill:none;stroke-width:2}
.interval{fill:none;stroke-width:1.2}
.whisker{fill:none;stroke:var(--ink);stroke-width:1.3}
.ring{fill:none;stroke:var(--ink);stroke-width:1.3}
.guide{fill:none;stroke:var(--ink);stroke-width:1.2;stroke-dasharray:5 4}
.pointer{fill:var(--ink)}
.area{stroke:var(--paper);stroke-width:.7}
.pattern{stroke:var(--paper);stroke-opacity:.75;stroke-width:1.3;fill:none}
.band{fill:var(--ink);fill-opacity:.07}
.missing{fill:url(#pattern-missing);stroke:var(--rule)}
.gap{stroke:var(--rule);stroke-width:1.6;fill:none}
text.soft{fill:var(--soft)}
.halo{paint-order:stroke;stroke:var(--paper);stroke-width:3;stroke-linejoin:round}
.broken{stroke-width:1.8}
.hover{fill:transparent}
.node{fill:var(--ink)}
.branch{fill:none;stroke:var(--soft)}
`;

/** Declarations of variables with these colours. */
export function variablesOf(colours: Colours): string {
  return Object.entries(colours)
    .map(([name, colour]) => `--${name}:${colour};`)
    .join("");
}

/** A text with the values of light colours instead of their variables. */
export function withLightColours(text: string): string {
  return text.replaceAll(/var\(--(\w+)\)/g, (_, name: string) => LIGHT[name] ?? "none");
}

/**
 * The variable with the colour of text on a shape with an opaque or translucent colour of the palette:
 * black or white, in the light and in the dark scheme.
 */
export function textColourOn(palette: number, opacity: number): string {
  const [light, dark] = [LIGHT, DARK].map((scheme) =>
    readableOn(blend(scheme[`c${palette}`], scheme["paper"], opacity)),
  );
  return `var(--${light}${dark})`;
}

/** The variables of textColourOn, whose names have the colour by scheme: `--blackwhite`. */
function textColours(scheme: 0 | 1): Colours {
  const names = ["black", "white"].flatMap((light) =>
    ["black", "white"].map((dark) => [light, dark] as const),
  );
  return Object.fromEntries(
    names.map((each) => [each.join(""), each[scheme] === "black" ? "#000000" : "#ffffff"]),
  );
}

function numbered(colours: readonly string[]): Colours {
  return Object.fromEntries(colours.map((colour, index) => [`c${index}`, colour]));
}

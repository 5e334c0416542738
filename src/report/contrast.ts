/** Red, green and blue, each from 0 to 255. */
type Rgb = readonly [number, number, number];

/** The contrast of two colours such as `#0072b2`, from 1 to 21 (WCAG 2.1, "contrast ratio"). */
export function contrastOf(a: string, b: string): number {
  const [dark, light] = [luminanceOf(rgbOf(a)), luminanceOf(rgbOf(b))].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

/** The colour that is seen if one of some opacity lies on another. */
export function blend(over: string, under: string, opacity: number): string {
  const below = rgbOf(under);
  const parts = rgbOf(over).map((part, at) => opacity * part + (1 - opacity) * below[at]);
  return `#${parts.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;
}

/** Black or white: what is easier to read on a colour. One of them always has at least 4.5. */
export function readableOn(colour: string): "black" | "white" {
  return contrastOf("#000000", colour) >= contrastOf("#ffffff", colour) ? "black" : "white";
}

function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/** WCAG 2.1, "relative luminance": the gamma of sRGB is undone, and the eye's sensitivity weighs. */
function luminanceOf(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

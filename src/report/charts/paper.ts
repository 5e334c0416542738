/** What a drawing is made for: its width, and the height of its text, both in CSS pixels. */
export interface Paper {
  readonly widthPx: number;
  readonly textPx: number;
}

/** Height of text on the page. */
export const PAGE_TEXT_PX = 11.5;
/** Width of a character as a part of the text's height: somewhat more than the mean of most fonts. */
const CHARACTER_WIDTH = 0.6;

/** Width that a text of so many characters needs. */
export function textWidthPx({ textPx }: Paper, characters: number): number {
  return characters * CHARACTER_WIDTH * textPx;
}

/** Less than this of a character may be missing, since widths are sums of doubles. */
const ROUNDING = 1e-6;

/** Number of characters that fit in a width, at least 4. */
export function charactersIn(paper: Paper, widthPx: number): number {
  return Math.max(4, Math.floor(widthPx / textWidthPx(paper, 1) + ROUNDING));
}

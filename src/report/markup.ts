/** Attributes of an element; those that are undefined are left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML and SVG show it: names come from traces and may contain any character. */
export function escapeText(text: string): string {
  return text
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character])
    .replaceAll(/[^\P{Cc}\t\n\r]/gu, "\ufffd");
}

/** An element around markup that is already escaped. Numbers are rounded to a tenth. */
export function element(
  name: string,
  attributes: Attributes,
  ...content: readonly string[]
): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeText(attributeText(value!))}"`)
    .join("");
  return content.length === 0
    ? `<${name}${list}/>`
    : `<${name}${list}>${content.join("")}</${name}>`;
}

/** Text at a position in a drawing. */
export function textAt(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escapeText(text));
}

/** The text that a pointer over the enclosing mark shows. */
export function tip(text: string): string {
  return element("title", {}, escapeText(text));
}

function attributeText(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 10) / 10) : value;
}

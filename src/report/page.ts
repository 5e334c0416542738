import { formatCell } from "./format-cell.js";
import { element, escapeText } from "./markup.js";
import { PAGE_SCRIPT } from "./page-script.js";
import { PAGE_STYLE } from "./page-style.js";
import { patternDefinitions } from "./palette.js";
import type { Report } from "./report.js";
import type { Figure, Section } from "./section.js";
import { type Cell, type Column, cellValue, type Table } from "./table.js";

/** Each drawing is made for a screen and for a phone; the style shows the one that fits. */
const WIDE_PX = 960;
const NARROW_PX = 340;
const MARKS = { best: " ★", tied: " ☆", bad: " !" } as const;
/** The page fetches nothing, not even an icon. */
const HEAD =
  '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
  '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">' +
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">";

/** The whole report as one HTML file that needs no other file. */
export function renderPage(report: Report): string {
  const { title, subject, losses, warnings, sections } = report;
  const links = sections.map(({ id, title: text }) =>
    element("li", {}, element("a", { href: `#${id}` }, escapeText(text))),
  );
  return [
    '<!doctype html>\n<html lang="en"><head>',
    HEAD,
    `<title>${escapeText(title)}</title><style>${PAGE_STYLE}</style></head><body>`,
    patternDefinitions(),
    element("header", {}, element("h1", {}, escapeText(title)), paragraph(subject)),
    renderNotes("Lost invocations", "losses", losses),
    renderNotes("Before you compare", "warnings", warnings),
    element("nav", { "aria-label": "Sections" }, element("ol", {}, ...links)),
    `\n<main>${sections.map(renderSection).join("\n")}</main>\n`,
    `<div id="tip" role="status" hidden></div><script>${PAGE_SCRIPT}</script></body></html>\n`,
  ].join("");
}

function renderNotes(heading: string, kind: string, notes: readonly string[]): string {
  if (notes.length === 0) return "";
  const items = notes.map((text) => element("li", {}, escapeText(text)));
  return element(
    "aside",
    { class: kind, role: "note" },
    element("strong", {}, heading),
    element("ul", {}, ...items),
  );
}

function renderSection(section: Section): string {
  const { id, title, text, figures, blocks = [] } = section;
  return element(
    "section",
    { id },
    element("h2", {}, escapeText(title)),
    paragraph(text),
    ...figures.map(renderFigure),
    renderNumbers(section),
    renderBlocks(blocks),
  );
}

function renderBlocks(blocks: NonNullable<Section["blocks"]>): string {
  if (blocks.length === 0) return "";
  const each = blocks.map(({ title, text }) =>
    element(
      "details",
      {},
      element("summary", {}, escapeText(title)),
      element("pre", {}, escapeText(text)),
    ),
  );
  return element("details", {}, element("summary", {}, "Commands and configurations"), ...each);
}

function renderFigure({ caption, draw }: Figure): string {
  return element(
    "figure",
    {},
    caption === null ? "" : element("figcaption", {}, escapeText(caption)),
    element("div", { class: "wide" }, draw(WIDE_PX)),
    element("div", { class: "narrow" }, draw(NARROW_PX)),
  );
}

function renderNumbers({ table, isTableOpen, hasFilter = false, pageRows }: Section): string {
  if (table.rows.length === 0) return "";
  const filter = hasFilter
    ? element(
        "label",
        { class: "filter" },
        "Filter ",
        element("input", {
          type: "search",
          "data-filter": table.id,
          placeholder: "part of a name",
        }),
        element("output", { "data-shown": table.id }, ""),
      )
    : "";
  const scroller = element(
    "div",
    { class: "scroller", tabindex: 0, role: "region", "aria-label": `Table ${table.id}` },
    renderTable(table, pageRows),
  );
  if (isTableOpen) return filter + scroller;
  return element("details", {}, element("summary", {}, "Numbers"), scroller);
}

function renderTable({ id, columns, rows }: Table, pageRows = rows.length): string {
  const heads = columns.map(({ title, name, unit }) =>
    element(
      "th",
      { scope: "col", "data-column": name, class: unit === "text" ? "text" : undefined },
      element("button", { type: "button" }, escapeText(title)),
    ),
  );
  const body = rows.slice(0, pageRows).map((row) => {
    const cells = row.map((cell, at) => renderCell(cell, columns[at]));
    return element("tr", {}, ...cells);
  });
  return element(
    "table",
    { "data-table": id },
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, body.join("\n")),
  );
}

/** A cell as a reader sees it. If it is a number, `data-value` has that number. */
function renderCell(cell: Cell, { unit }: Column): string {
  const value = cellValue(cell);
  const mark = typeof cell === "object" ? cell?.mark : undefined;
  const text = formatCell(cell, unit) + (mark === undefined ? "" : MARKS[mark]);
  const attributes = {
    "data-value": typeof value === "number" ? String(value) : undefined,
    class: mark ?? (unit === "text" ? "text" : undefined),
  };
  return element("td", attributes, escapeText(text));
}

function paragraph(text: string): string {
  return element("p", {}, escapeText(text));
}

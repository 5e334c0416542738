import { drawChart } from "./charts/chart.js";
import { PAGE_TEXT_PX } from "./charts/paper.js";
import { formatCell } from "./format-cell.js";
import { element, escapeText } from "./markup.js";
import { PAGE_SCRIPT } from "./page-script.js";
import { PAGE_STYLE } from "./page-style.js";
import { patternDrawing } from "./palette.js";
import type { Report } from "./report.js";
import type { Figure, Section } from "./section.js";
import { type Cell, type Column, cellValue, type Table } from "./table.js";

/** Each drawing is made for a screen and for a phone; the style shows the one that fits. */
const WIDE_PX = 960;
/** Two of them fit side by side on a wide screen. */
const HALF_PX = 520;
const NARROW_PX = 340;
const MARKS = { best: " ★", tied: " ☆", good: " ✓", bad: " ✗" } as const;
/** The page fetches nothing, not even an icon. */
const HEAD =
  '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">' +
  '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">' +
  "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">";

/** The whole report as one HTML file that needs no other file. */
export function renderPage(report: Report): string {
  const { title, sections } = report;
  const links = sections.map(({ id, title: text }) =>
    element("li", {}, element("a", { href: `#${id}` }, escapeText(text))),
  );
  return [
    '<!doctype html>\n<html lang="en"><head>',
    HEAD,
    `<title>${escapeText(title)}</title><style>${PAGE_STYLE}</style></head><body>`,
    patternDrawing(),
    renderHeader(report),
    element("nav", { "aria-label": "Sections" }, element("ol", {}, ...links)),
    `\n<main>${sections.map(renderSection).join("\n")}</main>\n`,
    `<div id="tip" role="status" hidden></div><script>${PAGE_SCRIPT}</script></body></html>\n`,
  ].join("");
}

/** What a reader needs first: what ran, whether it can be compared, and the answers. */
function renderHeader(report: Report): string {
  const { title, subject, facts, verdict, findings, losses, warnings, leftOut } = report;
  const pairs = facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, escapeText(name)), element("dd", {}, escapeText(value))),
  );
  return element(
    "header",
    {},
    element("h1", {}, escapeText(title)),
    paragraph(subject),
    verdict === undefined
      ? ""
      : element(
          "p",
          { class: verdict.isGood ? "verdict" : "verdict bad", role: "note" },
          escapeText(`${verdict.isGood ? "✓" : "✗"} ${verdict.text}`),
        ),
    renderNotes("Lost invocations", "losses", losses),
    pairs.length === 0 ? "" : element("dl", {}, ...pairs),
    findings.length === 0
      ? ""
      : element("h2", {}, "What the runs say") +
          element("ul", { class: "findings" }, ...findings.map(renderFinding)),
    renderNotes("Before you compare", "warnings", warnings),
    leftOut.length === 0
      ? ""
      : paragraph(`Left out, because there is nothing to show: ${leftOut.join("; ")}.`),
  );
}

/** A sentence. What comes before its colon is the measure that it is about. */
function renderFinding(text: string): string {
  const colon = text.indexOf(": ");
  const [measure, rest] = colon < 0 ? ["", text] : [text.slice(0, colon), text.slice(colon)];
  return element("li", {}, element("strong", {}, escapeText(measure)), escapeText(rest));
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
  const { id, title, text, isScreenOnly = false, blocks = [] } = section;
  return element(
    "section",
    { id, class: isScreenOnly ? "screen-only" : undefined },
    element("h2", {}, escapeText(title)),
    paragraph(text),
    renderFigures(section),
    renderNumbers(section),
    renderBlocks(blocks),
  );
}

function renderFigures({ id, figures, choice }: Section): string {
  if (choice === undefined || figures.length < 2) {
    const [halves, others] = [
      figures.filter(({ isHalf = false }) => isHalf),
      figures.filter(({ isHalf = false }) => !isHalf),
    ];
    const grid =
      halves.length === 0
        ? ""
        : element("div", { class: "halves" }, ...halves.map((each) => renderFigure(each, false)));
    return others.map((each) => renderFigure(each, false)).join("") + grid;
  }
  const options = figures.map((figure) =>
    element("option", { value: figure.id }, escapeText(figure.caption ?? figure.id)),
  );
  const select = element("select", { "data-choice": id }, ...options);
  const chooser = element(
    "label",
    { class: "choice", hidden: "" },
    escapeText(`${choice} `),
    select,
  );
  return chooser + figures.map((each, at) => renderFigure(each, at > 0)).join("");
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

function renderFigure({ id, caption, chart, isHalf = false }: Figure, isHidden: boolean): string {
  const draw = (widthPx: number) => drawChart(chart, { widthPx, textPx: PAGE_TEXT_PX });
  return element(
    "figure",
    { "data-figure": id, hidden: isHidden ? "" : undefined },
    caption === null ? "" : element("figcaption", {}, escapeText(caption)),
    element("div", { class: "wide" }, draw(isHalf ? HALF_PX : WIDE_PX)),
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

function renderTable(
  { id, columns, rows, groupBy, lostRows }: Table,
  pageRows = rows.length,
): string {
  const heads = columns.map(({ title, name, unit }) =>
    element(
      "th",
      { scope: "col", "data-column": name, class: unit === "text" ? "text" : undefined },
      element("span", { role: "button", tabindex: 0 }, escapeText(title)),
    ),
  );
  const body = rows.slice(0, pageRows).map((row, at) => {
    const cells = row.map((cell, column) => renderCell(cell, columns[column]));
    const isNew = groupBy !== undefined && at > 0 && row[groupBy] !== rows[at - 1][groupBy];
    const kinds = [isNew ? "begins" : [], lostRows?.has(at) ? "lost" : []].flat();
    return element("tr", { class: kinds.join(" ") || undefined }, ...cells);
  });
  return element(
    "table",
    { "data-table": id },
    element("thead", {}, element("tr", {}, ...heads)),
    element("tbody", {}, body.join("\n")),
  );
}

/**
 * A cell as a reader sees it. If it is a number, `data-value` has that number; if its text is cut,
 * `title` has the whole text.
 */
function renderCell(cell: Cell, { unit, cut }: Column): string {
  const value = cellValue(cell);
  const mark = typeof cell === "object" ? cell?.mark : undefined;
  const text = formatCell(cell, unit) + (mark === undefined ? "" : MARKS[mark]);
  const isCut = cut !== undefined && text.length >= cut.from;
  const attributes = {
    "data-value": typeof value === "number" ? String(value) : undefined,
    class: mark ?? (unit === "text" ? "text" : undefined),
    title: isCut ? text : undefined,
  };
  return element("td", attributes, escapeText(isCut ? `${text.slice(0, cut.to)}…` : text));
}

function paragraph(text: string): string {
  return element("p", {}, escapeText(text));
}

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
  const answers = sections.filter(({ isAnswer = false }) => isAnswer);
  const others = sections.filter(({ isAnswer = false }) => !isAnswer);
  const links = sections.map(({ id, title: text }) =>
    element("li", {}, element("a", { href: `#${id}` }, escapeText(text))),
  );
  return [
    '<!doctype html>\n<html lang="en"><head>',
    HEAD,
    `<title>${escapeText(title)}</title><style>${PAGE_STYLE}</style></head><body>`,
    patternDrawing(),
    renderHeader(report),
    `\n<main>${[
      ...answers.map(renderSection),
      renderAbout(report),
      element("nav", { "aria-label": "Sections" }, element("ol", {}, ...links)),
      ...others.map(renderSection),
    ].join("\n")}</main>\n`,
    `<div id="tip" role="status" hidden></div><script>${PAGE_SCRIPT}</script></body></html>\n`,
  ].join("");
}

/** What a reader needs first: whether the runs are as they should be, and can be compared. */
function renderHeader({ title, subject, verdict, losses, warnings, sections }: Report): string {
  const hasAnswer = sections.some(({ isAnswer = false }) => isAnswer);
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
    renderNotes("Lost invocations", "losses", losses, hasAnswer ? 1 : losses.length),
    renderNotes("Before you compare", "warnings", warnings),
  );
}

/** What ran, and the answers as sentences. */
function renderAbout({ facts, findings, leftOut }: Report): string {
  const pairs = facts.map(([name, value]) =>
    element("div", {}, element("dt", {}, escapeText(name)), element("dd", {}, escapeText(value))),
  );
  return element(
    "div",
    { class: "about" },
    pairs.length === 0 ? "" : element("dl", {}, ...pairs),
    findings.length === 0
      ? ""
      : element("h2", {}, "What the runs say") +
          element("ul", { class: "findings" }, ...findings.map(renderFinding)),
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

/** A box with notes. The first `open` of them are visible without a click. */
function renderNotes(
  heading: string,
  kind: string,
  notes: readonly string[],
  open = notes.length,
): string {
  if (notes.length === 0) return "";
  const list = (texts: readonly string[]) =>
    element("ul", {}, ...texts.map((text) => element("li", {}, escapeText(text))));
  const rest = notes.slice(open);
  return element(
    "aside",
    { class: kind, role: "note" },
    element("strong", {}, heading),
    list(notes.slice(0, open)),
    rest.length === 0
      ? ""
      : element("details", {}, element("summary", {}, "How they ended, when, and why"), list(rest)),
  );
}

function renderSection(section: Section): string {
  const { id, title, text, isScreenOnly = false, isAnswer = false, blocks = [] } = section;
  const kinds = [isScreenOnly ? "screen-only" : [], isAnswer ? "answer" : []].flat();
  return element(
    "section",
    { id, class: kinds.join(" ") || undefined },
    element("h2", {}, escapeText(title)),
    isAnswer ? "" : paragraph(text),
    renderFigures(section),
    renderNumbers(section),
    isAnswer ? paragraph(text) : "",
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
  const heads = columns.map((column) =>
    element(
      "th",
      { scope: "col", "data-column": column.name, class: classOf(column) },
      element("span", { role: "button", tabindex: 0 }, escapeText(column.title)),
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
function renderCell(cell: Cell, column: Column): string {
  const { unit, cut, hasLead = false } = column;
  const value = cellValue(cell);
  const mark = typeof cell === "object" ? cell?.mark : undefined;
  const text = formatCell(cell, unit) + (mark === undefined ? "" : MARKS[mark]);
  const isCut = cut !== undefined && text.length >= cut.from;
  const attributes = {
    "data-value": typeof value === "number" ? String(value) : undefined,
    class: classOf(column, mark),
    title: isCut ? text : undefined,
  };
  if (hasLead) return element("td", attributes, leadAndRest(text));
  return element("td", attributes, escapeText(isCut ? `${text.slice(0, cut.to)}…` : text));
}

/** `x: 3 ms, 1 ms less than y` with the first part in bold, and the second one below it. */
function leadAndRest(text: string): string {
  const colon = text.indexOf(": ");
  if (colon < 0) return escapeText(text);
  const [lead, rest] = [text.slice(0, colon), text.slice(colon + 2)];
  return element("strong", {}, escapeText(lead)) + element("small", {}, escapeText(rest));
}

function classOf({ unit, isScreenOnly = false }: Column, mark?: string): string | undefined {
  const kind = mark ?? (unit === "text" ? "text" : []);
  return [kind, isScreenOnly ? "screen-only" : []].flat().join(" ") || undefined;
}

function paragraph(text: string): string {
  return element("p", {}, escapeText(text));
}

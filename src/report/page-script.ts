import { DRAWING_STYLE } from "./drawing-style.js";

/**
 * The page's script: it sorts a table after a click on a heading, says of a table that it is wider than
 * the page, filters rows by a text, shows the
 * text of the mark under the pointer or finger, switches series off, shows the chosen figure, and
 * copies a figure as SVG or its numbers as text. Without it the page has the same content, and the
 * browser shows the same titles.
 */
export const PAGE_SCRIPT = `
"use strict";
const make = (name, properties, ...children) => {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
};
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.querySelectorAll("th")];
  const sortBy = (head, column) => {
    const falls = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => {
      const cell = row.cells[column];
      const number = cell.dataset.value;
      row.classList.remove("begins");
      return { row, key: number === undefined ? cell.textContent : Number(number) };
    });
    const isNumber = ({ key }) => typeof key === "number";
    keyed.sort((a, b) => {
      if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
      const order = isNumber(a) ? a.key - b.key : a.key.localeCompare(b.key);
      return falls ? -order : order;
    });
    body.append(...keyed.map(({ row }) => row));
  };
  heads.forEach((head, column) => {
    const button = head.querySelector("[role=button]");
    button.addEventListener("click", () => sortBy(head, column));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      sortBy(head, column);
    });
  });
}
for (const scroller of document.querySelectorAll(".scroller")) {
  const hint = make("p", { className: "hint", hidden: true, textContent: "The table has more columns: scroll it sideways →" });
  scroller.before(hint);
  new ResizeObserver(() => { hint.hidden = scroller.scrollWidth <= scroller.clientWidth + 1; }).observe(scroller);
}
for (const input of document.querySelectorAll("input[data-filter]")) {
  const name = input.dataset.filter;
  const rows = [...document.querySelector('table[data-table="' + name + '"]').tBodies[0].rows];
  const output = document.querySelector('output[data-shown="' + name + '"]');
  const texts = rows.map((row) => [row.textContent, ...[...row.cells].map((cell) => cell.title)].join(" ").toLowerCase());
  const filter = () => {
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    rows.forEach((row, at) => {
      row.hidden = !texts[at].includes(wanted);
      if (!row.hidden) shown++;
    });
    output.textContent = shown + " of " + rows.length + " rows";
  };
  input.addEventListener("input", filter);
  filter();
}
for (const select of document.querySelectorAll("select[data-choice]")) {
  const figures = [...select.closest("section").querySelectorAll("figure")];
  select.parentElement.hidden = false;
  const choose = () => figures.forEach((figure) => { figure.hidden = figure.dataset.figure !== select.value; });
  select.addEventListener("change", choose);
  choose();
}
const marked = [...document.querySelectorAll("main [data-series]")];
const seriesOf = (mark) => JSON.parse(mark.dataset.series);
const names = [...new Set(marked.flatMap(seriesOf))];
const off = new Set();
const showSeries = () => {
  for (const mark of marked) mark.classList.toggle("off", seriesOf(mark).every((name) => off.has(name)));
};
if (names.length > 1) {
  const boxes = names.map((name) => {
    const box = make("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      if (box.checked) off.delete(name);
      else off.add(name);
      showSeries();
    });
    return make("label", {}, box, name);
  });
  const group = make("div", { className: "series" }, "Shown in all drawings:", ...boxes);
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", "Series shown in all drawings");
  document.querySelector("main figure").closest("section").before(group);
}
const STYLE = ${JSON.stringify(DRAWING_STYLE)};
const standalone = (svg) => {
  const copy = svg.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "sans-serif");
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = STYLE;
  copy.prepend(style, document.querySelector("svg > defs").cloneNode(true));
  const root = getComputedStyle(document.documentElement);
  return copy.outerHTML.replace(/var\\((--[a-z0-9]+)\\)/g, (_, name) => root.getPropertyValue(name).trim());
};
const numbersOf = (section) => {
  const table = section.querySelector("table");
  if (table === null) return "";
  const heads = [...table.querySelectorAll("th")].map((head) => head.dataset.column);
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.dataset.value ?? cell.textContent));
  return [heads, ...rows].map((cells) => cells.join("\\t")).join("\\n") + "\\n";
};
const copy = async (text, button) => {
  const said = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "copied";
  } catch {
    const area = make("textarea", { value: text });
    document.body.append(area);
    area.select();
    button.textContent = document.execCommand("copy") ? "copied" : "the browser refuses";
    area.remove();
  }
  setTimeout(() => { button.textContent = said; }, 1500);
};
for (const figure of document.querySelectorAll("figure")) {
  const svg = make("button", { type: "button", textContent: "Copy SVG" });
  svg.addEventListener("click", () => {
    const shown = [...figure.querySelectorAll("svg")].find((each) => each.getClientRects().length > 0);
    copy(standalone(shown), svg);
  });
  const buttons = [svg];
  const numbers = figure.closest("section").querySelector("table") === null ? document.getElementById("summary") : figure.closest("section");
  if (numbers !== null) {
    const data = make("button", { type: "button", textContent: "Copy data" });
    data.addEventListener("click", () => copy(numbersOf(numbers), data));
    buttons.push(data);
  }
  figure.prepend(make("div", { className: "tools" }, ...buttons));
}
const tip = document.getElementById("tip");
const textOf = (mark) => {
  const title = mark.querySelector(":scope > title");
  if (title !== null) {
    mark.dataset.tip = title.textContent;
    mark.setAttribute("aria-label", title.textContent);
    title.remove();
  }
  return mark.dataset.tip;
};
document.addEventListener("pointerover", ({ target, clientX, clientY }) => {
  const mark = target instanceof SVGElement && target.localName !== "svg" ? target : null;
  const text = mark === null ? undefined : textOf(mark);
  tip.hidden = text === undefined;
  if (text === undefined) return;
  tip.textContent = text;
  const { width, height } = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(clientX + 12, innerWidth - width - 4)) + "px";
  tip.style.top = (clientY - height - 12 < 4 ? clientY + 16 : clientY - height - 12) + "px";
});
`;

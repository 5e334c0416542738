/**
 * The page's script: it sorts a table after a click on a heading, filters rows by a text, and shows
 * the text of the mark under the pointer or finger. Without it the page has the same content, and
 * the browser shows the same titles.
 */
export const PAGE_SCRIPT = `
"use strict";
for (const table of document.querySelectorAll("table")) {
  const heads = [...table.querySelectorAll("th")];
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const falls = head.getAttribute("aria-sort") === "ascending";
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", falls ? "descending" : "ascending");
    const body = table.tBodies[0];
    const keyed = [...body.rows].map((row) => {
      const cell = row.cells[column];
      const number = cell.dataset.value;
      return { row, key: number === undefined ? cell.textContent : Number(number) };
    });
    const isNumber = ({ key }) => typeof key === "number";
    keyed.sort((a, b) => {
      if (isNumber(a) !== isNumber(b)) return isNumber(a) ? -1 : 1;
      const order = isNumber(a) ? a.key - b.key : a.key.localeCompare(b.key);
      return falls ? -order : order;
    });
    body.append(...keyed.map(({ row }) => row));
  }));
}
for (const input of document.querySelectorAll("input[data-filter]")) {
  const name = input.dataset.filter;
  const rows = [...document.querySelector('table[data-table="' + name + '"]').tBodies[0].rows];
  const output = document.querySelector('output[data-shown="' + name + '"]');
  const texts = rows.map((row) => row.textContent.toLowerCase());
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

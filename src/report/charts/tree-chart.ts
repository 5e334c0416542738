import { element, textAt } from "../markup.js";
import { areaStyle } from "../palette.js";
import { rounded } from "./axis.js";
import { cutTextAt, drawing, drawRectangle } from "./drawing.js";
import type { Paper } from "./paper.js";

const ROW_PX = 22;
const HEAD_PX = 24;
const BAR_PX = 12;
const MAX_INDENT_PX = 14;
/** Largest part of the labels' column used for indentation. */
const INDENT_SHARE = 0.4;
const SIZE_STYLE = areaStyle(0);
const USE_STYLE = areaStyle(4, "rising");

export interface ChartNode {
  readonly label: string;
  readonly tip: string;
  /** Row of its parent; null for a root. */
  readonly parent: number | null;
  readonly depth: number;
  readonly size: number;
  readonly uses: number;
}

export interface TreeOptions {
  /** What is drawn, for screen readers. */
  readonly label: string;
  readonly sizeTitle: string;
  readonly useTitle: string;
  readonly formatSize: (size: number) => string;
  readonly formatUse: (uses: number) => string;
}

/** A tree with one node per row, parents first, and two bars per node: its size and its uses. */
export function treeChart(nodes: readonly ChartNode[], options: TreeOptions, paper: Paper): string {
  const width = paper.widthPx;
  const labelPx = Math.round(width * (width < 500 ? 0.42 : 0.54));
  const columnPx = (width - labelPx) / 2;
  const deepest = Math.max(1, ...nodes.map(({ depth }) => depth));
  const indentPx = Math.min(MAX_INDENT_PX, (INDENT_SHARE * labelPx) / deepest);
  const maxSize = Math.max(1, ...nodes.map(({ size }) => size));
  const maxUses = Math.max(1, ...nodes.map(({ uses }) => uses));
  const head =
    textAt(labelPx, 14, options.sizeTitle, { class: "axis-title" }) +
    textAt(labelPx + columnPx, 14, options.useTitle, { class: "axis-title" });
  const rows = nodes.map((node, row) => {
    const y = HEAD_PX + row * ROW_PX;
    const x = node.depth * indentPx;
    const bar = (from: number, part: number, text: string, style: typeof SIZE_STYLE) => {
      const longest = columnPx - 58;
      const length = Math.max(part > 0 ? 1 : 0, part * longest);
      const place = { x: from, y: y + 5, width: length, height: BAR_PX };
      return drawRectangle(place, style, node.tip) + textAt(from + length + 4, y + 15, text);
    };
    return element(
      "g",
      { "data-node": node.label },
      element("circle", { cx: x + 5, cy: y + 11, r: 3, class: "node" }),
      drawBranch(node, nodes, row, indentPx),
      cutTextAt({ x: x + 13, y: y + 15 }, node.label, labelPx - x - 20, paper),
      bar(labelPx, node.size / maxSize, options.formatSize(node.size), SIZE_STYLE),
      bar(labelPx + columnPx, node.uses / maxUses, options.formatUse(node.uses), USE_STYLE),
    );
  });
  return drawing(paper, HEAD_PX + nodes.length * ROW_PX + 6, options.label, head, ...rows);
}

function drawBranch(
  node: ChartNode,
  nodes: readonly ChartNode[],
  row: number,
  indentPx: number,
): string {
  if (node.parent === null) return "";
  const x = rounded(nodes[node.parent].depth * indentPx + 5);
  const from = HEAD_PX + node.parent * ROW_PX + 14;
  const y = HEAD_PX + row * ROW_PX + 11;
  return element("path", {
    d: `M${x} ${from}V${y}H${rounded(x + Math.max(0, indentPx - 3))}`,
    class: "branch",
  });
}

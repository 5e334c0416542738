import type { ZygoteResult } from "../../results/result.js";
import type { ChartNode } from "../charts/tree-chart.js";
import type { Dataset, Detail } from "../dataset.js";
import { formatMemory, formatValue } from "../format-cell.js";
import type { Figure, LeftOut, Section } from "../section.js";

/** Most Zygotes in one drawing. */
const MAX_DRAWN = 60;
/** Most rows of the table on the page. */
const PAGE_ROWS = 200;
const NAMED_PACKAGES = 3;

/** The tree of the Zygotes that were alive at the end. */
export function zygotesSection({ details, detailText }: Dataset): Section | LeftOut {
  const withTrees = details.filter(({ result }) => result.zygotes.length > 0);
  const without = details.filter(({ result }) => result.zygotes.length === 0);
  if (withTrees.length === 0) return { leftOut: "the Zygote tree (no run ends with a Zygote)" };
  const none =
    without.length === 0 ? "" : ` None: ${without.map(({ label }) => label).join(", ")}.`;
  return {
    id: "zygotes",
    title: "The Zygote tree",
    text: `${detailText} Zygotes alive at the end of the run. Each is below the one from which it was forked, and has the packages that it added as its name. Memory is what it adds to its parent's; forks are the containers forked from it.${none}`,
    figures: withTrees.map(figureOf),
    isScreenOnly: true,
    pageRows: PAGE_ROWS,
    table: {
      id: "zygotes",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "id", title: "Zygote", unit: "integer" },
        { name: "parent", title: "parent", unit: "integer" },
        { name: "bytes", title: "memory", unit: "bytes" },
        { name: "forks", title: "forks", unit: "count" },
        { name: "packages", title: "packages added", unit: "text" },
      ],
      rows: details.flatMap(({ label, result }) =>
        result.zygotes.map(({ id, parent, bytes, forks, packages }) => [
          label,
          id,
          parent,
          bytes,
          forks,
          packages.join(" "),
        ]),
      ),
    },
    isTableOpen: false,
  };
}

function figureOf({ label, result }: Detail, at: number): Figure {
  const nodes = nodesOf(result.zygotes);
  const left = nodes.length - MAX_DRAWN;
  return {
    id: `zygotes-${at}`,
    caption: left > 0 ? `${label}: the first ${MAX_DRAWN} of ${nodes.length}` : label,
    chart: {
      kind: "tree",
      data: nodes.slice(0, MAX_DRAWN),
      options: {
        label: `Zygote tree of ${label}`,
        sizeTitle: "memory",
        useTitle: "forks",
        formatSize: formatMemory,
        formatUse: (forks) => formatValue(forks, "count"),
      },
    },
  };
}

/**
 * The nodes in depth-first order, so each node is below its parent and above its siblings'
 * children.
 */
function nodesOf(zygotes: readonly ZygoteResult[]): ChartNode[] {
  const nodes: ChartNode[] = [];
  const known = new Set(zygotes.map(({ id }) => id));
  const add = (zygote: ZygoteResult, parent: number | null, depth: number) => {
    const row = nodes.length;
    nodes.push(nodeOf(zygote, parent, depth));
    const children = zygotes.filter((each) => each.parent === zygote.id);
    for (const child of children.toSorted((a, b) => b.forks - a.forks || a.id - b.id)) {
      add(child, row, depth + 1);
    }
  };
  for (const zygote of zygotes) {
    if (zygote.parent === null || !known.has(zygote.parent)) add(zygote, null, 0);
  }
  return nodes;
}

function nodeOf(zygote: ZygoteResult, parent: number | null, depth: number): ChartNode {
  const { packages, bytes, forks } = zygote;
  const more = packages.length - NAMED_PACKAGES;
  const names = packages.slice(0, NAMED_PACKAGES).join(" ") || "no packages (root)";
  const label = more > 0 ? `${names} + ${more} more` : names;
  const uses = `${formatMemory(bytes)}, ${formatValue(forks, "count")} forks`;
  const tip = `Zygote ${zygote.id}: ${uses}: ${packages.join(" ") || "no packages"}`;
  return { label, tip, parent, depth, size: bytes, uses: forks };
}

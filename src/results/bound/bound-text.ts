import { formatBytes, formatUs } from "../../basics/units.js";
import { textTable } from "../text-table.js";
import type { TraceBound } from "./trace-bound.js";

/** A bound as text: one row per memory size, then what it holds for. */
export function renderBound(bound: TraceBound): string {
  const { invocations, firstUses, method, trace, points, functions, seed } = bound;
  const sample = functions === null ? "" : `, ${functions} functions`;
  const rows = points.map((point) => [
    point.memoryBytes === null ? "unlimited" : formatBytes(point.memoryBytes),
    String(point.misses),
    percent(point.hitRatio),
    formatUs(point.coldStartUs),
    String(point.forkedMisses),
    percent(point.forkedHitRatio),
  ]);
  const heading = ["memory", "misses", "hits", "cold starts", "forked: misses", "forked: hits"];
  return [
    `${trace}${sample}, seed ${seed}: ${invocations} invocations, ${firstUses} without a container before`,
    "",
    textTable([heading, ...rows]).trimEnd(),
    "",
    `misses and cold starts at least, hits at most. ${method}`,
    "",
  ].join("\n");
}

function percent(ratio: number): string {
  return `${(100 * ratio).toFixed(2)} %`;
}

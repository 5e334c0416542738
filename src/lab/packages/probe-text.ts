import { BYTES_PER_MIB, US_PER_MS } from "../../basics/units.js";
import { textTable } from "../../results/text-table.js";
import type { ProbeVerdict } from "./probe-packages.js";

const HEADS = [
  "package",
  "closure",
  "import ms",
  "MiB",
  "threads",
  "files",
  "generators",
  "hooks",
  "forked",
] as const;

/** The verdicts as a table for a terminal, and below it the reasons. */
export function renderProbes(verdicts: readonly ProbeVerdict[], width?: number): string {
  const rows = [HEADS, ...verdicts.map(cellsOf)];
  const reasons = verdicts.flatMap((each) =>
    reasonsOf(each).map((reason) => `${each.name}: ${reason}\n`),
  );
  return [textTable(rows, { width }), ...reasons].join("\n");
}

/** One row of a table in Markdown. */
export function probeRow(verdict: ProbeVerdict): string {
  return markdownLine([...cellsOf(verdict), reasonsOf(verdict).join("; ")]);
}

export const PROBE_TABLE_HEAD: string = [
  markdownLine([...HEADS, "why"]),
  markdownLine([...HEADS.map((_, at) => (at === 0 || at === 8 ? "---" : "---:")), "---"]),
].join("");

function markdownLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |\n`;
}

function cellsOf(verdict: ProbeVerdict): readonly string[] {
  const { name, packages, fault, importUs, memoryBytes, threads, files } = verdict;
  const shown = packages.length > 0 && !/[<>=]/.test(name) ? (packages[0] ?? name) : name;
  if (fault !== "") return [name, ...HEADS.slice(2).map(() => ""), "not installed"];
  if (verdict.obstacle !== "") {
    return [shown, String(packages.length), ...HEADS.slice(3).map(() => ""), "no"];
  }
  return [
    shown,
    String(packages.length),
    (importUs / US_PER_MS).toFixed(0),
    memoryBytes < 0 ? "" : (memoryBytes / BYTES_PER_MIB).toFixed(1),
    ...[threads, files, verdict.generators, verdict.hooks].map(String),
    verdict.broken.length === 0 ? "yes" : "differs",
  ];
}

/** Why it is not forked, what its children do differently, what cannot be imported anywhere. */
export function reasonsOf(verdict: ProbeVerdict): readonly string[] {
  const { fault, obstacle, broken, notes } = verdict;
  return [fault, obstacle, ...broken, ...notes].filter((each) => each !== "");
}

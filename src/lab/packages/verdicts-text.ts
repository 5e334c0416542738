import { textTable } from "../../results/text-table.js";
import type { SetVerdict, WayVerdict } from "./check-packages.js";
import { WAYS } from "./kinds-of-start.js";

const HEADS = ["set", "packages", ...WAYS] as const;

/** The verdicts as a table for a terminal, and below it the reason for each mark in it. */
export function renderVerdicts(verdicts: readonly SetVerdict[], width?: number): string {
  const rows = [HEADS, ...verdicts.map(rowOf)];
  const reasons = verdicts.flatMap((verdict) =>
    causesOf(verdict).map((reason) => `${verdict.name}: ${reason}\n`),
  );
  return [textTable(rows, { width }), ...reasons, summaryOf(verdicts)].join("\n");
}

/** The same as a table in Markdown, with the reasons in the last column. */
export function markdownOf(verdicts: readonly SetVerdict[]): string {
  const rows = [
    [...HEADS, "what plain Python answers; reasons"],
    [...HEADS.map((_, at) => (at === 1 ? "---:" : "---")), "---"],
    ...verdicts.map((verdict) => [
      ...rowOf(verdict),
      [`\`${shorten(verdict.plain)}\``, ...causesOf(verdict)].join("; "),
    ]),
  ];
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |\n`;
  return `${rows.map(line).join("")}\n${summaryOf(verdicts)}`;
}

const PLAIN_CHARACTERS = 80;

function shorten(text: string): string {
  const plain = text.replaceAll("`", "'");
  return plain.length <= PLAIN_CHARACTERS ? plain : `${plain.slice(0, PLAIN_CHARACTERS)}…`;
}

function rowOf({ name, packages, ways, isSame }: SetVerdict): readonly string[] {
  if (ways.size === 0) {
    return [name, String(packages.length), ...WAYS.map(() => (isSame ? "refused" : "REFUSED"))];
  }
  return [name, String(packages.length), ...WAYS.map((way) => cellOf(ways.get(way)!))];
}

function cellOf({ isSame, otherStart }: WayVerdict): string {
  if (!isSame) return "DIFFERS";
  return otherStart === "" ? "same" : `same (${otherStart.split(":", 1)[0]})`;
}

/** Each reason once, with the ways that it concerns. */
export function causesOf({ ways, refusal, isSame }: SetVerdict): readonly string[] {
  if (refusal !== "")
    return [isSame ? `plain Python cannot install it either: ${refusal}` : refusal];
  const waysOf = new Map<string, string[]>();
  for (const [way, { difference, otherStart }] of ways) {
    const started = otherStart === "" ? "" : `started ${otherStart}`;
    for (const reason of [difference, started].filter((each) => each !== "")) {
      waysOf.set(reason, [...(waysOf.get(reason) ?? []), way]);
    }
  }
  return [...waysOf].map(([reason, of]) => `${of.join(", ")}: ${reason}`);
}

function summaryOf(verdicts: readonly SetVerdict[]): string {
  const same = verdicts.filter(({ isSame }) => isSame).length;
  const perWay = WAYS.map((way) => {
    const agree = verdicts.filter(({ ways, isSame }) => ways.get(way)?.isSame ?? isSame);
    return `${way} ${agree.length}`;
  });
  return `${same} of ${verdicts.length} sets answer like plain Python in every way (${perWay.join(", ")})\n`;
}

import type { Round } from "./round.js";

const COLUMNS = [
  "fault",
  "setting",
  "rounds",
  "acts",
  "requests",
  "outcomes by status",
  "cut by a kill",
  "unanswered",
  "doubled",
  "wrong token",
  "left over",
  "problems",
] as const;

/**
 * True if every request had exactly one outcome, the worker did not die, and nothing was left
 * behind.
 */
export function isSound({ tally, left, problems }: Round): boolean {
  const { unanswered, doubled, wrong } = tally;
  return unanswered + doubled + wrong + left.length + problems.length === 0;
}

/** A Markdown table with one row per fault and setting, and below it a list of all failures. */
export function renderTable(rounds: readonly Round[]): string {
  const groups = new Map<string, Round[]>();
  for (const round of rounds) {
    const key = `${round.fault} ${round.setting}`;
    groups.set(key, [...(groups.get(key) ?? []), round]);
  }
  const rows = [...groups.values()].map(rowOf);
  const lines = [[...COLUMNS], COLUMNS.map(() => "---"), ...rows].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
  return `${lines.join("\n")}\n${renderFindings(rounds)}`;
}

function rowOf(rounds: readonly Round[]): string[] {
  const sum = (of: (round: Round) => number) =>
    rounds.reduce((all, round) => all + of(round), 0).toLocaleString("en-US");
  const statuses = new Map<number, number>();
  for (const { tally } of rounds) {
    for (const [status, count] of tally.statuses) {
      statuses.set(status, (statuses.get(status) ?? 0) + count);
    }
  }
  const byStatus = [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count.toLocaleString("en-US")} x ${status}`);
  return [
    rounds[0].fault,
    rounds[0].setting,
    String(rounds.length),
    sum(({ acts }) => acts),
    sum(({ tally }) => tally.requests),
    byStatus.join(", "),
    sum(({ tally }) => tally.cut),
    sum(({ tally }) => tally.unanswered),
    sum(({ tally }) => tally.doubled),
    sum(({ tally }) => tally.wrong),
    sum(({ left }) => left.length),
    sum(({ problems }) => problems.length),
  ];
}

function renderFindings(rounds: readonly Round[]): string {
  const lines = rounds
    .filter((round) => !isSound(round))
    .flatMap(({ fault, setting, tally, left, problems }) =>
      [...problems, ...listOf(left), ...tally.examples].map(
        (text) => `- ${fault}, ${setting}: ${text.replaceAll("\n", " / ")}`,
      ),
    );
  return lines.length === 0 ? "" : `\n${lines.join("\n")}\n`;
}

const MOST_LISTED = 5;

/** The first things that are left over, and the number of the others. */
function listOf(left: readonly string[]): string[] {
  const listed = left.slice(0, MOST_LISTED).map((each) => `left over: ${each}`);
  const more = left.length - listed.length;
  return more === 0 ? listed : [...listed, `left over: ${more} more`];
}

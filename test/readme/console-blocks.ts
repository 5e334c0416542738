/** One command of a page's console blocks, and the output that the page shows for it. */
export interface Command {
  readonly text: string;
  /**
   * Lines of the output; empty if the page shows none. `...` stands for any lines, or for any text
   * within a line.
   */
  readonly output: readonly string[];
}

const BLOCK = /^```(\w+)\n(.*?)^```$/gms;
const PROMPT = "$ ";

/**
 * The part of a page from one heading to the next heading of its level or above, without the first
 * heading.
 */
export function sectionOf(page: string, heading: string): string {
  const level = heading.match(/^#+/)![0].length;
  const from = page.indexOf(`${heading}\n`);
  if (from < 0) throw new Error(`the page has no heading "${heading}"`);
  const rest = page.slice(from + heading.length + 1);
  const end = rest.search(new RegExp(`^#{1,${level}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The text of a section's fenced blocks of one language. */
export function blocksOf(section: string, language: string): readonly string[] {
  const blocks = [...section.matchAll(BLOCK)];
  return blocks.filter((match) => match[1] === language).map((match) => match[2]);
}

/** The commands of a section's `console` blocks, in order. */
export function commandsOf(section: string): readonly Command[] {
  const lines = blocksOf(section, "console").flatMap((block) => block.trimEnd().split("\n"));
  const commands: { text: string; output: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith(PROMPT)) commands.push({ text: line.slice(PROMPT.length), output: [] });
    else if (commands.length === 0) throw new Error(`output before any command: ${line}`);
    else commands.at(-1)!.output.push(line);
  }
  return commands;
}

/** A pattern that matches the printed text of a command if it is the output that the page shows. */
export function patternOf(output: readonly string[]): RegExp {
  const lines = output.map((line) =>
    line === "..." ? "(?:.*\n)*?" : `${line.split("...").map(escaped).join(".*")} *\n`,
  );
  return new RegExp(`^${lines.join("")}$`);
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandsOf } from "../../readme/console-blocks.js";

/** One thing of a page that a reader can run: a command, or a block of code. */
export interface Snippet {
  readonly page: string;
  /** `sh` for a command; else the language of the block. */
  readonly language: string;
  /** A command in one line without its remark, or a block. */
  readonly text: string;
}

/** README and the pages of docs. */
export const PAGES: readonly string[] = [
  "README.md",
  ...readdirSync("docs", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path))
    .toSorted(),
];

const BLOCK = /^```(\w*)\n(.*?)^```$/gms;
/** A remark stands to the right of its command, behind several spaces. */
const REMARK = / {3,}.*$/;

/**
 * The snippets of a page in order. Blocks of `text` are none: they show output and forms of lines.
 * A block without a language is commands, one per line, or, if it begins with a space, `{`, `!` or
 * the path of a file, one block of output.
 */
export function snippetsOf(page: string, text = readFileSync(page, "utf8")): readonly Snippet[] {
  return [...text.matchAll(BLOCK)].flatMap(([block, language, code]) => {
    if (language === "text") return [];
    if (language === "console")
      return commandsOf(block).map((command) => ({ page, language: "sh", text: command.text }));
    if (language !== "" || /^[ {!]|^\S+\n/.test(code)) return [{ page, language, text: code }];
    const lines = code
      .replaceAll(/ *\\\n */g, " ")
      .trimEnd()
      .split("\n");
    return lines.map((line) => ({ page, language: "sh", text: line.replace(REMARK, "") }));
  });
}

import { main } from "../../src/cli/main.js";
import { MADE_BY, type Page } from "./page.js";

/** A line of a list of commands, such as `  socklab trace info <trace>  Report ...`. */
const COMMAND = /^ {2}socklab ((?:[a-z]+ )*[a-z]+)(?= |$)/gm;

/** docs/reference/commands.md: the `--help` text of each command. */
export async function commandsPage(): Promise<Page> {
  const root = await helpOf([]);
  const names = await namesBelow(root);
  const sections = await Promise.all(names.map(async (name) => section(name, await helpOf(name))));
  return {
    path: "reference/commands.md",
    text: `# Commands

The text that \`socklab <command> --help\` prints, for each command. ${MADE_BY}

| exit code | meaning |
| --- | --- |
| 0 | The command did its work. |
| 1 | A check failed: \`replay\` found a divergence, \`validate\` a broken bound, \`check-policy\` a fault, or \`packages check\` an answer that differs; a run of a \`sweep\` failed; or no memory meets the goals of \`size\`. |
| 2 | The command line or a file is wrong. One line says what, where, and the remedy. |
| 3 | This machine lacks something. One line says what is missing and how to get it. |
| 70 | An invariant of socklab is broken. Please report the message. |
| 130 | Ctrl-C interrupted a \`sweep\`. The results that are done are kept. |

A worker that is stopped by SIGTERM or SIGINT exits with 0. After such a signal, every other command first releases what it has made and removes unfinished files, and then ends by that signal: a shell reports 128 plus the number of the signal.

Sizes and durations are written with units (\`512MiB\`, \`10m\`) or as \`unlimited\`. Progress and messages go to standard error. With \`--json\`, standard output contains the JSON object and nothing else.

${section([], root)}
${sections.join("\n")}`,
  };
}

/** The commands that a help text lists, each followed by its subcommands. */
async function namesBelow(help: string): Promise<readonly (readonly string[])[]> {
  const names = [...help.matchAll(COMMAND)].map((match) => match[1].split(" "));
  const nested = await Promise.all(
    names.map(async (name) => {
      const own = await helpOf(name);
      return [name, ...(own.includes("\nCommands:\n") ? await namesBelow(own) : [])];
    }),
  );
  return nested.flat();
}

function section(name: readonly string[], help: string): string {
  return `## ${["socklab", ...name].join(" ")}\n\n\`\`\`text\n${help.trim()}\n\`\`\`\n`;
}

async function helpOf(name: readonly string[]): Promise<string> {
  let printed = "";
  const output = { write: (text: string) => (printed += text) };
  const exitCode = await main([...name, "--help"], { out: output, err: output });
  if (exitCode !== 0) throw new Error(`--help of ${name.join(" ")}: ${printed}`);
  return printed;
}

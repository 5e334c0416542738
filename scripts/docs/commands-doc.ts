import { main } from "../../src/cli/main.js";
import { MADE_BY, type Page } from "./page.js";

/** A line of a list of commands: `  socklab trace info <trace>  Tell ...`. */
const COMMAND = /^ {2}socklab ((?:[a-z]+ )*[a-z]+)(?= |$)/gm;

/** docs/reference/commands.md: what `--help` says of each command. */
export async function commandsPage(): Promise<Page> {
  const root = await helpOf([]);
  const names = await namesBelow(root);
  const sections = await Promise.all(names.map(async (name) => section(name, await helpOf(name))));
  return {
    path: "reference/commands.md",
    text: `# Commands

What \`socklab <command> --help\` prints, for each command. ${MADE_BY}

| exit code | meaning |
| --- | --- |
| 0 | The command did what it was asked to do. |
| 1 | A check failed: \`replay\` found a divergence, \`validate\` a broken bound, or a run of a \`sweep\` failed. |
| 2 | The command line or a file is wrong. One line says what, where, and the remedy. |
| 3 | This machine lacks something. One line says what is missing and how to get it. |
| 70 | An invariant of socklab is broken. Please report the message. |
| 130 | Ctrl-C interrupted a \`sweep\`; the runs that are done are kept. |

A worker that SIGTERM or SIGINT stops exits with 0. Another command that a signal ends first gives back what it has, leaves no half-written file, and then ends by that signal: a shell reports 128 plus the signal's number.

Sizes and durations are written with units (\`512MiB\`, \`10m\`) or as \`unlimited\`. Progress and messages go to standard error. With \`--json\`, standard output holds the JSON object and nothing else.

${section([], root)}
${sections.join("\n")}`,
  };
}

/** The commands that a help lists, each followed by its own subcommands. */
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

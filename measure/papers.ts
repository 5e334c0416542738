/**
 * Makes every table and figure of docs/guide/reproducing.md again: runs the commands of that page,
 * in its order, and prints each command with what the page shows of it.
 *
 *     npx tsx measure/papers.ts FOLDER [WORD]
 *
 * FOLDER contains the traces by the names that the page uses, and gets the results. With WORD, only
 * commands that contain it are run.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readResults } from "../src/library.js";
import { groupConfigurations, summarise } from "../src/results/configurations.js";
import { METRICS } from "../src/results/metrics.js";
import { formatInterval } from "../src/results/study-text.js";

const ROOT = resolve(import.meta.dirname, "..");
const PAGE = join(ROOT, "docs/guide/reproducing.md");
const SHOWN = ["handlerHitRatio", "coldShare", "startupMeanUs", "startupP99Us", "lostRatio"].map(
  (name) => METRICS.find((metric) => metric.name === name)!,
);

const [folder, word = ""] = process.argv.slice(2);
if (folder === undefined) throw new Error("usage: papers.ts FOLDER [WORD]");

const commands = readFileSync(PAGE, "utf8").match(/^npx (?:socklab|tsx) .*$/gm)!;
for (const command of commands.filter((each) => each.includes(word))) {
  console.log(`\n${command}\n`);
  const [, program, ...args] = command.split(" ");
  const out = program === "socklab" ? perform("bin/socklab.js", args) : performProgram(args);
  if (args[0] === "sweep")
    console.log(await tableOf(join(folder, args[args.indexOf("--out") + 1])));
  else console.log(out);
}

/** Performs a program of this folder; its first argument is the path. */
function performProgram([path, ...args]: readonly string[]): string {
  return perform("node_modules/tsx/dist/cli.mjs", [join(ROOT, path), ...args]);
}

/** Performs a script of the repository in the folder. Returns what it printed. */
function perform(script: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, script), ...args], {
    cwd: folder,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr}`);
  return stdout;
}

/** The means of a sweep's results as a table in Markdown. */
async function tableOf(results: string): Promise<string> {
  const configurations = groupConfigurations(await readResults(results));
  const heads = ["policy", "memory", ...SHOWN.map(({ title }) => title)];
  const rows = configurations.map((each) => [
    withoutDefaults(each.label),
    `${each.memoryBytes! / 1024 ** 3} GiB`,
    ...SHOWN.map((metric) => formatInterval(summarise(each, metric), metric, "t")),
  ]);
  const line = ["---", "---", ...SHOWN.map(() => "---:")];
  return [heads, line, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/**
 * A label without the parameters of policies that it names: where policies vary, their parameters
 * are the usual ones.
 */
function withoutDefaults(label: string): string {
  const named = [...label.matchAll(/ (\w+)=/g)].map(([, family]) => family);
  return named.reduce(
    (text, family) => text.replaceAll(new RegExp(` ${family}\\.\\S+`, "g"), ""),
    label,
  );
}

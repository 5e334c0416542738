import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { parseBytes } from "../basics/units.js";
import { finiteOrNull } from "../lab/run/finite-or-null.js";
import { OutputFile } from "../lab/run/output-file.js";
import { type ReadResult, type ReadResults, readResults } from "../lab/run/read-results.js";
import { readFidelity } from "../lab/validate/read-fidelity.js";
import { makeBenchReport } from "../report/bench/bench-report.js";
import { compareRuns, compareTwo } from "../report/dataset.js";
import { makeFidelityReport } from "../report/fidelity-report.js";
import { renderPage } from "../report/page.js";
import { makeReport, type Report } from "../report/report.js";
import { reportJson } from "../report/report-data.js";
import type { CommandBody } from "./command.js";
import { FIGURE_OPTIONS, readFigureOptions } from "./figures/figure-options.js";
import { writeFigures } from "./figures/write-figures.js";
import type { CliIo } from "./io.js";
import { type Given, ifGiven, readText } from "./options/read-option.js";
import { readShare } from "./options/read-share.js";

const output = { type: "string", requiresArg: true, group: "Output:" } as const;
/** A larger page is slow on a phone. */
const MAX_PAGE_BYTES = 2_000_000;

export const REPORT_OPTIONS = {
  out: { ...output, alias: "o", demandOption: true, describe: "Write the page (path, .html)" },
  data: {
    ...output,
    describe: "Write the results as tables too, as export does; made if it does not exist (folder)",
  },
  json: { ...output, describe: "Write the same tables as JSON (path)" },
  memory: {
    type: "string",
    requiresArg: true,
    describe:
      "Memory size to show in detail (size with unit; default: the middle one of the results)",
  },
  "max-lost": {
    type: "string",
    requiresArg: true,
    default: "1%",
    describe:
      "Compare only configurations that lost at most this share of their invocations (share: 0.01 or 1%)",
  },
  diff: {
    type: "boolean",
    default: false,
    describe: "Compare two results (two paths), even if their settings differ",
  },
  ...FIGURE_OPTIONS,
} as const satisfies Record<string, Options>;

type ReportArguments = InferredOptionTypes<typeof REPORT_OPTIONS> & {
  readonly results: readonly string[];
};

/** `socklab report`. */
export function reportCommand(io: CliIo): CommandBody<ReportArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("results", {
          type: "string",
          array: true,
          demandOption: true,
          describe:
            "Result files, or folders of result files, and files that bound wrote; or one file that validate wrote",
        })
        .options(REPORT_OPTIONS)
        .example("$0 report run.json -o run.html", "draw one run")
        .example(
          "$0 report results -o compare.html --data compare",
          "compare the results of a sweep, and write their tables",
        )
        .example(
          "$0 report fidelity.json -o fidelity.html",
          "draw the comparison that validate wrote",
        )
        .example(
          "$0 report results -o compare.html --figures figures --font serif",
          "write each drawing as SVG for a paper, and as a Vega-Lite specification",
        )
        .example("$0 report --diff a.json b.json -o diff.html", "show how two runs differ"),
    handler: (args) => report(args, io),
  };
}

async function report(args: ReportArguments, io: CliIo): Promise<void> {
  const order = readFigureOptions(args);
  const files = openFiles(args);
  try {
    const fidelity = await readFidelity(args.results);
    const results = fidelity === undefined ? await readResults(args.results) : undefined;
    const made = results === undefined ? makeFidelityReport(fidelity!) : makeAny(results, args);
    const page = renderPage(made);
    files.page.write(page);
    files.json?.write(reportJson(made));
    if (order !== undefined) {
      const count = await writeFigures(made, order);
      io.err.write(`socklab: ${count} figures: ${order.folder}\n`);
    }
    if (args.data !== undefined) await writeData(results?.sources ?? [], args.data);
    for (const file of Object.values(files)) file?.complete();
    const [loss, ...more] = made.losses;
    if (loss !== undefined) io.err.write(`socklab: warning: lost invocations: ${loss}\n`);
    for (const line of more) io.err.write(`  ${line}\n`);
    for (const warning of made.warnings) io.err.write(`socklab: warning: ${warning}\n`);
    const bytes = Buffer.byteLength(page);
    if (bytes > MAX_PAGE_BYTES) {
      io.err.write(`socklab: warning: the page has ${bytes} bytes: give fewer results\n`);
    }
  } finally {
    for (const file of Object.values(files)) file?.discard();
  }
}

async function writeData(sources: readonly ReadResult[], given: Given): Promise<void> {
  const folder = readText(given, "--data");
  if (sources.length === 0) {
    throw new InputError("--data: only results of runs have tables, expected results of runs");
  }
  const { writeTables } = await import("../lab/export/write-tables.js");
  await writeTables(sources, folder, "both", "--data");
}

/**
 * Makes a report that compares runs, or one that shows benches. Errors: InputError if both kinds
 * are given.
 */
function makeAny({ sources, benches, bounds, notes }: ReadResults, args: ReportArguments): Report {
  if (benches.length > 0 && sources.length === 0) return makeBenchReport(benches);
  if (benches.length > 0) {
    throw new InputError("results of runs and of benches are mixed: draw one page per kind");
  }
  const maxLost = readShare(args["max-lost"], "--max-lost");
  const memoryBytes = ifGiven(args.memory, (given) =>
    finiteOrNull(parseBytes(readText(given, "--memory"), "--memory")),
  );
  const dataset = args.diff
    ? compareTwo(sources, maxLost)
    : compareRuns(sources, { memoryBytes, maxLost, bounds });
  return makeReport(dataset, notes);
}

function openFiles({ out, json }: ReportArguments) {
  const open = (given: string, option: string) => new OutputFile(readText(given, option), option);
  return {
    page: open(out, "--out"),
    json: ifGiven(json, () => open(json!, "--json")),
  };
}

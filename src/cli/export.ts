import type { InferredOptionTypes, Options } from "yargs";
import { InputError } from "../basics/errors.js";
import { writeChromeTrace } from "../lab/export/write-chrome-trace.js";
import { TABLE_FORMATS, writeTables } from "../lab/export/write-tables.js";
import { OutputFile } from "../lab/run/output-file.js";
import { readResults } from "../lab/run/read-results.js";
import { formatCount } from "../results/text-table.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { type Given, readChoice, readText } from "./options/read-option.js";

const text = { type: "string", requiresArg: true } as const;

export const EXPORT_OPTIONS = {
  out: {
    ...text,
    alias: "o",
    demandOption: true,
    describe: "Folder of the tables, which is made if it does not exist; or file of a trace (path)",
  },
  "chrome-trace": {
    ...text,
    describe:
      "Journal to write as a trace for Perfetto and chrome://tracing, instead of tables (path); --out then names the file",
  },
  format: {
    ...text,
    default: "both",
    describe: `Format of the tables (${TABLE_FORMATS.join(", ")})`,
  },
} as const satisfies Record<string, Options>;

type ExportArguments = InferredOptionTypes<typeof EXPORT_OPTIONS> & {
  readonly results?: readonly string[] | undefined;
};

/** `socklab export`. */
export function exportCommand(io: CliIo): CommandBody<ExportArguments> {
  return {
    builder: (yargs) =>
      yargs
        .positional("results", {
          type: "string",
          array: true,
          describe: "Result files of runs, or folders of them",
        })
        .options(EXPORT_OPTIONS)
        .example("$0 export results --out data", "tables of a sweep, for pandas, R or DuckDB")
        .example(
          "$0 export --chrome-trace run.journal --out run.trace.json",
          "a run to look at, in Perfetto or chrome://tracing",
        ),
    handler: (args) => {
      const { "chrome-trace": journal } = args;
      return journal === undefined ? exportTables(args, io) : exportTrace(journal, args, io);
    },
  };
}

async function exportTables(args: ExportArguments, io: CliIo): Promise<void> {
  const format = readChoice(args.format, "--format", TABLE_FORMATS);
  const folder = readText(args.out, "--out");
  const { results = [] } = args;
  if (results.length === 0) {
    throw new InputError(
      "export: no results are given, expected export <results..>, or --chrome-trace",
    );
  }
  const { sources, notes } = await readResults(results);
  if (sources.length === 0) {
    throw new InputError("these are results of benches, expected results of runs");
  }
  for (const note of notes) io.err.write(`socklab: warning: ${note}\n`);
  const tables = await writeTables(sources, folder, format, "--out");
  io.out.write(`${sources.length} runs in ${tables.length} tables: ${folder}\n`);
}

async function exportTrace(given: Given, args: ExportArguments, io: CliIo): Promise<void> {
  const journal = readText(given, "--chrome-trace");
  const path = readText(args.out, "--out");
  if (args.results !== undefined && args.results.length > 0) {
    throw new InputError("--chrome-trace: results are given too, expected only the journal");
  }
  const file = new OutputFile(path, "--out");
  try {
    const events = await writeChromeTrace(journal, (piece) => file.write(piece));
    file.complete();
    io.out.write(`${formatCount(events)} events of ${journal}: ${path}\n`);
  } finally {
    file.discard();
  }
}

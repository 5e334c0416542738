import { open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeToPath } from "fast-csv";
import { csvField } from "../../basics/csv-field.js";
import { InputError } from "../../basics/errors.js";
import { makeFolder } from "../../basics/make-folder.js";
import { forEachBatch } from "../arrivals/for-each-batch.js";
import { FUNCTIONS_FILE, INVOCATIONS_FILE } from "../formats/socklab-csv.js";
import type { ArrivalOptions, Trace, TraceFunction } from "../trace.js";

const WRITE_CHARACTERS = 1 << 20;

/** Counts of what was written. */
export interface ConvertedTrace {
  readonly folder: string;
  readonly functions: number;
  readonly invocations: number;
}

/**
 * Writes a trace, cut as it was opened, as socklab's own pair of tables in a new folder, with the
 * placement and run times of `options`. The folder appears when it is complete.
 *
 * Errors: InputError if the folder exists or the trace cannot be read.
 */
export async function convertTrace(
  trace: Trace,
  folder: string,
  options: ArrivalOptions,
): Promise<ConvertedTrace> {
  const taken = await stat(folder).then(
    () => true,
    () => false,
  );
  if (taken) throw new InputError(`${folder}: exists already, name a folder that does not`);
  const unfinished = `${folder}.${process.pid}.tmp`;
  makeFolder(dirname(folder), "trace");
  try {
    makeFolder(unfinished, "trace");
    await writeFunctions(join(unfinished, FUNCTIONS_FILE), trace.functions);
    const invocations = await writeInvocations(join(unfinished, INVOCATIONS_FILE), trace, options);
    await rename(unfinished, folder);
    return { folder, functions: trace.functions.length, invocations };
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

function writeFunctions(path: string, functions: readonly TraceFunction[]): Promise<void> {
  const withRequirements = functions.some(({ requirements }) => requirements !== undefined);
  const withOwners = functions.some(({ owner }) => owner !== undefined);
  const rows = functions.map(
    ({ name, app, owner, trigger, memoryBytes, runTimes, requirements }) => ({
      function: name,
      app,
      ...(withOwners && { owner: owner ?? "" }),
      trigger,
      memoryBytes: memoryBytes ?? "",
      meanRunUs: runTimes?.meanUs ?? "",
      ...(withRequirements && { requirements: (requirements ?? []).join(" ") }),
    }),
  );
  return new Promise((resolve, reject) => {
    writeToPath(path, rows, { headers: true, includeEndRowDelimiter: true })
      .on("error", reject)
      .on("finish", resolve);
  });
}

async function writeInvocations(
  path: string,
  trace: Trace,
  options: ArrivalOptions,
): Promise<number> {
  const names = trace.functions.map(({ name }) => csvField(name));
  const file = await open(path, "wx");
  let text = "timeUs,function,durationUs\n";
  let invocations = 0;
  try {
    await forEachBatch(trace.arrivals(options), async (batch) => {
      for (let at = 0; at < batch.count; at++) {
        text += `${batch.atUs[at]},${names[batch.functionId[at]]},${batch.runUs[at]}\n`;
        if (text.length < WRITE_CHARACTERS) continue;
        await file.appendFile(text);
        text = "";
      }
      invocations += batch.count;
    });
    // unlike write, it does not stop at what the disk has room for
    await file.appendFile(text);
  } finally {
    await file.close();
  }
  return invocations;
}

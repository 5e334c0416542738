import { join } from "node:path";
import { BYTES_PER_GIB } from "../basics/units.js";
import { OutputFile } from "../lab/run/output-file.js";
import { performRun } from "../lab/run/perform-run.js";
import { PROJECT_ROOT } from "../lab/run/provenance.js";
import { type RunSettings, USUAL_RUN } from "../lab/run/run-settings.js";
import { renderComparison } from "../results/comparison-text.js";
import type { Result } from "../results/result.js";
import type { CommandBody } from "./command.js";
import type { CliIo } from "./io.js";
import { startProgress } from "./progress/run-progress.js";

/** From the usual practice of providers to all three caches, and no cache at all as a bound. */
const PRESETS = ["openwhisk", "faascache", "openlambda", "sock", "forklift", "no-cache"];
const RESULT_FILE = "demo-result.json";

const SETTINGS: Omit<RunSettings, "policy"> = {
  ...USUAL_RUN,
  trace: join(PROJECT_ROOT, "traces", "demo"),
  memoryBytes: 4 * BYTES_PER_GIB,
};

/**
 * `socklab demo`, which `npm run demo` calls: runs one trace with each preset, and writes one table
 * and one result file.
 */
export function demoCommand(io: CliIo): CommandBody<object> {
  return {
    builder: (yargs) => yargs,
    handler: () => demo(io),
  };
}

async function demo(io: CliIo): Promise<void> {
  const file = new OutputFile(RESULT_FILE, "demo");
  try {
    const results: Result[] = [];
    for (const policy of PRESETS) {
      io.err.write(`${policy} ...\n`);
      const settings = { ...SETTINGS, policy };
      const startRun = (spanUs: number) => startProgress(io.err, spanUs);
      results.push(await performRun(settings, { startProgress: startRun }));
    }
    file.write(`${JSON.stringify(results)}\n`);
    file.complete();
    io.out.write(`${renderComparison(results)}\nall figures: ${RESULT_FILE}\n`);
  } finally {
    file.discard();
  }
}

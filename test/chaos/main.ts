import { InputError } from "../../src/basics/errors.js";
import { RandomStreams } from "../../src/basics/random.js";
import { readOptions } from "./options.js";
import type { Round } from "./round.js";
import { RUNS } from "./runs.js";
import { scheduleOf } from "./schedule.js";
import { Stage } from "./stage.js";
import { isSound, renderTable } from "./table.js";

/**
 * `npm run chaos -- --minutes N`: runs a real worker under faults. docs/design/chaos.md says how to
 * read its table.
 */

const UNSOUND = 1;
const BAD_INPUT = 2;
const MACHINE_CANNOT = 3;

async function main(): Promise<number> {
  const { minutes, seed, faults } = readOptions(process.argv.slice(2), [...RUNS.keys()]);
  if (process.getuid?.() !== 0) {
    process.stderr.write("chaos: containers need root: run this command with sudo\n");
    return MACHINE_CANNOT;
  }
  const random = new RandomStreams(seed);
  const schedule = scheduleOf(faults, minutes, random);
  const stage = await Stage.make();
  const rounds: Round[] = [];
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  try {
    for (const [at, { fault, setting, loadMs }] of schedule.entries()) {
      if (stopping.signal.aborted) break;
      process.stderr.write(`${at + 1}/${schedule.length} ${fault}, ${setting.name}: `);
      const plan = {
        stage,
        setting,
        loadMs,
        random: random.get(`${fault}/${at}`),
        stop: stopping.signal,
      };
      const round = await RUNS.get(fault)!(plan);
      rounds.push(round);
      const verdict = isSound(round) ? "sound" : "UNSOUND";
      process.stderr.write(`${round.tally.requests} requests, ${round.acts} acts, ${verdict}\n`);
    }
  } finally {
    stage.close();
  }
  process.stdout.write(renderTable(rounds));
  return rounds.every(isSound) ? 0 : UNSOUND;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  process.stderr.write(`chaos: ${error.message}\n`);
  process.exitCode = BAD_INPUT;
}

import { cpus, release } from "node:os";
import { renderBench } from "./bench-row.js";
import { benchEngine } from "./engine.js";
import { benchReaders } from "./readers.js";

/**
 * `npm run bench [ROUNDS]`: measures the speed of the engine and the trace readers, and prints one
 * table.
 */
const rounds = Number(process.argv[2] ?? 5);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`bench: "${process.argv[2]}" is not a number of rounds, expected 1 or more`);
  process.exit(2);
}
console.log(
  `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, Linux ${release()}, Node ${process.version}`,
);
console.log(renderBench([...(await benchEngine(rounds)), ...(await benchReaders(rounds))]));

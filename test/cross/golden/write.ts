/** Writes the golden table again: npx tsx test/cross/golden/write.ts */
import { writeFileSync } from "node:fs";
import { installLibcachesim } from "../libcachesim/libcachesim.js";
import { GOLDEN, replayOf } from "../pairs.js";
import { GOLDEN_FILE, goldenText } from "./table.js";

const installed = installLibcachesim();
if (typeof installed === "string") throw new Error(`no golden table: ${installed}`);
try {
  const rows = GOLDEN.flatMap(({ algorithm, workloads }) =>
    workloads.map((workload) => ({ algorithm, workload })),
  );
  const hits = installed.replay(
    rows.map(({ algorithm, workload }) => replayOf(algorithm, workload)),
  );
  const table = rows.map((row, at) => ({ ...row, hits: hits[at] }));
  writeFileSync(GOLDEN_FILE, goldenText(table));
} finally {
  installed.remove();
}

/** Writes the golden table again: npx tsx test/cross/golden/write.ts */
import { writeFileSync } from "node:fs";
import { installLibcachesim } from "../libcachesim/libcachesim.js";
import { GOLDEN } from "../pairs.js";
import { workloadOf } from "../workloads.js";
import { GOLDEN_FILE, goldenText } from "./table.js";

const installed = installLibcachesim();
if (typeof installed === "string") throw new Error(`no golden table: ${installed}`);
try {
  const rows = GOLDEN.flatMap(({ algorithm, workloads }) =>
    workloads.map((name) => ({ algorithm, workload: workloadOf(name) })),
  );
  const hits = installed.replay(
    rows.map(({ algorithm, workload }) => ({ ...workload, algorithm })),
  );
  const table = rows.map(({ algorithm, workload }, at) => {
    return { algorithm, workload: workload.name, hits: hits[at] };
  });
  writeFileSync(GOLDEN_FILE, goldenText(table));
} finally {
  installed.remove();
}

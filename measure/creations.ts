/**
 * How many creations at once still help: `npx tsx measure/creations.ts [--seconds 4] [--rounds 5]
 * [--at-once 1,2,3,4,6,8,16,32]`.
 *
 * As many containers as `--at-once` says are always being created on the real backend; a container
 * that is ready is destroyed, and the next one begun until the time is over. They start cold, or are forked from a Zygote
 * without packages; their handler imports modules of Python's own library. All cases take turns in
 * each round. A table shows creations per second (median of the rounds, least and most), and the
 * median time of one creation.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "d3-array";
import yargs from "yargs";
import { NONE } from "../src/basics/none.js";
import { PackageSet } from "../src/contract/package-set.js";
import { findPython } from "../src/real/host/python.js";
import type { PackageStore } from "../src/real/packages/package-store.js";
import { RealBackend } from "../src/real/real-backend.js";
import { newInstanceId } from "../src/real/state/instance.js";
import { BackendDriver } from "../src/run/backend-driver.js";

const { seconds, rounds, atOnce, python } = await yargs(process.argv.slice(2))
  .options({
    seconds: { type: "number", default: 4, describe: "length of a case in a round" },
    rounds: { type: "number", default: 5 },
    "at-once": { type: "string", default: "1,2,3,4,6,8,16,32" },
    python: { type: "string", default: "python3" },
  })
  .strict()
  .parse();

const ROOT = 0;
const NOTHING = new Int32Array(0);
const HANDLER = "import asyncio, decimal, http.client, json\ndef f(event): return event\n";

const folder = mkdtempSync(join(tmpdir(), "socklab-creations-"));
const code = join(folder, "f0");
mkdirSync(code);
writeFileSync(join(code, "f.py"), HANDLER);
const packagesFolder = join(folder, "packages");
mkdirSync(packagesFolder);
const store: PackageStore = {
  install: async () => ({ us: 0, diskBytes: 0 }),
  uninstall: async () => {},
  pathsOf: () => ({ paths: [], modules: [] }),
  close: async () => {},
};
const problems: string[] = [];
const none = PackageSet.EMPTY;
const backend = new RealBackend({
  instance: newInstanceId(),
  folder,
  python: findPython(python),
  packagesFolder,
  store,
  functions: [{ name: "f", app: 0, memoryBytes: 1, requirements: none, closure: none, weight: 1 }],
  codeOf: () => code,
  onProblem: (text) => problems.push(text),
});
const driver = new BackendDriver(backend, { purpose: "measure/creations", problems });

interface Case {
  readonly parent: number;
  readonly count: number;
  readonly perSecond: number[];
  readonly ms: number[];
}

/** Keeps `count` creations in progress until the time is over. */
async function measure({ parent, count, perSecond, ms }: Case): Promise<void> {
  const begunUs: number[] = [];
  const begin = (id: number) => {
    begunUs[id] = backend.nowUs;
    backend.createContainer(id, 0, parent, NOTHING);
  };
  const startUs = backend.nowUs;
  const endUs = startUs + seconds * 1_000_000;
  for (let id = 0; id < count; id++) begin(id);
  let created = 0;
  let left = count;
  let lastUs = startUs;
  while (left > 0) {
    const { operation, id, atUs } = await driver.next();
    if (operation === "create-container") {
      created++;
      lastUs = atUs;
      ms.push((atUs - begunUs[id]) / 1000);
      backend.destroyContainer(id);
    } else if (backend.nowUs < endUs) begin(id);
    else left--;
  }
  perSecond.push((created * 1_000_000) / (lastUs - startUs));
}

const counts = atOnce.split(",").map(Number);
const cases = [NONE, ROOT].flatMap((parent) =>
  counts.map((count): Case => ({ parent, count, perSecond: [], ms: [] })),
);
try {
  await driver.perform(() => backend.createZygote(ROOT, NONE, NOTHING));
  for (let round = 0; round < rounds; round++) for (const each of cases) await measure(each);
  console.log(
    `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}; ${rounds} rounds of ${seconds} s`,
  );
  console.log(
    "| from | at once | per second | least to most | median ms |\n|---|---:|---:|---|---:|",
  );
  for (const { parent, count, perSecond, ms } of cases) {
    const range = `${Math.min(...perSecond).toFixed(1)} to ${Math.max(...perSecond).toFixed(1)}`;
    console.log(
      `| ${parent === NONE ? "cold" : "Zygote"} | ${count} | ${median(perSecond)!.toFixed(1)} | ${range} | ${median(ms)!.toFixed(1)} |`,
    );
  }
} finally {
  await driver.perform(() => backend.destroyZygote(ROOT));
  await backend.close();
  rmSync(folder, { recursive: true, force: true });
}

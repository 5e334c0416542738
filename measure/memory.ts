/**
 * Memory of containers and Zygotes, by cgroup, USS and PSS: `npx tsx measure/memory.ts --packages
 * DIR [--samples 20]`. DIR is a folder that `pip install --target` filled with numpy and pandas.
 *
 * Measures one Zygote each with no package (base), numpy and pandas, and containers forked from
 * each, which answer one request and stay. Then measures how much two readings of one idle
 * container's cgroup differ.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { median } from "d3-array";
import yargs from "yargs";
import { NONE } from "../src/basics/none.js";
import { PackageSet } from "../src/contract/package-set.js";
import { readProcessMemory } from "../src/real/host/process-memory.js";
import { findPython } from "../src/real/host/python.js";
import type { PackageStore } from "../src/real/packages/package-store.js";
import { RealBackend } from "../src/real/real-backend.js";
import { newInstanceId } from "../src/real/state/instance.js";
import { BackendDriver } from "../src/run/backend-driver.js";

const MIB = 1024 ** 2;
const CONTENTS: readonly (readonly [name: string, modules: readonly string[]])[] = [
  ["base", []],
  ["numpy", ["numpy"]],
  ["pandas", ["pandas"]],
];

const { packages, samples, python } = await yargs(process.argv.slice(2))
  .options({
    packages: { type: "string", demandOption: true },
    samples: { type: "number", default: 20 },
    python: { type: "string", default: "python3" },
  })
  .strict()
  .parse();
if (!existsSync(packages)) throw new Error(`${packages}: no such folder`);

const store: PackageStore = {
  install: async () => ({ us: 0, diskBytes: 0 }),
  uninstall: async () => {},
  pathsOf: (ids) => ({ paths: ["/packages"], modules: [...ids].flatMap((id) => CONTENTS[id][1]) }),
  close: async () => {},
};

const folder = mkdtempSync(join(tmpdir(), "socklab-memory-"));
const codeOf = (id: number) => join(folder, `f${id}`);
for (const [id, [, modules]] of CONTENTS.entries()) {
  mkdirSync(codeOf(id));
  const imports = modules.map((each) => `import ${each}\n`).join("");
  writeFileSync(join(codeOf(id), "f.py"), `${imports}def f(event):\n    return event\n`);
}
const problems: string[] = [];
const backend = new RealBackend({
  instance: newInstanceId(),
  folder,
  python: findPython(python),
  packagesFolder: packages,
  store,
  functions: CONTENTS.map(([name], id) => {
    const closure = new PackageSet([id]);
    return { name, app: id, memoryBytes: 1, requirements: closure, closure, weight: 1 };
  }),
  codeOf,
  onProblem: (text) => {
    problems.push(text);
    console.error(text);
  },
});
const driver = new BackendDriver(backend, { purpose: "measure/memory", problems });

/** Performs one operation, and returns the measured bytes of its process. */
async function bytesAfter(begin: () => void): Promise<number> {
  return (await driver.perform(begin)).measuredBytes;
}

type Row = Record<"cgroup" | "uss" | "pss" | "rss", number[]>;
const emptyRow = (): Row => ({ cgroup: [], uss: [], pss: [], rss: [] });

async function note(row: Row, pid: number, cgroupBytes: number): Promise<void> {
  const memory = (await readProcessMemory(pid))!;
  row.cgroup.push(cgroupBytes);
  row.uss.push(memory.ussBytes);
  row.pss.push(memory.pssBytes);
  row.rss.push(memory.rssBytes);
}

function print(name: string, row: Row): void {
  const cells = Object.entries(row).map(([figure, values]) => {
    const [low, middle, high] = [Math.min(...values), median(values)!, Math.max(...values)].map(
      (bytes) => (bytes / MIB).toFixed(2),
    );
    return `${figure} ${middle} (${low} to ${high})`;
  });
  console.log(
    `${name.padEnd(44)} n=${String(row.cgroup.length).padEnd(4)} ${cells.join("  ")} MiB`,
  );
}

const NOTHING = new Int32Array(0);
try {
  for (const [id, [name]] of CONTENTS.entries()) {
    const zygote = emptyRow();
    for (let sample = 0; sample < samples; sample++) {
      const bytes = await bytesAfter(() =>
        backend.createZygote(id, id === 0 ? NONE : 0, id === 0 ? NOTHING : Int32Array.of(id)),
      );
      await note(zygote, backend.zygoteOf(id).pid, bytes);
      if (sample === samples - 1) break;
      await driver.perform(() => backend.destroyZygote(id));
    }
    print(`${name} Zygote, ${id === 0 ? "started cold" : "forked from base"}`, zygote);
    const [made, asked, alone] = [emptyRow(), emptyRow(), emptyRow()];
    for (let sample = 0; sample < samples; sample++) {
      const bytes = await bytesAfter(() => backend.createContainer(sample, id, id, NOTHING));
      await note(made, backend.processOf(sample), bytes);
    }
    for (let sample = 0; sample < samples; sample++) {
      const bytes = await bytesAfter(() => backend.run(sample, sample, 0, false));
      await note(asked, backend.processOf(sample), bytes);
    }
    print(`  ${samples} children of it, ready`, made);
    print("  these children, after one request each", asked);
    const after = emptyRow();
    await note(after, backend.zygoteOf(id).pid, backend.zygoteOf(id).slot.cgroup.usedBytes);
    print("  the Zygote, with these children", after);
    for (let sample = 0; sample < samples; sample++) {
      await driver.perform(() => backend.destroyContainer(sample));
    }
    for (let sample = 0; sample < samples; sample++) {
      const bytes = await bytesAfter(() =>
        backend.createContainer(0, id, NONE, id === 0 ? NOTHING : Int32Array.of(id)),
      );
      await note(alone, backend.processOf(0), bytes);
      await driver.perform(() => backend.destroyContainer(0));
    }
    print(`  ${name} container started cold, ready, alone`, alone);
  }
  await driver.perform(() => backend.createContainer(0, 0, 0, NOTHING));
  const readings: number[] = [];
  for (let sample = 0; sample < 10 * samples; sample++) {
    readings.push(await bytesAfter(() => backend.run(0, sample, 0, false)));
  }
  const steps = readings.slice(1).map((bytes, at) => Math.abs(bytes - readings[at]));
  console.log(
    `one container's cgroup after ${readings.length} requests: ${(Math.min(...readings) / MIB).toFixed(2)} to ${(Math.max(...readings) / MIB).toFixed(2)} MiB; difference of two: median ${median(steps)! / 1024} KiB, at most ${Math.max(...steps) / 1024} KiB`,
  );
} finally {
  await backend.close();
  rmSync(folder, { recursive: true });
}

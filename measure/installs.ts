/**
 * Latency of one install: `npx tsx measure/installs.ts [--samples 20] [--uv PATH]`.
 *
 * Installs one small wheel from a folder and removes it again, with pip (and uv), in an installer's
 * container and as a plain user of the machine. All ways take turns, so other load affects them
 * alike.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { INSTALL_UID } from "../src/real/host/guest-users.js";
import { findPython } from "../src/real/host/python.js";
import { Spawner } from "../src/real/host/spawner.js";
import { writeWheels } from "../src/real/made-up/wheels.js";
import { InstallSandbox } from "../src/real/packages/install-sandbox.js";
import { Installer } from "../src/real/packages/installer.js";
import type { PackageTool } from "../src/real/packages/package-tool.js";
import { newInstanceId, stateLayout } from "../src/real/state/instance.js";

const { samples, uv } = await yargs(process.argv.slice(2))
  .options({ samples: { type: "number", default: 20 }, uv: { type: "string" } })
  .strict()
  .parse();

const PACKAGE = {
  ...{ name: "alpha", version: "1.0", dependencies: [], installUs: 0, downloadBytes: 0 },
  ...{ diskBytes: 100_000, importUs: 0, memoryBytes: 0, popularity: 1 },
};
const KEY = "alpha==1.0";

const folder = mkdtempSync(join(tmpdir(), "socklab-installs-"));
chmodSync(folder, 0o755);
const wheels = join(folder, "wheels");
await writeWheels(wheels, { source: "bench", packages: [PACKAGE] });
const python = findPython("/usr/bin/python3");
const spawner = new Spawner(python.program);

interface Way {
  readonly name: string;
  readonly installer: Installer;
  readonly sandbox: InstallSandbox | undefined;
  readonly us: number[];
}

async function way(tool: PackageTool, isConfined: boolean): Promise<Way> {
  const name = `${tool.kind}, ${isConfined ? "in a container" : "as a user"}`;
  const layout = stateLayout(join(folder, name.replaceAll(/\W+/g, "-")));
  await mkdir(layout.containers, { recursive: true });
  const index = { kind: "folder", path: wheels } as const;
  const sandbox = isConfined
    ? new InstallSandbox({ instance: newInstanceId(), layout, python, tool, index })
    : undefined;
  const installer = await Installer.open({
    ...{ layout, tool, index, uid: INSTALL_UID, run: spawner.run, sandbox },
    concurrency: 1,
    timeoutUs: 60_000_000,
  });
  return { name, installer, sandbox, us: [] };
}

const tools: PackageTool[] = [{ kind: "pip", python: python.program }];
if (uv !== undefined) tools.push({ kind: "uv", python: python.program, uv });
const ways: Way[] = [];
for (const tool of tools) ways.push(await way(tool, false), await way(tool, true));
for (let i = 0; i <= samples; i++) {
  for (const { installer, us } of ways) {
    const report = await installer.install(KEY);
    if (i > 0) us.push(report.us); // the first install has cold caches
    await installer.uninstall(KEY);
  }
}
for (const { name, us, installer, sandbox } of ways) {
  const sorted = us.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] / 1000).toFixed(0);
  console.log(
    `${name.padEnd(22)} n=${us.length}  p10 ${at(0.1)}  p50 ${at(0.5)}  p90 ${at(0.9)} ms`,
  );
  await installer.close();
  await sandbox?.close();
}
await spawner.close();
rmSync(folder, { recursive: true });

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../cli/run-cli.js";

const ROOT = new URL("../../..", import.meta.url).pathname;
const PROGRAM = join(ROOT, "bin", "socklab.js");

function system(...argv: readonly string[]): void {
  const { status, stderr } = spawnSync(argv[0], argv.slice(1), { encoding: "utf8" });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${stderr}`);
}

test.skipIf(process.getuid?.() !== 0)(
  "a disk that fills while invocations are written is one line and exit code 2, and no file stays",
  async () => {
    const folder = await temporaryFolder();
    // an hour of the demo has about 7,000 rows, and so more than 64 KiB in each format
    system("mount", "-t", "tmpfs", "-o", "size=64k", "socklab-test", folder);
    try {
      for (const end of ["csv", "csv.gz", "parquet"]) {
        const path = join(folder, `rows.${end}`);
        const demo = ["run", join(ROOT, "traces", "demo"), "--minutes", "60"];
        const run = spawnSync(process.execPath, [PROGRAM, ...demo, "--invocations", path], {
          encoding: "utf8",
        });
        expect(run.stderr).toMatch(/^socklab: --invocations .* cannot be written \(ENOSPC.*\n$/);
        expect([run.status, run.stdout, readdirSync(folder)]).toEqual([2, "", []]);
      }
    } finally {
      system("umount", folder);
    }
  },
);

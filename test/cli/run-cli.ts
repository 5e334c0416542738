import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { main } from "../../src/cli/main.js";

export interface CliRun {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Says how far long work is: it comes only on a machine so slow that a test takes ten seconds. */
const PROGRESS_LINE = /^socklab: \d+ (?:% of .+|of \d+ runs)\n$/;

/** Performs one command line in this process. Returns its exit code and what it printed. */
export async function runCli(...argv: readonly string[]): Promise<CliRun> {
  let out = "";
  let err = "";
  const exitCode = await main(argv, {
    out: {
      write: (text) => {
        out += text;
      },
    },
    err: {
      write: (text) => {
        if (!PROGRESS_LINE.test(text)) err += text;
      },
    },
  });
  return { exitCode, out, err };
}

/** An empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "socklab-cli-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { removeFolder } from "../host/remove-folder.js";
import { faultOf } from "./install-fault.js";
import type { InstallerSetup } from "./installer-setup.js";
import { FILES_FOLDER } from "./package-metadata.js";
import { HOME_FOLDER, installEnvironment, type ToolJob, toolCommand } from "./package-tool.js";

/** Texts of files that a job reads, by their names in the staging folder. */
export type JobFiles = Readonly<Record<string, string>>;

/** Runs the tool's jobs, each in a new staging folder. */
export class Staging {
  readonly #setup: InstallerSetup;
  readonly #signal: AbortSignal;
  readonly #removals = new Set<Promise<void>>();
  #next = 0;

  /** The signal ends all jobs. */
  constructor(setup: InstallerSetup, signal: AbortSignal) {
    this.#setup = setup;
    this.#signal = signal;
  }

  /**
   * Performs a job, then calls `use` with its folder, which `use` may move away; what is still there
   * afterwards is removed. Errors: InstallError if the tool fails, and those of `use`.
   */
  async perform<T>(
    name: string,
    job: ToolJob,
    files: JobFiles,
    use: (folder: string) => Promise<T>,
  ): Promise<T> {
    const folder = join(this.#setup.layout.staging, `${name}.${this.#next++}`);
    try {
      await this.#makeFolder(folder, files);
      await this.#runTool(job, folder);
      return await use(folder);
    } finally {
      this.remove(folder);
    }
  }

  /** Removes a folder in the background. */
  remove(path: string): void {
    const removal = removeFolder(path)
      .catch(() => {}) // the next start empties staging and trash
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }

  /** Waits for all removals that have begun. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#removals);
  }

  async #makeFolder(folder: string, files: JobFiles): Promise<void> {
    const { uid } = this.#setup;
    await mkdir(folder, { mode: 0o755 });
    for (const name of [FILES_FOLDER, HOME_FOLDER]) {
      await mkdir(join(folder, name), { mode: 0o755 });
      if (uid !== undefined) await chown(join(folder, name), uid, uid);
    }
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, name), text, { mode: 0o644 });
    }
  }

  async #runTool(job: ToolJob, folder: string): Promise<void> {
    const { tool, timeoutUs, sandbox } = this.#setup;
    const end =
      sandbox === undefined
        ? await this.#runOutside(job, folder)
        : await sandbox.run(job, folder, timeoutUs, this.#signal);
    const undone = job.kind === "resolve" ? "not resolved" : "not installed";
    const fault = faultOf({ name: tool.kind, undone, timeoutUs }, end);
    if (fault !== undefined) throw fault;
  }

  #runOutside(job: ToolJob, folder: string) {
    const { tool, index, uid, run, timeoutUs } = this.#setup;
    const home = join(folder, HOME_FOLDER);
    const [program, ...args] = toolCommand(tool, index, job, folder);
    const env = installEnvironment(index, home, process.env);
    return run(program, args, { cwd: home, env, uid, timeoutUs, signal: this.#signal });
  }
}

/** Removes what the tool wrote in addition to the package. */
export async function dropHome(folder: string): Promise<void> {
  await rm(join(folder, HOME_FOLDER), { recursive: true, force: true });
}

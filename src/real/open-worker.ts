import { mkdir, rm, rmdir } from "node:fs/promises";
import { cleanUp, type Remains, releaseState } from "./cleanup.js";
import { findPackageTool } from "./find-python.js";
import { INSTALL_TIMEOUT_US, INSTALL_UID, Installer } from "./installer.js";
import { newInstanceId, readLock, stateLayout, takeState } from "./instance.js";
import { LiveEngine, type LiveSetup } from "./live-engine.js";
import type { PackageIndex } from "./package-tool.js";
import { findPython } from "./python.js";
import { Spawner } from "./spawner.js";

export interface WorkerSetup
  extends Pick<
    LiveSetup,
    "base" | "capacity" | "config" | "makePolicies" | "onProblem" | "options"
  > {
  readonly stateFolder: string;
  /** undefined: the usual ones. */
  readonly python: string | undefined;
  readonly index: PackageIndex;
  readonly installsAtOnce: number;
  /** True: installed packages stay on disk when the worker stops. */
  readonly keepsPackages: boolean;
}

export interface OpenWorker {
  readonly engine: LiveEngine;
  /** Where uploads are unpacked. */
  readonly staging: string;
  /** What an earlier worker that was killed had left, if there was one. */
  readonly remains: Remains | undefined;
  /** Ends what runs and leaves nothing behind. */
  close(): Promise<void>;
}

/**
 * Clears away what a dead worker left in the state folder, takes it, and begins a live engine there.
 * Errors: InputError where the folder is in use; MachineError where the machine lacks something.
 */
export async function openWorker(setup: WorkerSetup): Promise<OpenWorker> {
  const layout = stateLayout(setup.stateFolder);
  const tool = await findPackageTool(setup.python, INSTALL_UID);
  const python = findPython(tool.python);
  const remains = await cleanUp(layout);
  const instance = newInstanceId();
  takeState(layout, instance);
  const owner = readLock(layout)!;
  const spawner = new Spawner(tool.python);
  const release = async () => {
    await spawner.close();
    const dropped = [layout.functions, layout.staging, layout.trash];
    if (!setup.keepsPackages) dropped.push(layout.packages);
    for (const path of dropped) await rm(path, { recursive: true, force: true });
    await releaseState(layout, owner);
    await rmdir(layout.root).catch(() => {}); // packages that are kept, or files that are not ours
  };
  try {
    await rm(layout.functions, { recursive: true, force: true });
    await mkdir(layout.containers, { recursive: true });
    const installer = await Installer.open({
      layout,
      tool,
      index: setup.index,
      uid: INSTALL_UID,
      run: spawner.run,
      concurrency: setup.installsAtOnce,
      timeoutUs: INSTALL_TIMEOUT_US,
    });
    const engine = new LiveEngine({ ...setup, layout, instance, installer, python });
    const close = async () => {
      await engine.close();
      await release();
    };
    return { engine, staging: layout.staging, remains, close };
  } catch (error) {
    await release();
    throw error;
  }
}

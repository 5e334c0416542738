import { mkdir, rmdir } from "node:fs/promises";
import { INSTALL_UID } from "./host/guest-users.js";
import { isMountPoint } from "./host/mount-points.js";
import { findPython, type Python } from "./host/python.js";
import { refuseMountsBelow, removeFolder } from "./host/remove-folder.js";
import { Spawner } from "./host/spawner.js";
import { DEFAULT_RUN_TIMEOUT_MS, installTimeoutUs } from "./host/time-limits.js";
import { cleanUp, clearLeftovers, type Leftovers, releaseState } from "./leftovers.js";
import { findPackageTool } from "./packages/find-python.js";
import { InstallSandbox } from "./packages/install-sandbox.js";
import { Installer } from "./packages/installer.js";
import type { PackageIndex } from "./packages/package-tool.js";
import type { RealOptions } from "./real-setup.js";
import {
  newInstanceId,
  readLock,
  type StateLayout,
  stateLayout,
  takeState,
} from "./state/instance.js";

/** How many installs a run or a worker performs at once on a machine with so many cores. */
export function usualInstallsAtOnce(cores: number): number {
  return Math.max(2, cores);
}

export interface StateSetup {
  readonly stateFolder: string;
  /** undefined: the usual interpreters are tried. */
  readonly python: string | undefined;
  readonly index: PackageIndex;
  readonly installsAtOnce: number;
  /** The time limit of an install follows from that of a run. */
  readonly options?: Pick<Partial<RealOptions>, "runTimeoutMs">;
  /** True if installed packages stay on disk when the folder is released. */
  readonly keepsPackages: boolean;
}

/** A state folder that this process owns, with its install cache. */
export interface OpenState {
  readonly layout: StateLayout;
  readonly instance: string;
  readonly python: Python;
  readonly installer: Installer;
  /** What an earlier owner that was killed left behind, if there was one. */
  readonly leftovers: Leftovers | undefined;
  /**
   * Releases the folder and removes everything of ours in it. Every container must be gone. Errors:
   * MachineError if somebody mounted something into a folder that must be removed; everything else
   * is removed by then, and the folder is free.
   */
  release(): Promise<void>;
  /** Releases the folder by force: kills every process of the instance first. */
  abandon(): Promise<void>;
}

/**
 * Removes what a dead owner left in the state folder, and takes the folder. Errors: InputError if
 * the folder is in use; MachineError if the machine lacks Python or an installer, or if something
 * that is not ours is mounted in what must be removed, now or when the folder is released.
 */
export async function openState(setup: StateSetup): Promise<OpenState> {
  const layout = stateLayout(setup.stateFolder);
  const tool = await findPackageTool(setup.python, INSTALL_UID);
  const python = findPython(tool.python);
  const dropped = [layout.functions, layout.staging, layout.trash];
  if (!setup.keepsPackages) dropped.push(layout.packages);
  for (const path of dropped) refuseMountsBelow(path);
  if (isMountPoint(layout.containers)) refuseMountsBelow(layout.containers);
  const leftovers = await cleanUp(layout);
  const instance = newInstanceId();
  takeState(layout, instance);
  const owner = readLock(layout)!;
  const spawner = new Spawner(tool.python);
  let sandbox: InstallSandbox | undefined;
  const release = async () => {
    await sandbox?.close();
    await spawner.close();
    await removeAndUnlock();
  };
  const abandon = async () => {
    spawner.kill();
    await clearLeftovers(layout, instance);
    await removeAndUnlock();
  };
  const removeAndUnlock = async () => {
    const removals = await Promise.allSettled(dropped.map(removeFolder));
    await releaseState(layout, owner);
    // it may contain packages that are kept, or files that are not ours
    await rmdir(layout.root).catch(() => {});
    const failed = removals.find((each) => each.status === "rejected");
    if (failed !== undefined) throw failed.reason;
  };
  try {
    await removeFolder(layout.functions);
    await mkdir(layout.containers, { recursive: true });
    sandbox = new InstallSandbox({ instance, layout, python, tool, index: setup.index });
    const installer = await Installer.open({
      layout,
      tool,
      index: setup.index,
      uid: INSTALL_UID,
      run: spawner.run,
      sandbox,
      concurrency: setup.installsAtOnce,
      timeoutUs: installTimeoutUs(setup.options?.runTimeoutMs ?? DEFAULT_RUN_TIMEOUT_MS),
    });
    return { layout, instance, python, installer, leftovers, release, abandon };
  } catch (error) {
    await release().catch(() => {}); // if this fails too, the caller still gets the first reason
    throw error;
  }
}

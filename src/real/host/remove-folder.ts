import { rm } from "node:fs/promises";
import { MachineError } from "../../basics/errors.js";
import { mountPointsBelow } from "./mount-points.js";

/**
 * Removes a folder of the state folder with all below it; a folder that is absent is no error.
 * Errors: MachineError where something is mounted at or below it: a removal would go through the mount.
 */
export async function removeFolder(path: string): Promise<void> {
  refuseMountsBelow(path);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Errors: MachineError where something is mounted at or below a folder that is to be removed. */
export function refuseMountsBelow(folder: string): void {
  const outermost = mountPointsBelow(folder).at(-1);
  if (outermost === undefined) return;
  throw new MachineError(
    `${outermost}: a mount that socklab did not make, in a folder that it must remove (${folder}): unmount it, or name another --state folder`,
  );
}

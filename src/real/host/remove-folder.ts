import { rm } from "node:fs/promises";
import { MachineError } from "../../basics/errors.js";
import { mountPointsBelow } from "./mount-points.js";

/**
 * Removes a folder of the state folder with everything below it. An absent folder is no error.
 * Errors: MachineError if something is mounted at or below it: the removal would go through the
 * mount.
 */
export async function removeFolder(path: string): Promise<void> {
  refuseMountsBelow(path);
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Errors: MachineError if something is mounted at or below a folder that is to be removed. */
export function refuseMountsBelow(folder: string): void {
  const outermost = mountPointsBelow(folder).at(-1);
  if (outermost === undefined) return;
  throw new MachineError(
    `${outermost}: a mount that socklab did not make, in a folder that it must remove (${folder}): unmount it, or name another --state folder`,
  );
}

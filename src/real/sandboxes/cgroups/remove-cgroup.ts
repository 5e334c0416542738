import { rmdirSync } from "node:fs";

/** Removes a cgroup's folder. It may be busy for an instant after its processes have died. */
export function removeCgroup(folder: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      rmdirSync(folder);
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EBUSY" || attempt === 20) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

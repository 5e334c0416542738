import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect } from "vitest";

/**
 * Ids of the processes in those cgroups of a state folder's owner whose name matches. Waits until
 * there is at least one.
 */
export async function guestsOf(lock: string, name: RegExp): Promise<number[]> {
  let found: number[] = [];
  await expect
    .poll(() => {
      found = guestsNow(lock, name);
      return found;
    })
    .not.toEqual([]);
  return found;
}

export function guestsNow(lock: string, name: RegExp): number[] {
  const { instance } = JSON.parse(readFileSync(lock, "utf8")) as { instance: string };
  return guestsOfInstance(instance, name);
}

/** Ids of the processes in those cgroups of an instance whose name matches. */
export function guestsOfInstance(instance: string, name: RegExp): number[] {
  return pidsWhere((pid) => {
    const cgroup = new RegExp(`/socklab-${instance}/([^/\n]+)$`, "m");
    const found = cgroup.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[1];
    return found !== undefined && name.test(found);
  });
}

export function pidsWhere(holds: (pid: number) => boolean): number[] {
  return readdirSync("/proc")
    .filter((each) => /^\d+$/.test(each) && Number(each) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return holds(pid) && existsSync(`/proc/${pid}`);
      } catch {
        return false; // it ended during the search
      }
    });
}

import type { Controller } from "./layout.js";

/** Length of the periods in which the kernel hands out CPU time. */
const PERIOD_US = 100_000;

/** What one cgroup may use. Infinity: no limit. */
export interface Limits {
  readonly memoryBytes: number;
  readonly cores: number;
  readonly processes: number;
}

/** The files to write, and their values. */
export function settings(
  controller: Controller,
  isV1: boolean,
  limits: Limits,
): [string, string][] {
  const { memoryBytes, cores, processes } = limits;
  switch (controller) {
    case "memory":
      if (memoryBytes === Number.POSITIVE_INFINITY) return [];
      return isV1
        ? [
            ["memory.limit_in_bytes", String(memoryBytes)],
            ["memory.memsw.limit_in_bytes", String(memoryBytes)],
          ]
        : [
            ["memory.max", String(memoryBytes)],
            ["memory.swap.max", "0"],
          ];
    case "cpu":
      if (cores === Number.POSITIVE_INFINITY) return [];
      return isV1
        ? [["cpu.cfs_quota_us", String(Math.round(cores * PERIOD_US))]]
        : [["cpu.max", `${Math.round(cores * PERIOD_US)} ${PERIOD_US}`]];
    case "pids":
      return processes === Number.POSITIVE_INFINITY ? [] : [["pids.max", String(processes)]];
    case "freezer":
      return [];
  }
}

import { readFile } from "node:fs/promises";

/** Memory of one process in bytes. */
export interface ProcessMemory {
  /** All it maps that is in memory. */
  readonly rssBytes: number;
  /** The same, a page that n processes map counted as an nth. */
  readonly pssBytes: number;
  /** What nobody else maps. */
  readonly ussBytes: number;
}

const BYTES_PER_KB = 1024;

/**
 * Reads /proc/PID/smaps_rollup, for which the kernel walks the process's page tables: on one of
 * libuv's threads, never while a request waits. undefined: the process is gone.
 */
export async function readProcessMemory(pid: number): Promise<ProcessMemory | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  } catch (error) {
    // ENOENT: it was gone before; ESRCH: it went while we read
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
  return parseSmapsRollup(text);
}

/** undefined: a zombie, which maps nothing. */
export function parseSmapsRollup(text: string): ProcessMemory | undefined {
  const bytesOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * BYTES_PER_KB;
  const memory = {
    rssBytes: bytesOf("Rss"),
    pssBytes: bytesOf("Pss"),
    ussBytes: bytesOf("Private_Clean") + bytesOf("Private_Dirty") + bytesOf("Private_Hugetlb"),
  };
  return Number.isNaN(memory.ussBytes) ? undefined : memory;
}

import { readFile } from "node:fs/promises";

/** Memory of one process in bytes. */
export interface ProcessMemory {
  /** All pages that the process maps and that are in memory (RSS). */
  readonly rssBytes: number;
  /** Those pages, each divided by the number of processes that map it (PSS). */
  readonly pssBytes: number;
  /** The pages that no other process maps (USS). */
  readonly ussBytes: number;
}

const BYTES_PER_KB = 1024;

/**
 * Reads /proc/PID/smaps_rollup. The kernel walks the process's page tables for it, so it runs on
 * one of libuv's threads, and no request waits for it. undefined: the process is gone.
 */
export async function readProcessMemory(pid: number): Promise<ProcessMemory | undefined> {
  let text: string;
  try {
    text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  } catch (error) {
    // ENOENT: the process was gone before; ESRCH: it went during the read
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code!)) return undefined;
    throw error;
  }
  return parseSmapsRollup(text);
}

/** Reads the text of smaps_rollup; undefined: the process is a zombie, which maps nothing. */
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

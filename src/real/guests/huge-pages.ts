import { type FileHandle, open, readFile } from "node:fs/promises";
import type { Native } from "../host/native.js";

const PAGE_BYTES = 4096;
const PAGES_PER_REGION = 512;
const REGION_BYTES = PAGE_BYTES * PAGES_PER_REGION;
const ENTRY_BYTES = 8;
/** Of an entry: Documentation/admin-guide/mm/pagemap.rst of Linux. */
const PRESENT = 1n << 63n;
const FRAME = (1n << 55n) - 1n;
/** Of a region's pages, those that must not be its parent's too: collapsing copies the rest. */
const LEAST_OWN_PAGES = 0.9 * PAGES_PER_REGION;
/**
 * Fewer are not worth the copying: first answers from a root Zygote with one or two took as long as
 * without (1.49 ms, n = 324 each, in turn).
 */
const LEAST_REGIONS = 8;

/**
 * Turns what a Zygote has not inherited into huge pages, where it has a whole one's worth. A fork
 * copies one entry for each instead of 512. Resolves with their number; 0 where the Zygote is gone or
 * small, or the kernel is older than 6.1. `parentPid` 0: it has no parent.
 */
export async function collapseOwnMemory(
  native: Native,
  pid: number,
  parentPid: number,
): Promise<number> {
  const regions = await findOwnRegions(pid, parentPid);
  return regions.length < LEAST_REGIONS
    ? 0
    : native.collapseMemory(pid, BigUint64Array.from(regions));
}

/** Addresses of aligned 2 MiB of memory that is the process's and not its parent's. */
async function findOwnRegions(pid: number, parentPid: number): Promise<bigint[]> {
  const regions: bigint[] = [];
  const pages = await openPages(pid);
  const parents = await openPages(parentPid);
  try {
    if (pages === undefined) return [];
    for (const start of await regionsOf(pid)) {
      const own = await readFrames(pages, start);
      const inherited = await readFrames(parents, start);
      const count = own.filter((frame, at) => frame !== 0n && frame !== inherited[at]).length;
      if (count >= LEAST_OWN_PAGES) regions.push(BigInt(start));
    }
  } finally {
    await pages?.close();
    await parents?.close();
  }
  return regions;
}

/** Starts of the aligned regions within a process's private memory that is no file's. */
async function regionsOf(pid: number): Promise<number[]> {
  const maps = await readFile(`/proc/${pid}/maps`, "utf8").catch(noneIfGone);
  const starts: number[] = [];
  // Addresses, permissions, offset, device, inode.
  for (const [, from, to] of maps?.matchAll(/^(\w+)-(\w+) rw.p \S+ \S+ 0\s/gm) ?? []) {
    const first = Math.ceil(Number.parseInt(from, 16) / REGION_BYTES) * REGION_BYTES;
    const end = Number.parseInt(to, 16);
    for (let start = first; start + REGION_BYTES <= end; start += REGION_BYTES) starts.push(start);
  }
  return starts;
}

function openPages(pid: number): Promise<FileHandle | undefined> {
  return pid === 0 ? Promise.resolve(undefined) : open(`/proc/${pid}/pagemap`).catch(noneIfGone);
}

/** Page frames of a region, 0 where there is none. */
async function readFrames(pages: FileHandle | undefined, start: number): Promise<BigUint64Array> {
  const entries = new BigUint64Array(PAGES_PER_REGION);
  const position = (start / PAGE_BYTES) * ENTRY_BYTES;
  await pages?.read(new Uint8Array(entries.buffer), { position });
  return entries.map((entry) => ((entry & PRESENT) === 0n ? 0n : entry & FRAME));
}

function noneIfGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
}

import { type FileHandle, open, readFile } from "node:fs/promises";
import type { Native } from "../host/native.js";

const PAGE_BYTES = 4096;
const PAGES_PER_REGION = 512;
const REGION_BYTES = PAGE_BYTES * PAGES_PER_REGION;
const ENTRY_BYTES = 8;
/** Bits of an entry: Documentation/admin-guide/mm/pagemap.rst of Linux. */
const PRESENT = 1n << 63n;
const FRAME = (1n << 55n) - 1n;
/**
 * How many pages of a region must not be shared with the parent: collapsing copies the shared ones.
 */
const LEAST_OWN_PAGES = 0.9 * PAGES_PER_REGION;
/** Fewer regions are not worth the copying (docs/evidence/first-answers.md). */
const LEAST_REGIONS = 8;

/**
 * Moves a Zygote's own memory into huge pages, in whole regions of 2 MiB; memory inherited from its
 * parent stays as it is. A fork
 * then copies one page table entry per region instead of 512. Resolves with the number of huge
 * pages; 0 if the Zygote is gone or small, or the kernel is older than 6.1. `parentPid` is 0 if
 * the Zygote has no parent.
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

/** Addresses of aligned regions of 2 MiB that belong to the process and not to its parent. */
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

/** Start addresses of the aligned regions within a process's private anonymous memory. */
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

/** Page frames of a region; 0 for a page that is not in memory. */
async function readFrames(pages: FileHandle | undefined, start: number): Promise<BigUint64Array> {
  const entries = new BigUint64Array(PAGES_PER_REGION);
  const position = (start / PAGE_BYTES) * ENTRY_BYTES;
  await pages?.read(new Uint8Array(entries.buffer), { position });
  return entries.map((entry) => ((entry & PRESENT) === 0n ? 0n : entry & FRAME));
}

function noneIfGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT" && error.code !== "ESRCH") throw error;
}

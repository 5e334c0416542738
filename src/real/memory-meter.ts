import type { GuestProcess } from "./guests/guest-process.js";
import { readProcessMemory } from "./host/process-memory.js";

type Measured = Pick<GuestProcess, "isGone" | "pid"> & {
  readonly slot: { readonly cgroup: { readonly usedBytes: number } };
};

/**
 * Reports the memory that a live process does not share: the figure of its cgroup, which is fast to
 * read. If there is no memory controller, it reports the process's USS. That is read in the
 * background, so each value is as old as the previous question.
 */
export class MemoryMeter {
  readonly #readsUss: boolean;
  readonly #lastUss = new WeakMap<Measured, number>();

  /** true if there is no memory controller. */
  constructor(readsUss: boolean) {
    this.#readsUss = readsUss;
  }

  /** -1: the process is gone, or has not been measured yet. */
  bytesOf(guest: Measured): number {
    if (guest.isGone) return -1;
    if (!this.#readsUss) return guest.slot.cgroup.usedBytes;
    void this.refresh(guest);
    return this.#lastUss.get(guest) ?? -1;
  }

  /**
   * The memory of a Zygote that has children. A Zygote grows after its creation: by huge pages, by
   * page tables, and by pages that it writes while children map the old ones. -1 if only USS is
   * available, since USS leaves out what the Zygote shares with its children.
   */
  bytesOfParent(zygote: Measured): number {
    return this.#readsUss ? -1 : this.bytesOf(zygote);
  }

  /** Resolves when the next answer is what the process uses now. */
  async refresh(guest: Measured): Promise<void> {
    if (!this.#readsUss || guest.pid === 0) return;
    const memory = await readProcessMemory(guest.pid);
    if (memory !== undefined) this.#lastUss.set(guest, memory.ussBytes);
  }
}

import type { GuestProcess } from "./guests/guest-process.js";
import { readProcessMemory } from "./host/process-memory.js";

type Measured = Pick<GuestProcess, "isGone" | "pid"> & {
  readonly slot: { readonly cgroup: { readonly usedBytes: number } };
};

/**
 * Tells what a live process does not share: its cgroup's figure, which takes 3 us to read. Where
 * there is no memory controller it is the process's USS, read aside and so as it was at the last
 * time it was asked for.
 */
export class MemoryMeter {
  readonly #readsUss: boolean;
  readonly #lastUss = new WeakMap<Measured, number>();

  /** `readsUss`: there is no memory controller. */
  constructor(readsUss: boolean) {
    this.#readsUss = readsUss;
  }

  /** -1: it is gone, or not measured yet. */
  bytesOf(guest: Measured): number {
    if (guest.isGone) return -1;
    if (!this.#readsUss) return guest.slot.cgroup.usedBytes;
    void this.refresh(guest);
    return this.#lastUss.get(guest) ?? -1;
  }

  /**
   * The same of a Zygote that has children. It grows after its making: by huge pages, page tables, and
   * pages it writes while children map the old ones. -1 where USS is all there is, as that leaves out
   * what its children share.
   */
  bytesOfParent(zygote: Measured): number {
    return this.#readsUss ? -1 : this.bytesOf(zygote);
  }

  /** Resolves when the next answer holds what the process has now. */
  async refresh(guest: Measured): Promise<void> {
    if (!this.#readsUss || guest.pid === 0) return;
    const memory = await readProcessMemory(guest.pid);
    if (memory !== undefined) this.#lastUss.set(guest, memory.ussBytes);
  }
}

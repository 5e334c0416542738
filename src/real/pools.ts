import type { Cgroup, Cgroups, Limits } from "./cgroups.js";
import type { Root, RootMaker } from "./roots.js";

/** What one confined process is given: a user, a cgroup and a root. */
export interface Slot {
  readonly uid: number;
  readonly cgroup: Cgroup;
  readonly root: Root;
}

export interface SlotSpec {
  /** Names its cgroups. */
  readonly name: string;
  readonly limits: Limits;
  readonly scratchBytes: number;
  /** User of the first slot; the next ones follow, or all are this one. */
  readonly firstUid: number;
  readonly hasOwnUid: boolean;
  /** Slots kept ready; 0: each is made when it is asked for. */
  readonly ready: number;
}

/**
 * Slots made before they are needed. Users and cgroups are used again and again; a root, whose
 * scratch held an earlier container's data, is not.
 */
export class SlotPool {
  readonly #spec: SlotSpec;
  readonly #cgroups: Cgroups;
  readonly #roots: RootMaker;
  readonly #ready: Slot[] = [];
  readonly #free: { readonly uid: number; readonly cgroup: Cgroup }[] = [];
  #made = 0;
  #isRefilling = false;
  /** A cgroup that is being made ahead of need. */
  #making: Promise<void> | undefined;
  #isClosed = false;

  constructor(spec: SlotSpec, cgroups: Cgroups, roots: RootMaker) {
    this.#spec = spec;
    this.#cgroups = cgroups;
    this.#roots = roots;
    while (this.#ready.length < spec.ready) this.#ready.push(this.#make());
  }

  take(): Slot {
    const slot = this.#ready.pop() ?? this.#make();
    // not when the slot was made: an earlier user's scratch may have been on its way out then
    slot.cgroup.begin();
    this.#refillLater();
    return slot;
  }

  /** Every process of the slot must be gone. */
  give({ uid, cgroup, root }: Slot): void {
    root.close();
    cgroup.thaw(); // whoever was killed while frozen leaves it so
    this.#free.push({ uid, cgroup });
    this.#refillLater();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#making;
    for (const { root } of this.#ready.splice(0)) root.close();
  }

  #make(): Slot {
    const { name, limits, scratchBytes } = this.#spec;
    const { uid, cgroup } = this.#free.pop() ?? {
      uid: this.#uidOf(this.#made),
      cgroup: this.#cgroups.create(`${name}-${this.#made++}`, limits),
    };
    return { uid, cgroup, root: this.#roots.make(uid, scratchBytes) };
  }

  /** One slot a turn of the event loop, so that no request waits for more; a new cgroup is waited for. */
  #refillLater(): void {
    if (this.#isRefilling || this.#isClosed || this.#ready.length >= this.#spec.ready) return;
    if (this.#free.length === 0) {
      this.#making ??= this.#makeAside();
      return;
    }
    this.#isRefilling = true;
    setImmediate(() => {
      this.#isRefilling = false;
      if (this.#isClosed) return;
      const isWanted = this.#ready.length < this.#spec.ready && this.#free.length > 0;
      if (isWanted) this.#ready.push(this.#make());
      this.#refillLater();
    });
  }

  async #makeAside(): Promise<void> {
    const { name, limits } = this.#spec;
    const number = this.#made++;
    try {
      const cgroup = await this.#cgroups.createAside(`${name}-${number}`, limits);
      this.#free.push({ uid: this.#uidOf(number), cgroup });
    } catch {
      return; // whoever needs one makes it, and is told why that fails
    } finally {
      this.#making = undefined;
    }
    this.#refillLater();
  }

  #uidOf(number: number): number {
    const { firstUid, hasOwnUid } = this.#spec;
    return hasOwnUid ? firstUid + number : firstUid;
  }
}

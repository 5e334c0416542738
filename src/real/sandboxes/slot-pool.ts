import { assert } from "../../basics/errors.js";
import { isGuestUser } from "../host/guest-users.js";
import type { Native } from "../host/native.js";
import type { Cgroup, Cgroups } from "./cgroups/cgroups.js";
import type { Limits } from "./cgroups/limits.js";
import type { Root, RootMaker } from "./roots.js";

/** What one confined process gets: a user, a cgroup, a network and a root. */
export interface Slot {
  readonly uid: number;
  readonly cgroup: Cgroup;
  /** Descriptor of a network namespace; -1: the machine's own. */
  readonly network: number;
  readonly root: Root;
}

/** What slots are made from. */
export interface SlotParts {
  readonly native: Native;
  readonly cgroups: Cgroups;
  readonly roots: RootMaker;
  /** undefined: slots have the machine's network. */
  readonly makeNetwork: (() => number) | undefined;
}

export interface SlotSpec {
  /** First part of the names of the slots' cgroups. */
  readonly name: string;
  readonly limits: Limits;
  readonly scratchBytes: number;
  /** User of the first slot. The next slots have the next numbers, or all have this one. */
  readonly firstUid: number;
  readonly hasOwnUid: boolean;
  readonly hasTerminals: boolean;
  /** How many slots are kept ready; 0: each is made on demand, and removed after its use. */
  readonly ready: number;
}

/**
 * Makes slots before they are needed. One container after another uses the same users, cgroups and
 * networks. A root is used once, since its scratch contains an earlier container's data.
 */
export class SlotPool {
  readonly #spec: SlotSpec;
  readonly #parts: SlotParts;
  readonly #ready: Slot[] = [];
  readonly #free: Omit<Slot, "root">[] = [];
  /** Their cgroups are charged memory that other processes still share. */
  #charged: Omit<Slot, "root">[] = [];
  /** Users of slots that were removed. */
  readonly #freeUids: number[] = [];
  #uids = 0;
  #cgroupsCreated = 0;
  #isRefilling = false;
  /** A cgroup that is being created ahead of need. */
  #creation: Promise<void> | undefined;
  #isClosed = false;

  constructor(spec: SlotSpec, parts: SlotParts) {
    this.#spec = spec;
    this.#parts = parts;
    while (this.#ready.length < spec.ready) this.#ready.push(this.#make());
  }

  take(): Slot {
    const slot = this.#ready.pop() ?? this.#make();
    // not when the slot was made: an earlier user's scratch may still have been charged then
    slot.cgroup.begin();
    this.#refillLater();
    return slot;
  }

  /** Takes a slot back. Every process of the slot must be gone. */
  give({ root, ...kept }: Slot): void {
    root.close();
    kept.cgroup.thaw(); // it may still be frozen if its process was killed while frozen
    if (this.#spec.ready === 0) this.#unmake(kept);
    else if (kept.cgroup.isStillCharged) this.#charged.push(kept);
    else this.#free.push(kept);
    this.#refillLater();
  }

  /** Prepares no further slot. */
  stop(): void {
    this.#isClosed = true;
  }

  async close(): Promise<void> {
    this.stop();
    await this.#creation;
    for (const { root, network } of this.#ready.splice(0)) {
      root.close();
      this.#closeNetwork(network);
    }
    for (const { network } of [...this.#free.splice(0), ...this.#charged.splice(0)]) {
      this.#closeNetwork(network);
    }
  }

  #make(): Slot {
    const { roots } = this.#parts;
    if (this.#free.length === 0) this.#takeBackQuiet();
    const kept = this.#free.pop() ?? this.#makeKept();
    const { scratchBytes, hasTerminals } = this.#spec;
    return { ...kept, root: roots.make(kept.uid, scratchBytes, hasTerminals) };
  }

  /** Uses cgroups again whose memory is free by now. */
  #takeBackQuiet(): void {
    const charged = this.#charged;
    this.#charged = charged.filter(({ cgroup }) => cgroup.isStillCharged);
    this.#free.push(...charged.filter((each) => !this.#charged.includes(each)));
  }

  #makeKept(): Omit<Slot, "root"> {
    const { cgroups, makeNetwork } = this.#parts;
    const { name, limits } = this.#spec;
    return {
      uid: this.#freeUids.pop() ?? this.#newUid(),
      cgroup: cgroups.create(`${name}-${this.#cgroupsCreated++}`, limits),
      network: makeNetwork?.() ?? -1,
    };
  }

  #unmake({ uid, cgroup, network }: Omit<Slot, "root">): void {
    this.#freeUids.push(uid);
    this.#parts.cgroups.remove(cgroup);
    this.#closeNetwork(network);
  }

  #closeNetwork(network: number): void {
    if (network >= 0) this.#parts.native.closeFd(network);
  }

  #newUid(): number {
    const { firstUid, hasOwnUid } = this.#spec;
    const uid = hasOwnUid ? firstUid + this.#uids++ : firstUid;
    assert(isGuestUser(uid), `user ${uid} is not a guest's`);
    return uid;
  }

  /**
   * Makes one slot per turn of the event loop, so that no request waits for more than one. It waits
   * for a new cgroup first.
   */
  #refillLater(): void {
    if (this.#isRefilling || this.#isClosed || this.#ready.length >= this.#spec.ready) return;
    if (this.#free.length === 0) this.#takeBackQuiet();
    if (this.#free.length === 0) {
      this.#creation ??= this.#makeInBackground();
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

  async #makeInBackground(): Promise<void> {
    const { cgroups, makeNetwork } = this.#parts;
    const { name, limits } = this.#spec;
    try {
      const cgroup = await cgroups.createInBackground(`${name}-${this.#cgroupsCreated++}`, limits);
      const uid = this.#freeUids.pop() ?? this.#newUid();
      this.#free.push({ uid, cgroup, network: makeNetwork?.() ?? -1 });
    } catch {
      return; // the caller that needs a slot makes it, and then learns why that fails
    } finally {
      this.#creation = undefined;
    }
    this.#refillLater();
  }
}

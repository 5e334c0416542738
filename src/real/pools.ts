import { assert } from "../engine/errors.js";
import type { Cgroup, Cgroups, Limits } from "./cgroups.js";
import { isGuestUser } from "./guest-users.js";
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
  /** Slots kept ready; 0: each is made when it is asked for, and unmade after its use. */
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
  readonly #freeCgroups: Cgroup[] = [];
  readonly #freeUids: number[] = [];
  #uids = 0;
  #made = 0;
  #isRefilling = false;
  #isClosed = false;

  constructor(spec: SlotSpec, cgroups: Cgroups, roots: RootMaker) {
    this.#spec = spec;
    this.#cgroups = cgroups;
    this.#roots = roots;
    while (this.#ready.length < spec.ready) this.#ready.push(this.#make());
  }

  take(): Slot {
    const slot = this.#ready.pop() ?? this.#make();
    this.#refillLater();
    return slot;
  }

  /** Every process of the slot must be gone. */
  give({ uid, cgroup, root }: Slot): void {
    root.close();
    cgroup.thaw(); // whoever was killed while frozen leaves it so
    this.#freeUids.push(uid);
    if (this.#spec.ready === 0) this.#cgroups.remove(cgroup);
    else this.#freeCgroups.push(cgroup);
    this.#refillLater();
  }

  close(): void {
    this.#isClosed = true;
    for (const { root } of this.#ready.splice(0)) root.close();
  }

  #make(): Slot {
    const { name, limits, scratchBytes } = this.#spec;
    const uid = this.#freeUids.pop() ?? this.#newUid();
    const cgroup =
      this.#freeCgroups.pop() ?? this.#cgroups.create(`${name}-${this.#made++}`, limits);
    cgroup.begin();
    return { uid, cgroup, root: this.#roots.make(uid, scratchBytes) };
  }

  #newUid(): number {
    const { firstUid, hasOwnUid } = this.#spec;
    const uid = hasOwnUid ? firstUid + this.#uids++ : firstUid;
    assert(isGuestUser(uid), `user ${uid} is none of a guest's`);
    return uid;
  }

  /** One slot a turn of the event loop, so that no request waits for more. */
  #refillLater(): void {
    if (this.#isRefilling || this.#ready.length >= this.#spec.ready) return;
    this.#isRefilling = true;
    setImmediate(() => {
      this.#isRefilling = false;
      if (this.#isClosed) return;
      if (this.#ready.length < this.#spec.ready) this.#ready.push(this.#make());
      this.#refillLater();
    });
  }
}

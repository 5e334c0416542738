import { NONE } from "../basics/none.js";
import type { PackageId, PackageSet } from "../contract/package-set.js";
import { isEmptyPlace } from "../contract/places.js";
import {
  CONTAINER_PACKAGE_FAILED,
  CONTAINER_PACKAGE_THERE,
  type FollowUpKind,
  ZYGOTE_PACKAGE_FAILED,
  ZYGOTE_PACKAGE_THERE,
} from "./follow-ups.js";
import type { Room } from "./room.js";
import type { EngineState } from "./state.js";
import {
  ABSENT,
  INSTALLED,
  INSTALLING_PACKAGE,
  type InstallWaiter,
  REMOVING,
} from "./tables/install-table.js";
import type { InvocationSlot } from "./tables/invocation-table.js";

/** Failed removals of one package after which it stays installed for good. */
const REMOVAL_ATTEMPTS = 3;

/** Installs packages, keeps the disk budget, and drops packages that may go. */
export class InstallCache {
  readonly #state: EngineState;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** Puts the packages on disk that the policy wants before the run begins. It takes no time. */
  preinstall(): void {
    const { installs, packages, policies } = this.#state;
    for (const id of policies.install.preinstalled(this.#state)) {
      if (installs.state[id] !== ABSENT || isEmptyPlace(packages[id])) continue;
      if (installs.usedBytes + packages[id].diskBytes > installs.diskLimitBytes) continue;
      installs.occupy(id, 0);
      installs.setInstalled(id);
    }
  }

  /** Makes disk room for the absent packages of `set`, by dropping packages that are not in use. */
  makeRoom(set: PackageSet): Room {
    const { installs, packages, policies } = this.#state;
    let absentBytes = 0;
    let returningBytes = 0; // packages being removed: each will use its own disk again
    for (const id of set.ids) {
      if (installs.state[id] === ABSENT) absentBytes += packages[id].diskBytes;
      if (installs.state[id] === REMOVING) returningBytes += packages[id].diskBytes;
    }
    const neededBytes = absentBytes + returningBytes;
    if (neededBytes === 0) return "free";
    if (neededBytes > installs.diskLimitBytes) return "never";
    const budgetBytes = Math.min(
      policies.install.budgetBytes(this.#state),
      installs.diskLimitBytes,
    );
    for (;;) {
      const overBytes = installs.usedBytes - installs.freeingBytes + neededBytes - budgetBytes;
      if (overBytes <= 0) break;
      const victim = policies.install.victim(this.#state, overBytes);
      if (victim === NONE || !this.#mayDrop(victim)) break;
      this.#drop(victim, true);
    }
    // The budget is only a wish of the policy: a start above it goes on if the disk has room.
    if (installs.usedBytes + absentBytes <= installs.diskLimitBytes) return "free";
    return installs.freeingBytes > 0 ? "coming" : "none";
  }

  pin(set: PackageSet): void {
    for (const id of set.ids) this.#state.installs.pin(id);
  }

  /** Unpins the packages. The policy decides whether those without a user are dropped. */
  unpin(set: PackageSet): void {
    const { installs, policies } = this.#state;
    for (const id of set.ids) {
      const isUnused = installs.unpin(id);
      if (!isUnused || installs.state[id] !== INSTALLED) continue;
      if (!policies.install.keepUnused(this.#state, id)) this.#drop(id, false);
    }
  }

  /**
   * Looks up the packages in `loaded` on disk, for an invocation (`slot`) or ahead of any (NONE),
   * and installs those that are absent. Returns for how many packages the waiter now waits. An
   * attempt after a failure is not another use. Make room and pin the packages first.
   */
  request(loaded: PackageSet, waiter: InstallWaiter, slot: InvocationSlot): number {
    const { installs, invocations } = this.#state;
    const isFirstAttempt = slot === NONE || invocations.failures[slot] === 0;
    let missing = 0;
    for (const id of loaded.ids) {
      const isInstalled = installs.state[id] === INSTALLED;
      if (isFirstAttempt) this.#use(id, isInstalled, slot);
      if (isInstalled) continue;
      missing++;
      installs.waiters[id].push(waiter);
      if (installs.state[id] === ABSENT) this.#begin(id);
    }
    return missing;
  }

  #use(id: PackageId, isHit: boolean, slot: InvocationSlot): void {
    const { installs, invocations, nowUs, hooks } = this.#state;
    installs.use(id, nowUs);
    for (const policy of hooks.onPackageUse) policy.onPackageUse(this.#state, id, isHit);
    const lookups = slot === NONE ? null : invocations.lookups[slot];
    if (lookups === null) return;
    if (isHit) lookups.installHits++;
    else lookups.installMisses++;
  }

  onInstalled(id: PackageId, ok: boolean, installUs: number): void {
    const { installs, observer, nowUs, policies, hooks, followUps } = this.#state;
    for (const waiter of installs.waiters[id].splice(0)) {
      followUps.add(followUpOf(waiter, ok), waiter.id, waiter.generation);
    }
    if (!ok) {
      installs.vacate(id, nowUs);
      installs.setGone(id, ABSENT);
      return;
    }
    installs.setInstalled(id);
    observer.inserted(nowUs, "install");
    for (const policy of hooks.onInstalled) policy.onInstalled(this.#state, id, installUs);
    // Each waiter that still exists has pinned the package, so an unpinned one has no waiter.
    if (!installs.isPinned(id) && !policies.install.keepUnused(this.#state, id))
      this.#drop(id, false);
  }

  onUninstalled(id: PackageId, ok: boolean): void {
    const { installs, packages, observer, nowUs } = this.#state;
    installs.freeingBytes -= packages[id].diskBytes;
    if (!ok) {
      observer.warned("uninstall-failed", "a package could not be removed and stays installed");
      // this pin is never removed: the package counts as used from now on
      if (++installs.failedRemovals[id] === REMOVAL_ATTEMPTS) installs.pin(id);
      this.#keepAfterAll(id);
      return;
    }
    installs.vacate(id, nowUs);
    installs.setGone(id, ABSENT);
    if (installs.waiters[id].length > 0) this.#begin(id);
  }

  /** A package whose removal failed stays. If a start waits for it, it is installed again. */
  #keepAfterAll(id: PackageId): void {
    const { installs, nowUs } = this.#state;
    if (installs.waiters[id].length === 0) {
      installs.setInstalled(id);
      return;
    }
    installs.vacate(id, nowUs);
    this.#begin(id);
  }

  #begin(id: PackageId): void {
    const { installs, operations, nowUs } = this.#state;
    installs.occupy(id, nowUs);
    installs.state[id] = INSTALLING_PACKAGE;
    operations.install(id);
  }

  #mayDrop(id: PackageId): boolean {
    const { installs, observer } = this.#state;
    if (installs.isInstalled(id) && !installs.isPinned(id)) return true;
    observer.warned(
      "victim-refused",
      "the install policy named a package that is in use, or not installed",
    );
    return false;
  }

  #drop(id: PackageId, evicted: boolean): void {
    const { installs, packages, operations, observer, hooks, nowUs } = this.#state;
    for (const policy of hooks.onPackageGone) policy.onPackageGone(this.#state, id);
    installs.setGone(id, REMOVING);
    installs.freeingBytes += packages[id].diskBytes;
    observer.left(nowUs, "install", evicted);
    operations.uninstall(id);
  }
}

function followUpOf({ isZygote }: InstallWaiter, ok: boolean): FollowUpKind {
  if (isZygote) return ok ? ZYGOTE_PACKAGE_THERE : ZYGOTE_PACKAGE_FAILED;
  return ok ? CONTAINER_PACKAGE_THERE : CONTAINER_PACKAGE_FAILED;
}

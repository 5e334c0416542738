import { NONE } from "../basics/none.js";
import type { Completion } from "../contract/backend.js";
import type { ContainerId } from "../contract/policy.js";
import type { Reclaimer } from "./reclaimer.js";
import type { EngineState } from "./state.js";
import { PAUSED } from "./tables/container-table.js";
import { HANDLER, RUNNING, ZYGOTE_TIER } from "./tables/ledger.js";
import type { ZygoteEntry } from "./tables/zygote-table.js";

/**
 * Differences below this are ignored. The kernel charges cgroups 64 pages per CPU ahead of use
 * (MEMCG_CHARGE_BATCH in mm/memcontrol.c), so two measurements of one idle process can differ by up
 * to this much.
 */
const NOISE_BYTES = 64 * 4096;

/** The container or Zygote that memory is charged to. */
interface Owner {
  /** The tier in which it is charged; undefined: it is gone, or being destroyed. */
  tier(): number | undefined;
  add(bytes: number): void;
}

/** Bytes that were measured but did not fit under the limit yet. */
interface Debt extends Owner {
  readonly bytes: number;
}

/**
 * Corrects the ledger by what a backend measures of containers and Zygotes. If more is measured
 * than is charged, room is made for the difference. Bytes that must wait for destructions are owed:
 * no other start may have that memory, and it is charged when it is free. Bytes for which nothing
 * can be evicted stay owed too, with a warning.
 */
export class MeasuredMemory {
  readonly #state: EngineState;
  readonly #reclaimer: Reclaimer;
  /** Per container or Zygote. */
  readonly #debts = new Map<ContainerId | ZygoteEntry, Debt>();

  constructor(state: EngineState, reclaimer: Reclaimer) {
    this.#state = state;
    this.#reclaimer = reclaimer;
  }

  /** Charges what was measured at the completion of an operation that ended well. */
  take({ operation, id, measuredBytes, parentBytes }: Completion): void {
    const { zygotes, containers } = this.#state;
    if (measuredBytes >= 0) {
      const isContainer =
        operation === "run" || operation === "create-container" || operation === "pause";
      if (isContainer) this.#takeContainer(id, measuredBytes);
      else if (operation === "create-zygote") this.#takeZygote(zygotes.get(id), measuredBytes);
    }
    if (parentBytes < 0 || operation !== "create-container") return;
    const parent = containers.zygote[id];
    if (parent !== NONE) this.#takeZygote(zygotes.get(parent), parentBytes);
  }

  /**
   * Charges owed bytes as far as memory is free, oldest debt first; forgets owners that are gone.
   */
  settle(): void {
    const { memory, nowUs } = this.#state;
    if (memory.owedBytes === 0) return;
    const debts = [...this.#debts];
    this.#debts.clear();
    memory.owedBytes = 0;
    for (const [key, debt] of debts) {
      const tier = debt.tier();
      if (tier === undefined) continue;
      const paidBytes = Math.max(0, Math.min(debt.bytes, memory.freeBytes));
      memory.charge(tier, paidBytes, nowUs);
      debt.add(paidBytes);
      this.#owe(key, debt, debt.bytes - paidBytes);
    }
  }

  /** `bytes` is all that the container does not share. */
  #takeContainer(container: ContainerId, bytes: number): void {
    const { containers } = this.#state;
    const generation = containers.generation[container];
    const owner = {
      tier: () => {
        const isAnother = containers.generation[container] !== generation;
        if (isAnother || this.#isGoing(container)) return undefined;
        return containers.isIdle(container) ? HANDLER : RUNNING;
      },
      add: (more: number) => {
        containers.bytes[container] += more;
      },
    };
    this.#measure(container, owner, bytes - containers.bytes[container]);
  }

  /**
   * `bytes` is what the Zygote adds to its parent. The bytes that its children inherit stay as
   * estimated, because they are subtracted from functions' memory, which is an estimate too.
   */
  #takeZygote(zygote: ZygoteEntry, bytes: number): void {
    const { memory, config } = this.#state;
    const { forkPrivateBytes } = config.footprint;
    const owner = {
      tier: () =>
        zygote.state === "ready" || zygote.state === "creating" ? ZYGOTE_TIER : undefined,
      add: (more: number) => {
        const { sharedBytes } = zygote;
        zygote.bytes += more;
        zygote.sharedBytes = Math.max(zygote.bytes - forkPrivateBytes, 0);
        if (zygote.activeSharers > 0)
          memory.useZygotes(zygote.sharedBytes - sharedBytes, this.#state.nowUs);
      },
    };
    this.#measure(zygote, owner, bytes - zygote.bytes);
  }

  #measure(key: ContainerId | ZygoteEntry, owner: Owner, moreBytes: number): void {
    const { memory, nowUs, observer } = this.#state;
    this.#forgive(key);
    const tier = owner.tier();
    if (tier === undefined || Math.abs(moreBytes) < NOISE_BYTES) return;
    if (moreBytes < 0) {
      memory.release(tier, -moreBytes, nowUs);
      owner.add(moreBytes);
      return;
    }
    const room = this.#reclaimer.makeRoom(moreBytes);
    if (owner.tier() === undefined) return; // the owner itself was evicted
    const chargedBytes = Math.max(0, Math.min(moreBytes, memory.freeBytes));
    memory.charge(tier, chargedBytes, nowUs);
    owner.add(chargedBytes);
    this.#owe(key, owner, moreBytes - chargedBytes);
    if (room === "none" || room === "never") {
      observer.warned(
        "over-limit",
        "more memory was measured than could be charged: all of it is in use, and nothing may be evicted",
      );
    }
  }

  #owe(key: ContainerId | ZygoteEntry, { tier, add }: Owner, bytes: number): void {
    if (bytes === 0) return;
    this.#debts.set(key, { tier, add, bytes });
    this.#state.memory.owedBytes += bytes;
  }

  #forgive(key: ContainerId | ZygoteEntry): void {
    const debt = this.#debts.get(key);
    if (debt === undefined) return;
    this.#debts.delete(key);
    this.#state.memory.owedBytes -= debt.bytes;
  }

  /** It is being destroyed, or will be once it is paused: its bytes are counted as being freed. */
  #isGoing(container: ContainerId): boolean {
    const { containers } = this.#state;
    return containers.state[container] > PAUSED || containers.doomed[container] === 1;
  }
}

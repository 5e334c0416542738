import { NONE } from "../basics/none.js";
import type { ZygoteId } from "../contract/policy.js";
import type { EngineState } from "./state.js";
import { RUNNING, ZYGOTE_TIER } from "./tables/ledger.js";
import { isEnding, type ZygoteEntry } from "./tables/zygote-table.js";

/**
 * The charge of the pages that Zygotes share with processes forked from them. These pages are free
 * when the Zygote and the last of these processes are gone. As soon as all of them are ending, the
 * pages count as being freed, so that no further victim is named for memory that is coming anyway.
 */
export class SharedPages {
  readonly #state: EngineState;

  constructor(state: EngineState) {
    this.#state = state;
  }

  /** A process that shares the Zygote's pages begins to end. */
  leave(id: ZygoteId): void {
    const zygote = this.#state.zygotes.get(id);
    zygote.stayers--;
    this.foresee(zygote);
  }

  /** The process could not be ended, so it keeps the pages. */
  stay(id: ZygoteId): void {
    const zygote = this.#state.zygotes.get(id);
    this.keep(zygote);
    zygote.stayers++;
  }

  /** If the Zygote ends and no process keeps its shared pages, they are being freed. */
  foresee(zygote: ZygoteEntry): void {
    const { memory, nowUs } = this.#state;
    if (zygote.stayers > 0 || zygote.isFreeing || !isEnding(zygote)) return;
    zygote.isFreeing = true;
    memory.freeingBytes += zygote.sharedBytes;
    memory.move(ZYGOTE_TIER, RUNNING, zygote.sharedBytes, nowUs);
    if (zygote.parent !== NONE) this.leave(zygote.parent);
  }

  /** The Zygote's shared pages are not freed after all. */
  keep(zygote: ZygoteEntry): void {
    const { memory, nowUs } = this.#state;
    if (!zygote.isFreeing) return;
    zygote.isFreeing = false;
    memory.freeingBytes -= zygote.sharedBytes;
    memory.move(RUNNING, ZYGOTE_TIER, zygote.sharedBytes, nowUs);
    if (zygote.parent !== NONE) this.stay(zygote.parent);
  }

  /** A process that had left is gone. */
  unmap(id: ZygoteId): void {
    const zygote = this.#state.zygotes.get(id);
    zygote.sharers--;
    this.free(zygote);
  }

  /** Frees the shared pages of dead Zygotes, from this one up, unless a process still maps them. */
  free(zygote: ZygoteEntry): void {
    const { memory, zygotes, nowUs } = this.#state;
    if (zygote.state !== "orphan" || zygote.sharers > 0) return;
    memory.freeingBytes -= zygote.sharedBytes;
    memory.release(RUNNING, zygote.sharedBytes, nowUs);
    zygotes.remove(zygote);
    if (zygote.parent !== NONE) this.free(zygotes.get(zygote.parent));
  }
}

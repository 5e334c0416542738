import { NONE } from "../basics/none.js";
import type { ZygoteId } from "../contract/policy.js";
import type { Ledger } from "./tables/ledger.js";
import type { ZygoteTable } from "./tables/zygote-table.js";

interface Tables {
  readonly nowUs: number;
  readonly memory: Ledger;
  readonly zygotes: ZygoteTable;
}

/**
 * A container forked from the Zygote begins to be created or to run: the pages that it shares with
 * the Zygote and its ancestors are in use. Each Zygote counts its own active forks and its children
 * with any, so a start below a busy Zygote changes one number.
 */
export function useSharedPages({ zygotes, memory, nowUs }: Tables, zygote: ZygoteId): void {
  let bytes = 0;
  for (let id = zygote; id !== NONE; ) {
    const entry = zygotes.get(id);
    if (entry.activeSharers++ > 0) break;
    bytes += entry.sharedBytes;
    id = entry.parent;
  }
  if (bytes > 0) memory.useZygotes(bytes, nowUs);
}

/** The container's creation or run is over. */
export function leaveSharedPages({ zygotes, memory, nowUs }: Tables, zygote: ZygoteId): void {
  let bytes = 0;
  for (let id = zygote; id !== NONE; ) {
    const entry = zygotes.get(id);
    if (--entry.activeSharers > 0) break;
    bytes += entry.sharedBytes;
    id = entry.parent;
  }
  if (bytes > 0) memory.useZygotes(-bytes, nowUs);
}

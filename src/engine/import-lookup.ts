import { NONE } from "../basics/none.js";
import type { ZygoteId } from "../contract/policy.js";
import type { EngineState } from "./state.js";
import type { InvocationSlot } from "./tables/invocation-table.js";

/**
 * Looks up the packages of an invocation in the import cache when its provisioning begins. Only its
 * first lookup counts: a Zygote that is made for it afterwards is the price of a miss, and not a
 * later hit. `chosen` is the Zygote from which its container is forked, now or when that Zygote is
 * ready; NONE if the container starts cold.
 */
export function lookUpImports(state: EngineState, slot: InvocationSlot, chosen: ZygoteId): void {
  const { invocations, zygotes, functions, packages } = state;
  if (invocations.lookups[slot] !== null || invocations.failures[slot] > 0) return;
  let ready = chosen;
  while (ready !== NONE && !zygotes.isReady(ready)) ready = zygotes.parentOf(ready);
  const { closure } = functions[invocations.functionId[slot]];
  let packagesFound = 0;
  let importNeededUs = 0;
  let importSavedUs = 0;
  for (const id of closure.ids) {
    importNeededUs += packages[id].importUs;
    if (ready === NONE || !zygotes.packagesOf(ready).has(id)) continue;
    packagesFound++;
    importSavedUs += packages[id].importUs;
  }
  invocations.lookups[slot] = {
    importHit: ready === chosen && packagesFound > 0,
    packagesNeeded: closure.size,
    packagesFound,
    importNeededUs,
    importSavedUs,
    installHits: 0,
    installMisses: 0,
  };
}

import { NONE } from "../basics/none.js";
import type { ZygotesView } from "../contract/policy.js";
import type { Package } from "../contract/workload.js";
import type { ZygoteResult } from "./result.js";

/** The live Zygotes as a result shows them, in order of creation: a parent before its children. */
export function zygoteTree(zygotes: ZygotesView, packages: readonly Package[]): ZygoteResult[] {
  return zygotes.live.map((id) => {
    const parent = zygotes.parentOf(id);
    return {
      id,
      parent: parent === NONE ? null : parent,
      packages: [...zygotes.addedPackagesOf(id).ids].map((packageId) => {
        const { name, version } = packages[packageId];
        return `${name}==${version}`;
      }),
      bytes: zygotes.bytesOf(id),
      forks: zygotes.forksOf(id),
    };
  });
}

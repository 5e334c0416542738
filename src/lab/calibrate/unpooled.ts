import { ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import type { Stand } from "./stand.js";
import { costOf } from "./summary.js";

const CONTAINER = 0;

/**
 * Measures containers whose slot (user, cgroup and root) is made on demand. Restarts the stand, so
 * no container or Zygote may exist.
 */
export async function measureUnpooled(stand: Stand, samples: number): Promise<CostFindings> {
  await stand.restart({ readySlots: 0 });
  await stand.zygote(ROOT_ZYGOTE_ID);
  const creations: number[] = [];
  const ends: number[] = [];
  while (creations.length < samples) {
    const { elapsedUs } = await stand.container(CONTAINER, stand.workload.plain, ROOT_ZYGOTE_ID);
    creations.push(elapsedUs);
    ends.push((await stand.destroyContainer(CONTAINER)).elapsedUs);
  }
  await stand.destroyZygote(ROOT_ZYGOTE_ID);
  return {
    costs: {},
    observed: {
      unpooledContainer: costOf(
        creations,
        "us",
        "creation of forked containers whose root is made on demand",
      ),
      unpooledDestroy: costOf(
        ends,
        "us",
        "destruction of forked containers whose root is made on demand",
      ),
    },
  };
}

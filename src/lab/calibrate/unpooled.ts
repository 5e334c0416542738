import { ROOT_ZYGOTE } from "./containers.js";
import type { Findings } from "./findings.js";
import type { Stand } from "./stand.js";
import { costOf } from "./summary.js";

const CONTAINER = 0;

/** Containers whose user, cgroup and root are made on demand. Restarts the stand: nothing may be alive. */
export async function measureUnpooled(stand: Stand, samples: number): Promise<Findings> {
  await stand.restart({ readySlots: 0 });
  await stand.zygote(ROOT_ZYGOTE);
  const creations: number[] = [];
  const ends: number[] = [];
  while (creations.length < samples) {
    const { elapsedUs } = await stand.container(CONTAINER, stand.workload.plain, ROOT_ZYGOTE);
    creations.push(elapsedUs);
    ends.push((await stand.destroyContainer(CONTAINER)).elapsedUs);
  }
  await stand.destroyZygote(ROOT_ZYGOTE);
  return {
    costs: {},
    observed: {
      unpooledContainer: costOf(
        creations,
        "us",
        "creation of forked containers whose root is made on demand",
      ),
      unpooledDestroy: costOf(ends, "us", "their destruction"),
    },
  };
}

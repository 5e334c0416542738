// Compares policies in your own program: `npm i socklab`, then `node compare-policies.mjs`.
import { readWorkload, simulate } from "socklab";
import { NONE } from "socklab/policy";

/** An evict policy that evicts the container that is idle for longest, and no Zygotes. */
const oldestFirst = {
  family: "evict",
  name: "oldest-first",
  summary: "Evicts the container that is idle for longest.",
  source: "this page",
  departures: [],
  parameters: {},
  create: () => ({
    victim(view) {
      const container = view.containers.oldestIdle();
      return container === NONE ? null : { tier: "handler", container };
    },
  }),
};

const workload = await readWorkload({ trace: "tiny", minutes: 30, seed: 1 });
for (const policy of ["openwhisk", "sock", oldestFirst]) {
  const { run, invocations, timesUs } = await simulate({
    workload,
    policy,
    memoryBytes: 512 * 1024 ** 2,
    seed: 1,
  });
  const p99Ms = (timesUs.startup.p99 / 1000).toFixed(1);
  console.log(
    `${run.policy.preset}: ${invocations.cold} of ${invocations.total} cold, startup p99 ${p99Ms} ms`,
  );
}

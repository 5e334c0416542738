import { performRun } from "../src/lab/run/perform-run.js";
import { USUAL_RUN } from "../src/lab/run/run-settings.js";

/**
 * `npx tsx measure/python-policy.ts [ROUNDS]`: what a policy in Python costs. The same policy runs
 * in TypeScript and in Python, in turns; prints the time per invocation of each, and per eviction.
 */
const rounds = Number(process.argv[2] ?? 5);
const SETTINGS = {
  ...{ ...USUAL_RUN, trace: "demo", set: ["zygote=none"] },
  memoryBytes: 2 * 1024 ** 3,
};

for (let round = 1; round <= rounds; round++) {
  for (const policy of ["docs/examples/largest-first.ts", "docs/examples/largest_first.py"]) {
    const { run, invocations, tiers } = await performRun({ ...SETTINGS, policy });
    const perInvocation = (run.wallUs / invocations.total).toFixed(1);
    console.log(
      `round ${round}, ${policy}: ${perInvocation} us per invocation (${tiers.handler.evictions} evictions of ${invocations.total} invocations, digest ${run.digest})`,
    );
  }
}

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { simulate } from "../src/library.js";
import { gdsfEviction } from "../src/policies/evict/gdsf.js";

/**
 * `npx tsx measure/guard.ts [ROUNDS] [MINUTES] [TRACE]`: what the wrapping of a user's policy costs. The
 * same GDSF runs built in, as a user's policy, and as a user's policy with four empty notices in
 * addition, in turns. Prints the CPU time of each as a ratio to the built-in one, per round.
 */
const rounds = Number(process.argv[2] ?? 5);
const minutes = Number(process.argv[3] ?? 480);
const DAY = resolve(import.meta.dirname, "../../shared/data/azure2019/eunomia400_d01");
const trace = process.argv[4] ?? (existsSync(DAY) ? DAY : "demo");
const BASE = { base: "faascache" } as const;

const empty = { onArrival() {}, onStart() {}, onEnd() {}, onIdle() {} };
const withNotices = {
  ...gdsfEviction,
  create: (...given: Parameters<typeof gdsfEviction.create>) => {
    const policy = gdsfEviction.create(...given);
    const called = Object.entries(empty).filter(([name]) => !(name in policy));
    return Object.assign(policy, Object.fromEntries(called));
  },
};
const POLICIES = {
  "built in": "faascache",
  "user's": [{ ...BASE, choices: { evict: "gdsf" } }, { ...gdsfEviction }],
  "user's, with notices": [{ ...BASE, choices: { evict: "gdsf" } }, withNotices],
} as const;

async function cpuMsOf(policy: (typeof POLICIES)[keyof typeof POLICIES]) {
  const before = process.cpuUsage();
  const { run, invocations } = await simulate({
    ...{ trace, minutes, policy, packages: "none" },
    ...{ memoryBytes: 32 * 1024 ** 3, cores: 64 },
  });
  const { user, system } = process.cpuUsage(before);
  return { ms: (user + system) / 1000, digest: run.digest, count: invocations.total };
}

await cpuMsOf("faascache"); // compiles the hot code
for (let round = 1; round <= rounds; round++) {
  const rows: Record<string, number> = {};
  const digests = new Set<string>();
  let count = 0;
  for (const [name, policy] of Object.entries(POLICIES)) {
    const made = await cpuMsOf(policy);
    rows[name] = made.ms;
    digests.add(made.digest);
    count = made.count;
  }
  const ratios = Object.entries(rows).map(
    ([name, ms]) => `${name} ${(ms / rows["built in"]).toFixed(3)}`,
  );
  console.log(
    `round ${round}: ${ratios.join(", ")} (${count} invocations, ${digests.size} digest)`,
  );
}

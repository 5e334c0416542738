/**
 * How much a function that misbehaves slows down a warm neighbour: `npx tsx measure/neighbours.ts
 * [--seconds 10] [--rounds 3]`.
 *
 * A worker's engine (the same policies, containers and Zygotes as `socklab worker`, without HTTP)
 * serves two closed-loop clients of a small function that stays warm. In each phase, two other
 * clients call one bad function: one computes for 50 ms, one ends its process, one writes 64 bytes
 * of garbage to its socket, and one writes to its socket without end. Between these phases the
 * other clients are quiet. A table shows the neighbour's requests per second and latencies, and the
 * rate as a share of the quiet phases before and after.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { RandomStreams } from "../src/basics/random.js";
import { loadPolicy } from "../src/lab/run/load-policy.js";
import { policyContext } from "../src/lab/run/policy-context.js";
import { readCosts } from "../src/lab/run/read-costs.js";
import { makePolicies } from "../src/policies/registry.js";
import { footprintOf } from "../src/sim/costs/costs.js";
import { DEFAULT_PLACES } from "../src/worker/live-workload.js";
import { openWorker } from "../src/worker/open-worker.js";
import { parseRequirements } from "../src/worker/requirements.js";

const CLIENTS = 2;
const NEIGHBOUR = "def f(event): return event\n";
/** Sources of the bad functions, by their names in the table. */
const BAD = {
  "computes 50 ms":
    "import time\ndef f(event):\n  end = time.thread_time() + 0.05\n  while time.thread_time() < end: pass\n",
  "ends its process": "import os\ndef f(event): os._exit(1)\n",
  "64 bytes of garbage": "import os\ndef f(event): os.write(3, b'x' * 64)\n",
  "floods its socket": "import os\ndef f(event):\n  while True: os.write(3, b'x' * 65536)\n",
} as const;

const { seconds, rounds } = await yargs(process.argv.slice(2))
  .options({
    seconds: { type: "number", default: 10, describe: "length of a phase" },
    rounds: { type: "number", default: 3, describe: "how often all phases are repeated" },
  })
  .strict()
  .parse();

const folder = mkdtempSync(join(tmpdir(), "socklab-neighbours-"));
const { choices, specs } = await loadPolicy("sock", ["keep-alive=fixed:keep=unlimited"]);
const config = {
  memoryLimitBytes: Math.floor(totalmem() / 2),
  diskLimitBytes: 2 ** 30,
  cores: cpus().length,
  runsPerCore: Number.POSITIVE_INFINITY,
  creationsPerCore: Number.POSITIVE_INFINITY,
  creationsPerFunction: Number.POSITIVE_INFINITY,
  queueLimit: 1024,
  queueTimeoutUs: 60_000_000,
  footprint: footprintOf(await readCosts(undefined)),
};
const worker = await openWorker({
  stateFolder: join(folder, "state"),
  python: undefined,
  base: undefined,
  index: { kind: "default" },
  installsAtOnce: 1,
  keepsPackages: false,
  places: DEFAULT_PLACES,
  config,
  options: {},
  makePolicies: (functions, catalogue) =>
    makePolicies(
      choices,
      specs,
      policyContext(config, { functions, catalogue }),
      new RandomStreams(1),
    ),
  onProblem: () => {}, // the bad functions fail on purpose
});
const { engine } = worker;

async function register(name: string, source: string): Promise<void> {
  const code = join(worker.staging, name);
  mkdirSync(code, { recursive: true });
  writeFileSync(join(code, "f.py"), source);
  const requirements = parseRequirements("", name, () => undefined);
  await engine.register({ name, folder: code, requirements });
}

interface Phase {
  /** Latencies of the neighbour's requests, in milliseconds. */
  readonly ms: number[];
  readonly badRequests: number;
}

/**
 * Runs closed-loop clients until the time is over. `bad` is the other clients' function; undefined:
 * there are none.
 */
const EMPTY = { body: new Uint8Array() };

async function phase(bad: string | undefined): Promise<Phase> {
  const endMs = performance.now() + seconds * 1000;
  const ms: number[] = [];
  let badRequests = 0;
  const loop = async (step: () => Promise<void>) => {
    while (performance.now() < endMs) await step();
  };
  const neighbour = async () => {
    const begunMs = performance.now();
    const { outcome } = await engine.invoke("neighbour", EMPTY);
    if (outcome !== "completed") throw new Error(`the neighbour's request ${outcome}`);
    ms.push(performance.now() - begunMs);
  };
  const others = async () => {
    await engine.invoke(bad!, EMPTY);
    badRequests++;
  };
  const clients = Array.from({ length: CLIENTS }, () => loop(neighbour));
  if (bad !== undefined) clients.push(...Array.from({ length: CLIENTS }, () => loop(others)));
  await Promise.all(clients);
  return { ms, badRequests };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)];
}

function describePhase(name: string, round: number, { ms, badRequests }: Phase, quiet: number) {
  const perSecond = ms.length / seconds;
  const cells = [
    String(round),
    name.padEnd(20),
    perSecond.toFixed(0).padStart(8),
    (perSecond / quiet).toFixed(2).padStart(8),
    quantile(ms, 0.5).toFixed(2).padStart(8),
    quantile(ms, 0.99).toFixed(2).padStart(8),
    String(badRequests).padStart(8),
  ];
  return `| ${cells.join(" | ")} |`;
}

try {
  await register("neighbour", NEIGHBOUR);
  for (const [index, source] of Object.values(BAD).entries()) await register(`bad${index}`, source);
  await phase(undefined); // warm
  console.log(
    `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores; the neighbour and the other function have ${CLIENTS} clients each; ${seconds} s per phase`,
  );
  console.log(
    "| round | the other | requests/s | of quiet | p50 ms | p99 ms | its requests |\n|---|---|---|---|---|---|---|",
  );
  for (let round = 1; round <= rounds; round++) {
    let before = await phase(undefined);
    for (const [index, name] of Object.keys(BAD).entries()) {
      const during = await phase(`bad${index}`);
      const after = await phase(undefined);
      const quiet = (before.ms.length + after.ms.length) / 2 / seconds;
      console.log(describePhase("nothing", round, before, quiet));
      console.log(describePhase(name, round, during, quiet));
      before = after;
    }
  }
} finally {
  await worker.close(0);
  rmSync(folder, { recursive: true, force: true });
}

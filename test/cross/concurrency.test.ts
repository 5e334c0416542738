import { join } from "node:path";
import { expect, test } from "vitest";
import { RandomStreams } from "../../src/basics/random.js";
import { azure2021 } from "../../src/trace/formats/azure-2021.js";
import { MIB, makeFunction, makePackage, ROUND_COSTS, SECOND, tell } from "../engine/harness.js";
import { cutOf, DATA_ABSENT, DATA_FOLDER, listArrivals } from "../trace/cuts.js";
import {
  arc,
  firstInFirstOut,
  greedyDualRanking,
  hyperbolic,
  landlord,
  leastRecentlyUsed,
  lirs,
  s3Fifo,
  sieve,
  twoQ,
  wTinyLfu,
} from "./rankings.js";
import { type Call, type Machine, type Ranking, replayByEvent, type Start } from "./reference.js";
import { makeBuiltIn } from "./replay-engine.js";
import { primeBytes } from "./workloads.js";

const WORKLOADS = 400;
/** Times are whole steps, so that many events are at the same time. */
const STEP_US = SECOND / 4;

interface World {
  readonly machine: Machine;
  readonly calls: readonly Call[];
}

/** Ten functions at most, memory for one to a dozen containers, 60 calls in up to 60 s. */
function randomWorld(seed: number): World {
  const random = new RandomStreams(seed).get("cross/concurrency");
  const draw = (from: number, to: number) => from + Math.floor(random.next() * (to - from + 1));
  const functions = draw(2, 10);
  const spanSteps = draw(40, 240);
  const bytes = Array.from({ length: functions }, (_, id) => primeBytes(id));
  const calls = Array.from({ length: 60 }, () => ({
    atUs: draw(0, spanSteps) * STEP_US,
    functionId: Math.min(draw(0, functions - 1), draw(0, functions - 1)),
    runUs: draw(1, 12) * STEP_US,
  }));
  return {
    machine: {
      memoryBytes: draw(1_000, 3_000) * MIB,
      bytes,
      createUs: bytes.map(() => draw(1, 6) * STEP_US),
      destroyUs: draw(0, 2) * STEP_US,
    },
    calls: calls.toSorted((a, b) => a.atUs - b.atUs),
  };
}

/**
 * Starts of the engine. Each function has a package whose import takes the time of its creation, and
 * no memory.
 */
async function replayInEngine(policy: string, { machine, calls }: World) {
  const functions = machine.bytes.map((memoryBytes, id) =>
    makeFunction({ memoryBytes, closure: [id] }),
  );
  const { importScale, containerDestroy } = ROUND_COSTS.costs;
  const told = await tell({
    functions,
    packages: machine.createUs.map((importUs) => makePackage({ importUs, memoryBytes: 0 })),
    arrivals: calls.map(({ atUs, functionId, runUs }) => [atUs, functionId, runUs] as const),
    policies: { evict: makeBuiltIn("evict", policy, functions, machine.memoryBytes) },
    config: {
      memoryLimitBytes: machine.memoryBytes,
      cores: 1_000,
      queueTimeoutUs: Number.POSITIVE_INFINITY,
    },
    costs: {
      ...ROUND_COSTS,
      costs: {
        ...ROUND_COSTS.costs,
        importScale: { ...importScale, value: 1 },
        containerDestroy: { ...containerDestroy, value: machine.destroyUs },
      },
    },
  });
  return told.recording.ended_
    .map((ended) => rowOf(ended, ended.start, ended.queueUs, ended.arrivedAtUs))
    .toSorted();
}

const rowOf = (
  { functionId, runUs }: { functionId: number; runUs: number },
  start: string,
  queueUs: number,
  atUs: number,
) => `arrived ${atUs}, function ${functionId}, run ${runUs}: ${start} after ${queueUs}`;

const rowsOf = (starts: readonly Start[]) =>
  starts.map(({ call, kind, queueUs }) => rowOf(call, kind, queueUs, call.atUs)).toSorted();

const gdsf = { ages: true, mayTie: false };
const aging = { ages: true, mayTie: true };
const ageless = { ages: false, mayTie: true };

/** One line per policy that ranks idle containers. There are no Zygotes, so three of them are LRU. */
const RANKINGS: readonly (readonly [policy: string, make: (machine: Machine) => Ranking])[] = [
  ["lru", leastRecentlyUsed],
  ["sock", leastRecentlyUsed],
  ["openlambda:unit=0", leastRecentlyUsed],
  [
    "gdsf",
    (machine) =>
      greedyDualRanking(machine, {
        ...gdsf,
        worth: (f, { uses }) => (uses * machine.createUs[f]) / machine.bytes[f],
      }),
  ],
  [
    "cidre",
    (machine) =>
      greedyDualRanking(machine, {
        ...gdsf,
        worth: (f, { uses, containers }) =>
          (uses * machine.createUs[f]) / (machine.bytes[f] * containers),
      }),
  ],
  [
    "freq-over-size",
    (machine) =>
      greedyDualRanking(machine, {
        ...aging,
        worth: (f, { uses }) => uses / machine.bytes[f],
      }),
  ],
  [
    "freq-times-cost",
    (machine) =>
      greedyDualRanking(machine, {
        ...aging,
        worth: (f, { uses }) => uses * machine.createUs[f],
      }),
  ],
  [
    "size-desc",
    (machine) => greedyDualRanking(machine, { ...ageless, worth: (f) => -machine.bytes[f] }),
  ],
  ["lfu", (machine) => greedyDualRanking(machine, { ...ageless, worth: (_, { uses }) => uses })],
  [
    "lfu:aging=true",
    (machine) => greedyDualRanking(machine, { ...aging, worth: (_, { uses }) => uses }),
  ],
  ["landlord", landlord],
  ["fifo", firstInFirstOut],
  ["sieve", sieve],
  ["s3-fifo", s3Fifo],
  ["2q", twoQ],
  ["arc", arc],
  ["lirs", lirs],
  ["w-tinylfu", wTinyLfu],
  ["hyperbolic", hyperbolic],
];

test.each(RANKINGS)(
  `evict=%s: every start of ${WORKLOADS} random workloads has the kind and the queue time that an event-by-event reference gives it`,
  async (policy, make) => {
    let tied = 0;
    for (let seed = 1; seed <= WORKLOADS; seed++) {
      const world = randomWorld(seed);
      const ranking = make(world.machine);
      const expected = rowsOf(replayByEvent(world.machine, world.calls, ranking));
      if (ranking.tied?.()) tied++;
      else expect(await replayInEngine(policy, world), `seed ${seed}`).toEqual(expected);
    }
    expect(tied).toBeLessThan(WORKLOADS / 4);
  },
);

test.skipIf(DATA_ABSENT).each(RANKINGS)(
  "evict=%s: every start of the first 998 invocations of Azure 2021 has the kind and the queue time of the reference (skipped: ../shared/data is absent)",
  async (policy, make) => {
    const world = await realWorld();
    const ranking = make(world.machine);
    const starts = replayByEvent(world.machine, world.calls, ranking);
    // Containers that served nobody yet have no uses, so two functions may tie under these.
    if (ranking.tied?.()) expect(["gdsf", "cidre"]).toContain(policy);
    else expect(await replayInEngine(policy, world)).toEqual(rowsOf(starts));
    for (const kind of ["cold", "warm"])
      expect(starts.filter((start) => start.kind === kind).length, kind).toBeGreaterThan(100);
  },
);

/** Times of the trace, sizes that are primes, and memory for a few containers. */
async function realWorld(): Promise<World> {
  const file = "azure2021/sample998_AzureFunctionsInvocationTraceForTwoWeeksJan2021.csv";
  const arrivals = await listArrivals(await azure2021.open(join(DATA_FOLDER, file), cutOf()));
  const names = [...new Set(arrivals.map(({ name }) => name))];
  return {
    machine: {
      memoryBytes: 4_000 * MIB,
      bytes: names.map((_, id) => primeBytes(id)),
      createUs: names.map((_, id) => (1 + (id % 7)) * STEP_US),
      destroyUs: STEP_US,
    },
    calls: arrivals.map(({ atUs, name, runUs }) => ({
      atUs,
      functionId: names.indexOf(name),
      runUs,
    })),
  };
}

test("the random workloads have starts of every kind, queues, evictions and several containers per function", () => {
  const kinds = new Map<string, number>();
  let evictions = 0;
  let mostOfOneFunction = 0;
  for (let seed = 1; seed <= WORKLOADS; seed++) {
    const { machine, calls } = randomWorld(seed);
    const live = machine.bytes.map(() => 0);
    const ranking: Ranking = {
      ...leastRecentlyUsed(),
      ready: ({ functionId }) => {
        mostOfOneFunction = Math.max(mostOfOneFunction, ++live[functionId]);
      },
      gone: ({ functionId }) => {
        evictions++;
        live[functionId]--;
      },
    };
    for (const { kind, queueUs } of replayByEvent(machine, calls, ranking)) {
      const name = queueUs > 0 ? `${kind} after a wait` : kind;
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
    }
  }
  for (const kind of ["cold", "cold after a wait", "warm", "delayed-warm after a wait"])
    expect(kinds.get(kind), kind).toBeGreaterThan(WORKLOADS);
  expect(evictions).toBeGreaterThan(WORKLOADS);
  expect(mostOfOneFunction).toBeGreaterThanOrEqual(3);
});

import { expect, test } from "vitest";
import { expandGrid, type GivenAxes, readGrid } from "../../../src/cli/sweep-grid.js";
import type { Workload } from "../../../src/contract/workload.js";
import { WorkloadReader } from "../../../src/lab/run/read-workload.js";
import { makeFolder } from "../../trace/temporary-files.js";

/**
 * Tables in the format of Azure 2019: counts per minute, which the seed places within the minute,
 * and no packages.
 */
const PERCENTILES = [0, 1, 25, 50, 75, 99, 100].map((p) => `percentile_Average_${p}`).join(",");
const MINUTES = Array.from({ length: 20 }, (_, minute) => minute + 1);
const FUNCTIONS = ["f", "g", "h", "i", "j"];
const TABLES: Readonly<Record<string, string>> = {
  "invocations_per_function_md.anon.d01.csv": [
    ["HashOwner,HashApp,HashFunction,Trigger", ...MINUTES],
    ...FUNCTIONS.map((name, id) => [
      `o,a,${name},http`,
      ...MINUTES.map((minute) => minute % (id + 2)),
    ]),
  ].join("\n"),
  "function_durations_percentiles.anon.d01.csv": [
    `HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,${PERCENTILES}`,
    ...FUNCTIONS.map((name) => `o,a,${name},20,3,1,90,10,10,20,20,20,30,40`),
  ].join("\n"),
  "app_memory_percentiles.anon.d01.csv":
    "HashOwner,HashApp,SampleCount,AverageAllocatedMb\no,a,10,200\n",
};

test("one seed gives every policy and machine the same arrivals, run times and packages", async () => {
  const trace = makeFolder(TABLES);
  const [sock, other, otherSeed] = await Promise.all(
    [
      { policy: "sock", memory: "1GiB" },
      { policy: "openwhisk", cores: "9" },
      { policy: "sock", memory: "1GiB", seed: "2" },
    ].map(async (given) => contentOf(await read(new WorkloadReader(), trace, given))),
  );
  expect(other).toBe(sock);
  expect(otherSeed).not.toBe(sock);
});

test("runs that differ only in policy or machine share the workload that was read", async () => {
  const trace = makeFolder(TABLES);
  const reader = new WorkloadReader();
  const first = await read(reader, trace, { policy: "sock" });
  expect(
    await read(reader, trace, { policy: "openwhisk", memory: "1GiB", costs: "costs.json" }),
  ).toBe(first);
  const otherSeed = await read(reader, trace, { seed: "2" });
  expect(otherSeed).not.toBe(first);
  expect(otherSeed.catalogue).toBe(first.catalogue);
});

test("a reader never returns the kept data of another cut: it returns what a new reader returns", async () => {
  const trace = makeFolder(TABLES);
  const reader = new WorkloadReader(2 ** 30);
  const cuts: readonly GivenAxes[] = [
    ...[
      {},
      { minutes: "5" },
      { from: "5", minutes: "5" },
      { speedup: "2" },
      { placement: "uniform" },
    ],
    ...[{ "run-times": "mean" }, { packages: "none" }, { functions: "2" }],
    ...[{ functions: "2", seed: "2" }, { functions: "2" }],
  ];
  for (const given of cuts) {
    for (const pass of [1, 2]) {
      const kept = await read(reader, trace, given);
      const fresh = await read(new WorkloadReader(), trace, given);
      expect(await contentOf(kept), `${JSON.stringify(given)} ${pass}`).toBe(
        await contentOf(fresh),
      );
    }
  }
});

function read(reader: WorkloadReader, trace: string, given: GivenAxes): Promise<Workload> {
  return reader.read(expandGrid(readGrid(given), trace)[0].settings);
}

/** Functions with their packages, and all arrivals. */
async function contentOf(workload: Workload): Promise<string> {
  const functions = workload.functions.map(({ name, memoryBytes, closure }) => [
    ...[name, memoryBytes],
    ...closure.ids,
  ]);
  const arrivals: (readonly number[])[] = [];
  const source = workload.arrivals();
  for (;;) {
    const batch = await source.next();
    if (batch === null) return JSON.stringify([functions, arrivals]);
    for (let at = 0; at < batch.count; at++) {
      arrivals.push([batch.atUs[at], batch.functionId[at], batch.runUs[at]]);
    }
  }
}

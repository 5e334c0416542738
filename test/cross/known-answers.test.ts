import { expect, test } from "vitest";
import { BYTES_PER_MIB } from "../../src/basics/units.js";
import {
  type Arrival,
  MINUTE,
  makeFunction,
  makePackage,
  ROUND_COSTS,
  SECOND,
  type Story,
  tell,
} from "../engine/harness.js";
import { makeBuiltIn } from "./replay-engine.js";

const startsOf = async (story: Story) =>
  (await tell(story)).recording.ended_.map(({ start }) => start);

test("evict=gdsf with functions A, B and C of 1, 0.1 and 0.3 s and room for two evicts B, C, B, C, B, and A only at 70 s", async () => {
  const A = 0;
  const B = 1;
  const C = 2;
  // All have one size, so priorities are clock + uses x seconds. A and B are there at 10 s.
  //   at    called  priorities before the eviction   evicted   clock
  //   20 s  C       A 1    B 0 + 0.1 = 0.1           B         0.1
  //   30 s  B       A 1    C 0.1 + 0.3 = 0.4         C         0.4
  //   40 s  C       A 1    B 0.4 + 0.1 = 0.5         B         0.5
  //   50 s  B       A 1    C 0.5 + 0.3 = 0.8         C         0.8
  //   60 s  C       A 1    B 0.8 + 0.1 = 0.9         B         0.9
  //   70 s  B       A 1    C 0.9 + 0.3 = 1.2         A         1
  const functions = [A, B, C].map((id) => makeFunction({ closure: [id] }));
  const packages = [1, 0.1, 0.3].map((seconds) =>
    makePackage({ importUs: seconds * SECOND, memoryBytes: 0 }),
  );
  const { importScale } = ROUND_COSTS.costs;
  const calls = [A, B, C, B, C, B, C, B, C, A];
  const starts = await startsOf({
    functions,
    packages,
    arrivals: calls.map((id, at): Arrival => [at * 10 * SECOND, id, 0]),
    policies: { evict: makeBuiltIn("evict", "gdsf", functions, 200 * BYTES_PER_MIB) },
    config: { memoryLimitBytes: 200 * BYTES_PER_MIB },
    costs: {
      ...ROUND_COSTS,
      costs: { ...ROUND_COSTS.costs, importScale: { ...importScale, value: 1 } },
    },
  });
  // Until 70 s everything is cold. At 80 s C is still there, as A went and not C; at 90 s A is cold.
  expect(starts).toEqual([...Array(8).fill("cold"), "warm", "cold"]);
});

test("evict=openlambda keeps the last 8 of twelve containers of 50 MiB in 500 MiB", async () => {
  // 500 MiB are 10 units of 50 MiB. Free are to be 1 + (10 - 2) x 20 / 100 = 2.6, cut to 2 units, so
  // 8 units remain for idle containers: the ninth to the twelfth each send the oldest one away.
  const functions = Array.from({ length: 12 }, () =>
    makeFunction({ memoryBytes: 50 * BYTES_PER_MIB }),
  );
  const { engine, recording } = await tell({
    functions,
    arrivals: functions.map((_, id): Arrival => [id * SECOND, id, 0]),
    policies: { evict: makeBuiltIn("evict", "openlambda", functions, 500 * BYTES_PER_MIB) },
    config: { memoryLimitBytes: 500 * BYTES_PER_MIB },
    endUs: MINUTE,
  });
  const { containers, memory } = engine.view;
  const idle = functions.map((_, id) => containers.idleCountOf(id));
  expect(idle).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  expect(memory.usedBytes).toBe(400 * BYTES_PER_MIB);
  expect(recording.leftTier.filter(({ evicted }) => evicted).length).toBe(4);
});

/** Starts under a keep-alive policy with unlimited memory. */
function startsUnder(keepAlive: string, apps: readonly number[], arrivals: readonly Arrival[]) {
  const functions = apps.map((app) => makeFunction({ app }));
  const policy = makeBuiltIn("keep-alive", keepAlive, functions, Number.POSITIVE_INFINITY);
  return startsOf({ functions, arrivals, policies: { "keep-alive": policy } });
}

test("keep-alive=hybrid-histogram has one cold start for a function that is called every 20 minutes", async () => {
  // Without a histogram that stands out a container is kept for four hours, so the second start is
  // warm. With one, all idle times are in the bin of 20 minutes: the container goes at once, comes
  // again before the 20th minute, and is kept beyond it.
  const arrivals = Array.from({ length: 30 }, (_, at): Arrival => [at * 20 * MINUTE, 0, 0]);
  const starts = await startsUnder("hybrid-histogram", [0], arrivals);
  expect(starts).toEqual(["cold", ...Array(29).fill("warm")]);
});

test("keep-alive=hybrid-histogram has two cold starts for two applications of one function each, called in turn every 20 minutes", async () => {
  const arrivals = Array.from({ length: 30 }, (_, at): Arrival => [at * 20 * MINUTE, at % 2, 0]);
  const starts = await startsUnder("hybrid-histogram", [0, 1], arrivals);
  expect(starts).toEqual(["cold", "cold", ...Array(28).fill("warm")]);
});

test("keep-alive=fixed:keep=10m has two cold starts in every burst of ten calls that overlap in pairs, 20 minutes after the last", async () => {
  // Calls 1 s apart run 1.5 s: the second finds the first still busy, the third finds it idle, and so
  // on, so two containers serve the burst. Both have expired when the next burst begins.
  const arrivals = Array.from({ length: 60 }, (_, at): Arrival => {
    return [Math.floor(at / 10) * 20 * MINUTE + (at % 10) * SECOND, 0, 1.5 * SECOND];
  });
  const starts = await startsUnder("fixed:keep=10m", [0], arrivals);
  const burst = ["cold", "cold", ...Array(8).fill("warm")];
  expect(starts).toEqual(Array(6).fill(burst).flat());
});

test("keep-alive=hybrid-histogram has at most two cold starts in every burst of ten calls that overlap in pairs, as containers stay until the last of them is idle", async () => {
  // Two containers serve a burst, as above. They are kept for four hours until the histogram has an
  // idle time, so the second burst finds both. From then on both are unloaded 18 s after the burst
  // began, one is made again after 0.9 x 19 min, and the second call of a burst is cold.
  const arrivals = Array.from({ length: 60 }, (_, at): Arrival => {
    return [Math.floor(at / 10) * 20 * MINUTE + (at % 10) * SECOND, 0, 1.5 * SECOND];
  });
  const starts = await startsUnder("hybrid-histogram", [0], arrivals);
  const coldIn = (burst: number) =>
    starts.slice(burst * 10, burst * 10 + 10).filter((start) => start === "cold").length;
  expect([0, 1, 2, 3, 4, 5].map(coldIn)).toEqual([2, 0, 1, 1, 1, 1]);
});

test("keep-alive=hybrid-histogram has two cold starts for two functions of one application that are called in turn every 20 minutes", async () => {
  // A container serves one function, so each function has its own histogram: as for two applications.
  const arrivals = Array.from({ length: 12 }, (_, at): Arrival => [at * 20 * MINUTE, at % 2, 0]);
  const starts = await startsUnder("hybrid-histogram", [0, 0], arrivals);
  expect(starts).toEqual(["cold", "cold", ...Array(10).fill("warm")]);
});

test("keep-alive=hybrid-histogram finds a function warm every 20 minutes although others fill the machine", async () => {
  // Ten containers fit. Function 0 is called at 0, 20, 40 min, functions 1 to 10 one by one at 1 to
  // 10 min after it, and their containers stay until evicted. At 10 min function 0 is evicted, so
  // the call at 20 min is cold. Then its window ends 18 min after each call: the container is made in
  // the place of the one that has been idle for longest.
  const functions = Array.from({ length: 11 }, () => makeFunction());
  const hybrid = makeBuiltIn("keep-alive", "hybrid-histogram", functions, Number.POSITIVE_INFINITY);
  const { recording } = await tell({
    functions,
    arrivals: Array.from({ length: 11 * 11 }, (_, at): Arrival => {
      return [(Math.floor(at / 11) * 20 + (at % 11)) * MINUTE, at % 11, 0];
    }),
    policies: {
      "keep-alive": {
        onArrival: (view, id) => hybrid.onArrival!(view, id),
        decide(view, container, decision) {
          if (view.containers.functionOf(container) === 0) hybrid.decide(view, container, decision);
        },
      },
    },
    config: { memoryLimitBytes: 1000 * BYTES_PER_MIB },
  });
  const starts = recording.ended_.filter(({ functionId }) => functionId === 0);
  expect(starts.map(({ start }) => start)).toEqual(["cold", "cold", ...Array(9).fill("warm")]);
  expect(recording.prewarms).toEqual({ due: 9, made: 9, used: 9 });
});

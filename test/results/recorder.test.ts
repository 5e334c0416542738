import { expect, test } from "vitest";
import { PHASES } from "../../src/contract/backend.js";
import {
  COLD,
  COMPLETED,
  DELAYED_WARM,
  InvocationRecord,
  REJECTED,
  RESUMED,
  ROOT_ZYGOTE,
  TIMED_OUT,
  WARM,
  ZYGOTE,
  ZYGOTE_BUILT,
} from "../../src/contract/observer.js";
import { Recorder } from "../../src/results/recorder.js";
import { resultSchema } from "../../src/results/result.js";
import { factsOf, memoryView, recorderOf } from "./samples.js";

function end(
  recorder: Recorder,
  part: Partial<InvocationRecord>,
  phasesUs: Readonly<Record<string, number>> = {},
) {
  const record = Object.assign(
    new InvocationRecord(),
    { outcome: COMPLETED, startKind: WARM },
    part,
  );
  for (const [index, phase] of PHASES.entries()) record.phaseUs[index] = phasesUs[phase] ?? 0;
  const { arrivedAtUs, functionId, startKind } = record;
  recorder.arrived(arrivedAtUs, functionId);
  if (startKind >= 0) recorder.started(arrivedAtUs, functionId, startKind);
  recorder.ended(arrivedAtUs + record.runUs, record);
}

test("outcomes sum to the arrivals, and only invocations that started have times", () => {
  const recorder = recorderOf(["a", "b"]);
  for (let i = 0; i < 7; i++) end(recorder, { runUs: 100 });
  end(recorder, { startKind: COLD, provisionUs: 900, runUs: 100 }, { create: 400, load: 500 });
  end(recorder, { startKind: -1, outcome: TIMED_OUT, queueUs: 60_000_000, functionId: 1 });
  end(recorder, { startKind: -1, outcome: REJECTED, functionId: 1 });
  const { invocations, timesUs } = recorder.finish(factsOf());
  expect(invocations).toMatchObject({ total: 10, completed: 8, timedOut: 1, rejected: 1 });
  expect(invocations).toMatchObject({ warm: 7, cold: 1, zygote: 0 });
  expect([timesUs.startup.count, timesUs.queue.count, timesUs.run.count]).toEqual([8, 8, 8]);
  expect(timesUs.queue.max).toBe(0); // the timed-out invocation waited a minute, but it is not a start
  // Seven waited 0 and one 900, so the median is 0 and the mean 900 / 8.
  expect(timesUs.startup).toMatchObject({ p50: 0, p99: 900, max: 900, mean: 112.5 });
  expect(timesUs.response).toMatchObject({ p50: 100, max: 1000 }); // 900 + 100
});

test("a phase is counted over the starts that had it", () => {
  const recorder = recorderOf(["a"]);
  end(recorder, { startKind: COLD, provisionUs: 900 }, { create: 400, import: 500 });
  end(recorder, { startKind: ZYGOTE, provisionUs: 30 }, { fork: 30 });
  end(recorder, {});
  const { timesUs, startupByKindUs } = recorder.finish(factsOf());
  expect(timesUs.create).toMatchObject({ count: 1, mean: 400 });
  expect(timesUs.import).toMatchObject({ count: 1, mean: 500 });
  expect(timesUs.fork).toMatchObject({ count: 1, mean: 30 });
  expect(timesUs.install).toMatchObject({ count: 0, mean: 0, max: 0 });
  expect(startupByKindUs.cold).toMatchObject({ count: 1, p50: 900 });
  expect(startupByKindUs.zygote).toMatchObject({ count: 1, p50: 30 });
  expect(startupByKindUs.warm).toMatchObject({ count: 1, p50: 0 });
  expect(startupByKindUs.rootZygote.count).toBe(0);
});

test("a phase of an instant start is not read, because the engine leaves old figures there", () => {
  const recorder = recorderOf(["a"]);
  end(recorder, { queueUs: 5 }, { create: 400 });
  expect(recorder.finish(factsOf()).timesUs.create.count).toBe(0);
});

test("a cold start that took no time still counts as cold", () => {
  const recorder = recorderOf(["a"]);
  end(recorder, { startKind: COLD, runUs: 5 });
  const { functions, invocations, startupByKindUs, timesUs } = recorder.finish(factsOf());
  expect([functions[0].cold, invocations.cold, startupByKindUs.cold.count]).toEqual([1, 1, 1]);
  expect([timesUs.run.max, timesUs.response.max, timesUs.startup.max]).toEqual([5, 5, 0]);
});

test("each function has its own counts by kind of start, and one that was never called has no row", () => {
  const recorder = recorderOf(["a", "idle", "b"]);
  for (let i = 0; i < 3; i++) end(recorder, { functionId: 0 });
  end(recorder, { functionId: 2, startKind: COLD, provisionUs: 700 });
  end(recorder, { functionId: 2, startKind: ZYGOTE_BUILT, provisionUs: 300 });
  end(recorder, { functionId: 2, startKind: -1, outcome: REJECTED });
  const none = { warm: 0, resumed: 0, delayedWarm: 0, zygote: 0, zygoteBuilt: 0, rootZygote: 0 };
  expect(recorder.finish(factsOf()).functions).toEqual([
    {
      ...none,
      ...{ name: "a", application: "app of a", owner: "", trigger: "http" },
      ...{ invocations: 3, warm: 3, cold: 0, neverStarted: 0, coldShare: 0 },
      startupUs: { p50: 0, p75: 0, p90: 0, p95: 0, p99: 0 },
    },
    {
      ...none,
      ...{ name: "b", application: "app of b", owner: "", trigger: "http" },
      // two of three invocations needed a container that was made for them
      ...{ invocations: 3, cold: 1, zygoteBuilt: 1, neverStarted: 1, coldShare: 2 / 3 },
      // of the startups 300 and 700 us, the first is at rank ceil(0.5 x 2) = 1
      startupUs: { p50: 300, p75: 700, p90: 700, p95: 700, p99: 700 },
    },
  ]);
});

test("1 cold, 1 warm and 3 that timed out while they waited: a hit ratio of 1/5, and 1/2 of those that started", () => {
  const recorder = recorderOf(["a"]);
  end(recorder, { startKind: COLD, provisionUs: 500 });
  end(recorder, { startKind: WARM });
  for (let i = 0; i < 3; i++)
    end(recorder, { startKind: -1, outcome: TIMED_OUT, queueUs: 60_000_000 });
  const { tiers, coldStarts, functions } = recorder.finish(factsOf());
  expect(tiers.handler).toMatchObject({ hits: 1, misses: 4, hitRatio: 0.2 });
  expect(tiers.handler.hitRatioOfStarted).toBe(0.5);
  expect(coldStarts).toMatchObject({ count: 1, share: 0.2, shareOfStarted: 0.5, provisionUs: 500 });
  expect(functions[0]).toMatchObject({ invocations: 5, neverStarted: 3, coldShare: 0.2 });
});

test("the 75th percentile of cold shares counts each unit once: functions 0, 1/4, 1/2 and 1; applications 1/6 and 2/3", () => {
  const functions = ["a", "b", "c", "d", "never called"].map((name, id) => {
    const app = id < 2 ? 0 : 1;
    return { name, app, application: `${app}`, owner: "", trigger: "http", coldStartUs: 1 };
  });
  const recorder = new Recorder(functions, { fromUs: 0, untilUs: 60_000_000 });
  const starts = [
    [WARM, WARM], // a: 0 of 2
    [ZYGOTE, WARM, RESUMED, DELAYED_WARM], // b: 1 of 4; with a, 1 of 6
    [ROOT_ZYGOTE, WARM], // c: 1 of 2
    [COLD], // d: 1 of 1; with c, 2 of 3
  ];
  for (const [functionId, kinds] of starts.entries())
    for (const startKind of kinds) end(recorder, { functionId, startKind });
  const { coldStarts } = recorder.finish(factsOf());
  // rank ceil(0.75 x 4) = 3 of 0, 1/4, 1/2, 1; rank ceil(0.75 x 2) = 2 of 1/6, 2/3
  expect(coldStarts.functionShareP75).toBe(0.5);
  expect(coldStarts.applicationShareP75).toBe(2 / 3);
  expect(coldStarts.share).toBe(3 / 9);
});

test("a hit weighs as much as the cold start that it saves: 9 hits of a cheap and 1 miss of a dear function", () => {
  const of = (name: string, app: number, coldStartUs: number) => ({
    ...{ name, app, application: name, owner: "", trigger: "http", coldStartUs },
  });
  const functions = [of("cheap", 0, 100_000), of("dear", 1, 1_100_000)];
  const recorder = new Recorder(functions, { fromUs: 0, untilUs: 60_000_000 });
  for (let i = 0; i < 9; i++) end(recorder, { functionId: 0 });
  end(recorder, { functionId: 1, startKind: COLD, provisionUs: 1_100_000 });
  const { handler } = recorder.finish(factsOf()).tiers;
  expect(handler.hitRatio).toBe(0.9);
  expect(handler.costWeightedHitRatio).toBe(0.45); // 9 x 0.1 s of 9 x 0.1 s + 1.1 s
});

test("a warm-up is left out of every figure except the timeline", () => {
  const recorder = recorderOf(["a"], { fromUs: 60_000_000, untilUs: 120_000_000 });
  const lookups = {
    ...{ importHit: false, packagesNeeded: 2, packagesFound: 0 },
    ...{ importNeededUs: 9, importSavedUs: 0, installHits: 0, installMisses: 2 },
  };
  end(recorder, { startKind: COLD, provisionUs: 900, lookups });
  recorder.inserted(900, "handler");
  recorder.minuteEnded(60_000_000, memoryView({}), 0);
  end(recorder, { arrivedAtUs: 59_999_999, runUs: 5_000_000 }); // it ends later, but came before
  end(recorder, { arrivedAtUs: 60_000_000 });
  recorder.left(61_000_000, "handler", false);
  recorder.inserted(121_000_000, "handler"); // after the trace's span
  const result = recorder.finish(factsOf({ spanUs: 130_000_000 }));
  expect(result.measured).toEqual({
    ...{ fromUs: 60_000_000, untilUs: 120_000_000, invocationsBefore: 2 },
  });
  expect(result.invocations).toMatchObject({ total: 1, completed: 1, warm: 1, cold: 0 });
  expect(result.coldStarts).toMatchObject({ count: 0, share: 0, provisionUs: 0 });
  expect(result.tiers.handler).toMatchObject({ hits: 1, misses: 0, insertions: 0, expirations: 1 });
  expect(result.tiers.import).toMatchObject({ hits: 0, misses: 0, packagesNeeded: 0 });
  expect(result.tiers.install).toMatchObject({ hits: 0, misses: 0 });
  expect(result.functions[0]).toMatchObject({ invocations: 1, cold: 0 });
  expect(result.timesUs.run).toMatchObject({ count: 1, max: 0 });
  expect(result.timeline.map(({ arrivals }) => arrivals)).toEqual([1, 2]);
});

test("each minute counts its own arrivals, starts and losses, and the rest after the last full minute is a row too", () => {
  const recorder = recorderOf(["a"]);
  end(recorder, {});
  end(recorder, { startKind: COLD, provisionUs: 1 });
  recorder.minuteEnded(60_000_000, memoryView({ handlerBytes: 5 }), 3);
  end(recorder, { startKind: ROOT_ZYGOTE, provisionUs: 1 });
  end(recorder, { startKind: -1, outcome: TIMED_OUT });
  const { timeline } = recorder.finish(factsOf({ spanUs: 61_000_000 }));
  const none = { cold: 0, zygote: 0, zygoteBuilt: 0, rootZygote: 0, warm: 0, lost: 0 };
  const idle = { runningBytes: 0, handlerBytes: 0, zygoteBytes: 0, queueLength: 0 };
  expect(timeline).toEqual([
    {
      ...none,
      ...idle,
      atUs: 60_000_000,
      arrivals: 2,
      cold: 1,
      warm: 1,
      handlerBytes: 5,
      queueLength: 3,
    },
    { ...none, ...idle, atUs: 61_000_000, arrivals: 2, rootZygote: 1, lost: 1, handlerBytes: 5 },
  ]);
});

test("a tier that was never looked up has no hit ratio; 3 hits of 4 are 0.75", () => {
  const recorder = recorderOf(["a"]);
  const nothing = {
    ...{ importHit: false, packagesNeeded: 0, packagesFound: 0, importNeededUs: 0 },
    importSavedUs: 0,
  };
  for (const [installHits, installMisses] of [
    [2, 1],
    [1, 0],
  ])
    end(recorder, { startKind: COLD, lookups: { ...nothing, installHits, installMisses } });
  recorder.inserted(0, "install");
  recorder.left(0, "install", true);
  recorder.left(0, "handler", false);
  const { tiers } = recorder.finish(factsOf());
  expect(tiers.install).toMatchObject({ hits: 3, misses: 1, hitRatio: 0.75 });
  expect(tiers.install).toMatchObject({ insertions: 1, evictions: 1 });
  // a function without packages looks up no Zygote
  expect(tiers.import).toMatchObject({ hits: 0, misses: 0, hitRatio: null, packageHitRatio: null });
  expect(tiers.handler).toMatchObject({ hitRatio: 0, expirations: 1, evictions: 0 });
});

test("a Zygote with 1 of 10 packages is a hit, and 1 of 10 packages; one that had to be built is a miss", () => {
  const recorder = recorderOf(["a"]);
  const ten = { packagesNeeded: 10, importNeededUs: 1000, installHits: 0, installMisses: 0 };
  const lookups = { ...ten, importHit: true, packagesFound: 1, importSavedUs: 400 };
  end(recorder, { startKind: ZYGOTE, lookups });
  const built = { ...ten, importHit: false, packagesFound: 0, importSavedUs: 0 };
  end(recorder, { startKind: ZYGOTE_BUILT, lookups: built });
  expect(recorder.finish(factsOf()).tiers.import).toMatchObject({
    ...{ hits: 1, misses: 1, hitRatio: 0.5 },
    ...{ packagesNeeded: 20, packagesFound: 1, packageHitRatio: 0.05 },
    ...{ importNeededUs: 2000, importSavedUs: 400 },
  });
});

test("each invocation is one lookup of the handler tier: 2 warm of 5 are a hit ratio of 0.4", () => {
  const recorder = recorderOf(["a"]);
  for (const startKind of [WARM, WARM, COLD, ZYGOTE]) end(recorder, { startKind });
  end(recorder, { startKind: -1, outcome: REJECTED });
  const { handler } = recorder.finish(factsOf()).tiers;
  expect(handler).toMatchObject({ hits: 2, misses: 3, hitRatio: 0.4, hitRatioOfStarted: 0.5 });
});

test("wasted memory time is handler + zygote less what running forks share, and means are over the measured span", () => {
  const result = recorderOf([], { fromUs: 2_000_000, untilUs: 12_000_000 }).finish(
    factsOf({
      spanUs: 25_000_000, // runs that began in the trace's span end 13 s after it
      memory: {
        ...{ peakBytes: 900, byteUs: [2e9, 3e9, 5e9], zygoteInUseByteUs: 4e9 },
        tierPeakBytes: [400, 500, 600],
      },
      disk: { peakBytes: 70, byteUs: 4e8 },
    }),
  );
  expect(result.memory).toEqual({
    limitBytes: null,
    peakBytes: 900,
    meanBytes: 1000, // (2e9 + 3e9 + 5e9) byte-us / 1e7 us
    runningByteSeconds: 2000,
    handlerByteSeconds: 3000,
    zygoteByteSeconds: 5000,
    zygoteInUseByteSeconds: 4000,
    wastedByteSeconds: 4000, // 3000 + 5000 - 4000
  });
  expect(result.tiers.handler).toMatchObject({ bytesPeak: 500, bytesMean: 300 });
  expect(result.tiers.import).toMatchObject({ bytesPeak: 600, bytesMean: 500 });
  expect(result.tiers.install).toMatchObject({ bytesPeak: 70, bytesMean: 40 });
});

test("a warning that occurs three times is one row with a count of three", () => {
  const recorder = recorderOf([]);
  for (const text of ["first", "second", "third"]) recorder.warned("over-limit", text);
  expect(recorder.finish(factsOf()).warnings).toEqual([
    { code: "over-limit", text: "first", count: 3 },
  ]);
});

test("an invocation that never ended breaks an invariant", () => {
  const recorder = recorderOf(["a"]);
  recorder.arrived(0, 0);
  expect(() => recorder.finish(factsOf())).toThrow("1 invocations arrived and 0 ended");
});

test("a result survives JSON and its own schema unchanged, with unlimited memory as null", () => {
  const recorder = recorderOf(["a"]);
  end(recorder, { startKind: COLD, provisionUs: 12_345, runUs: 7 });
  const result = recorder.finish(factsOf());
  expect(resultSchema.strict().parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
});

test("only real arrivals have a lateness, and results without it can still be read", () => {
  const recorder = recorderOf(["a"]);
  for (const lateUs of [0, 10, 50]) {
    end(recorder, {});
    recorder.late(lateUs);
  }
  const real = recorder.finish(factsOf());
  expect(real.timesUs.lateness).toMatchObject({ count: 3, mean: 20, p50: 10, max: 50 });
  expect(resultSchema.parse(real)).toEqual(real);
  const simulated = recorderOf(["a"]).finish(factsOf());
  expect("lateness" in simulated.timesUs).toBe(false);
  expect(resultSchema.parse(simulated)).toEqual(simulated);
});

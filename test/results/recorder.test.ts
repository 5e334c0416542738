import { expect, test } from "vitest";
import { PHASES } from "../../src/contract/backend.js";
import {
  COLD,
  COMPLETED,
  InvocationRecord,
  REJECTED,
  ROOT_ZYGOTE,
  TIMED_OUT,
  WARM,
  ZYGOTE,
} from "../../src/contract/observer.js";
import { Recorder } from "../../src/results/recorder.js";
import { resultSchema } from "../../src/results/result.js";
import { factsOf, memoryView } from "./samples.js";

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
  recorder.arrived(0, record.functionId);
  if (record.startKind >= 0) recorder.started(0, record.functionId, record.startKind);
  recorder.ended(0, record);
}

test("outcomes sum to the arrivals, and only invocations that started have times", () => {
  const recorder = new Recorder(["a", "b"]);
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
  const recorder = new Recorder(["a"]);
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
  const recorder = new Recorder(["a"]);
  end(recorder, { queueUs: 5 }, { create: 400 });
  expect(recorder.finish(factsOf()).timesUs.create.count).toBe(0);
});

test("a cold start that took no time still counts as cold", () => {
  const recorder = new Recorder(["a"]);
  end(recorder, { startKind: COLD, runUs: 5 });
  const { functions, invocations, startupByKindUs, timesUs } = recorder.finish(factsOf());
  expect([functions[0].cold, invocations.cold, startupByKindUs.cold.count]).toEqual([1, 1, 1]);
  expect([timesUs.run.max, timesUs.response.max, timesUs.startup.max]).toEqual([5, 5, 0]);
});

test("each function has its own counts, and one that was never called has no row", () => {
  const recorder = new Recorder(["a", "idle", "b"]);
  for (let i = 0; i < 3; i++) end(recorder, { functionId: 0 });
  end(recorder, { functionId: 2, startKind: COLD, provisionUs: 700 });
  end(recorder, { functionId: 2, startKind: -1, outcome: REJECTED });
  expect(recorder.finish(factsOf()).functions).toEqual([
    { name: "a", invocations: 3, cold: 0, startupUs: { p50: 0, p99: 0 } },
    { name: "b", invocations: 2, cold: 1, startupUs: { p50: 700, p99: 700 } },
  ]);
});

test("each minute counts its own arrivals, starts and losses, and the rest after the last full minute is a row too", () => {
  const recorder = new Recorder(["a"]);
  end(recorder, {});
  end(recorder, { startKind: COLD, provisionUs: 1 });
  recorder.minuteEnded(60_000_000, memoryView({ handlerBytes: 5 }), 3);
  end(recorder, { startKind: ROOT_ZYGOTE, provisionUs: 1 });
  end(recorder, { startKind: -1, outcome: TIMED_OUT });
  const { timeline } = recorder.finish(factsOf({ spanUs: 61_000_000 }));
  const none = { cold: 0, zygote: 0, rootZygote: 0, warm: 0, lost: 0 };
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
  const recorder = new Recorder([]);
  for (const hit of [true, true, false, true]) recorder.lookedUp("install", hit);
  recorder.inserted("install");
  recorder.left("install", true);
  recorder.left("handler", false);
  const { tiers } = recorder.finish(factsOf());
  expect(tiers.install).toMatchObject({
    hits: 3,
    misses: 1,
    hitRatio: 0.75,
    insertions: 1,
    evictions: 1,
  });
  expect(tiers.handler).toMatchObject({ hitRatio: null, expirations: 1, evictions: 0 });
});

test("each start is one lookup of the handler tier: 2 warm of 4 starts are a hit ratio of 0.5", () => {
  const recorder = new Recorder(["a"]);
  for (const startKind of [WARM, WARM, COLD, ZYGOTE]) end(recorder, { startKind });
  end(recorder, { startKind: -1, outcome: REJECTED });
  expect(recorder.finish(factsOf()).tiers.handler).toMatchObject({
    ...{ hits: 2, misses: 2, hitRatio: 0.5 },
  });
});

test("wasted memory time is handler + zygote, and means are over the run's span", () => {
  const result = new Recorder([]).finish(
    factsOf({
      spanUs: 10_000_000,
      memory: { peakBytes: 900, byteUs: [2e9, 3e9, 5e9], tierPeakBytes: [400, 500, 600] },
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
    wastedByteSeconds: 8000,
  });
  expect(result.tiers.handler).toMatchObject({ bytesPeak: 500, bytesMean: 300 });
  expect(result.tiers.import).toMatchObject({ bytesPeak: 600, bytesMean: 500 });
  expect(result.tiers.install).toMatchObject({ bytesPeak: 70, bytesMean: 40 });
});

test("a warning that occurs three times is one row with a count of three", () => {
  const recorder = new Recorder([]);
  for (const text of ["first", "second", "third"]) recorder.warned("over-limit", text);
  expect(recorder.finish(factsOf()).warnings).toEqual([
    { code: "over-limit", text: "first", count: 3 },
  ]);
});

test("an invocation that never ended breaks an invariant", () => {
  const recorder = new Recorder(["a"]);
  recorder.arrived(0, 0);
  expect(() => recorder.finish(factsOf())).toThrow("1 invocations arrived and 0 ended");
});

test("a result survives JSON and its own schema unchanged, with unlimited memory as null", () => {
  const recorder = new Recorder(["a"]);
  end(recorder, { startKind: COLD, provisionUs: 12_345, runUs: 7 });
  const result = recorder.finish(factsOf());
  expect(resultSchema.strict().parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
});

test("only real arrivals have a lateness, and results without it can still be read", () => {
  const recorder = new Recorder(["a"]);
  for (const lateUs of [0, 10, 50]) {
    end(recorder, {});
    recorder.late(lateUs);
  }
  const real = recorder.finish(factsOf());
  expect(real.timesUs.lateness).toMatchObject({ count: 3, mean: 20, p50: 10, max: 50 });
  expect(resultSchema.parse(real)).toEqual(real);
  const simulated = new Recorder(["a"]).finish(factsOf());
  expect("lateness" in simulated.timesUs).toBe(false);
  expect(resultSchema.parse(simulated)).toEqual(simulated);
});

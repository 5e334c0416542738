import { expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { RandomStreams } from "../../../src/basics/random.js";
import { rankCorrelation } from "../../../src/lab/calibrate/rank-correlation.js";
import { BackendDriver } from "../../../src/run/backend-driver.js";
import { CostModel } from "../../../src/sim/costs/cost-model.js";
import type { CostName, Costs } from "../../../src/sim/costs/costs.js";
import { SimBackend } from "../../../src/sim/sim-backend.js";
import { MIB, makeFunction, makePackage, ROUND_COSTS } from "../../engine/harness.js";

/** Costs of 0, except these. The interpreter has 10 MiB. */
function backendWith(values: Partial<Record<CostName, number>>, cores = 2) {
  const costs: Costs["costs"] = { ...ROUND_COSTS.costs };
  for (const [name, value] of Object.entries(values)) {
    costs[name as CostName] = { ...costs[name as CostName], value };
  }
  const backend = new SimBackend({
    costs: { ...ROUND_COSTS, costs },
    cores,
    packages: [makePackage({ importUs: 1_000, memoryBytes: 6 * MIB, installUs: 500_000 })],
    functions: [makeFunction({ closure: [0], memoryBytes: 26 * MIB })],
    streams: new RandomStreams(1),
  });
  return { backend, driver: new BackendDriver(backend) };
}

/** How long each phase takes that a test does not name. */
const NO_PHASES = { install: 0, create: 0, fork: 0, import: 0, load: 0, resume: 0 };
const PACKAGE = Int32Array.of(0);
const NOTHING = new Int32Array(0);

test("a forked container has the phases create, fork (floor and 3 us per inherited MiB), import (with the first one's addition) and load (with 2 us per MiB kept); `ready` is not a phase", async () => {
  const { backend, driver } = backendWith({
    containerCreate: 100,
    forkFloor: 50,
    forkPerMib: 3,
    importFixed: 200,
    importFirst: 900,
    importScale: 2,
    load: 400,
    loadPerMib: 2,
    ready: 70,
  });
  const zygote = await driver.perform(() => backend.createZygote(0, NONE, NOTHING));
  const made = await driver.perform(() => backend.createContainer(0, 0, 0, PACKAGE));
  // its handler keeps 26 - 10 - 6 = 10 MiB
  expect(made.phaseUs).toEqual({
    ...NO_PHASES,
    create: 100,
    fork: 80,
    import: 900 + 200 + 2 * 1_000,
    load: 420,
  });
  expect(made.atUs - zygote.atUs).toBe(100 + 80 + 3_100 + 420 + 70);
});

test("a container and a Zygote without a parent have separate costs, and no fork", async () => {
  const { backend, driver } = backendWith({
    freshCreate: 9_000,
    freshLoad: 600,
    ready: 70,
    freshZygoteCreate: 20_000,
    freshZygoteLoad: 3_000,
    zygoteReady: 30,
  });
  expect(await driver.perform(() => backend.createContainer(0, 0, NONE, NOTHING))).toMatchObject({
    atUs: 9_670,
    phaseUs: { ...NO_PHASES, create: 9_000, load: 600 },
  });
  expect(await driver.perform(() => backend.createZygote(0, NONE, NOTHING))).toMatchObject({
    atUs: 9_670 + 23_030,
    phaseUs: { ...NO_PHASES, create: 20_000, load: 3_000 },
  });
});

test("a fork of a Zygote inherits 10 MiB of interpreter and 6 of packages", async () => {
  const { backend, driver } = backendWith({ zygoteCreate: 10, zygoteForkFloor: 50, forkPerMib: 3 });
  await driver.perform(() => backend.createZygote(0, NONE, PACKAGE));
  const forked = await driver.perform(() => backend.createZygote(1, 0, NOTHING));
  expect(forked.phaseUs).toEqual({ ...NO_PHASES, create: 10, fork: 50 + 3 * 16 });
});

test("a first run, a warm one and a resumed one each have another overhead, which is not in the handler's time", async () => {
  const { backend, driver } = backendWith({
    firstRequest: 300,
    request: 200,
    resume: 250,
    firstRunFixed: 40,
    runFixed: 20,
    runScale: 1.1,
  });
  await driver.perform(() => backend.createContainer(0, 0, NONE, NOTHING));
  const run = async (resumes: boolean) => {
    const beganUs = backend.nowUs;
    const ended = await driver.perform(() => backend.run(0, 0, 1_000, resumes));
    return [ended.atUs - beganUs, ended.runUs, ended.phaseUs.resume];
  };
  expect(await run(false)).toEqual([300 + 40 + 1_100, 1_140, 0]);
  expect(await run(false)).toEqual([200 + 20 + 1_100, 1_120, 0]);
  // 250 contains the request's own 200: the pause costs 50
  expect(await run(true)).toEqual([250 + 20 + 1_100, 1_120, 50]);
});

test("a destruction takes 10 us per MiB of packages imported, 2 per MiB inherited, and 3 per MiB that the handler keeps", async () => {
  const { backend, driver } = backendWith({
    containerDestroy: 100,
    zygoteDestroy: 50,
    destroyPerMib: 10,
    destroyPerInheritedMib: 2,
    destroyPerKeptMib: 3,
  });
  await driver.perform(() => backend.createZygote(0, NONE, PACKAGE));
  await driver.perform(() => backend.createContainer(0, 0, NONE, PACKAGE));
  await driver.perform(() => backend.createContainer(1, 0, 0, NOTHING));
  const end = async (begin: () => void) => {
    const beganUs = backend.nowUs;
    return (await driver.perform(begin)).atUs - beganUs;
  };
  expect(await end(() => backend.destroyContainer(0))).toBe(100 + 10 * 6 + 3 * 10);
  expect(await end(() => backend.destroyContainer(1))).toBe(100 + 2 * (10 + 6) + 3 * 10);
  expect(await end(() => backend.destroyZygote(0))).toBe(50 + 10 * 6);
});

test("creations that keep 1.5 cores busy: two at once on two cores take 1.5 times as long", async () => {
  const { backend, driver } = backendWith({ freshCreate: 1_000, creationDemand: 1.5 });
  backend.createContainer(0, 0, NONE, NOTHING);
  backend.createContainer(1, 0, NONE, NOTHING);
  const created = await driver.collect(2);
  expect(created.map(({ atUs }) => atUs)).toEqual([1_500, 1_500]);
});

test("imports keep one core busy, whatever demand the rest of a creation has", async () => {
  // 1000 us of import at 1 and 1000 us at 2 are 1.5 on average: two at once, 2000 x 1.5
  const { backend, driver } = backendWith({
    freshCreate: 1_000,
    creationDemand: 2,
    importScale: 1,
  });
  backend.createContainer(0, 0, NONE, PACKAGE);
  backend.createContainer(1, 0, NONE, PACKAGE);
  expect(await driver.next()).toMatchObject({ atUs: 3_000 });
});

test("an install takes its fixed part plus the scaled half second of the catalogue", async () => {
  const { backend, driver } = backendWith({ installFixed: 300_000, installScale: 0.5 });
  expect(await driver.perform(() => backend.install(0))).toMatchObject({ atUs: 550_000 });
});

test("a creation's completion reports the unshared bytes of its process; other completions measure nothing", async () => {
  const { backend, driver } = backendWith({});
  const measured = async (begin: () => void) => (await driver.perform(begin)).measuredBytes;
  expect(await measured(() => backend.createZygote(0, NONE, NOTHING))).toBe(10 * MIB);
  expect(await measured(() => backend.createZygote(1, 0, PACKAGE))).toBe((1 + 6) * MIB);
  // 1 dirtied, the package's 6 and the handler's 10
  expect(await measured(() => backend.createContainer(0, 0, 0, PACKAGE))).toBe(17 * MIB);
  expect(await measured(() => backend.createContainer(1, 0, 1, NOTHING))).toBe(11 * MIB);
  expect(await measured(() => backend.createContainer(2, 0, NONE, PACKAGE))).toBe(26 * MIB);
  expect(await measured(() => backend.run(2, 0, 10, false))).toBe(-1);
});

test("the draws of a run are independent: its overhead and its handler's time correlate by less than 0.03", () => {
  const costs: Costs["costs"] = { ...ROUND_COSTS.costs };
  for (const name of ["request", "runFixed", "runScale"] as const) {
    costs[name] = { ...costs[name], value: 100, spread: 2 };
  }
  const model = new CostModel({ ...ROUND_COSTS, costs }, [], new RandomStreams(1));
  const runs = Array.from({ length: 20_000 }, () => {
    model.drawRun(false, false, 0);
    const fixedUs = model.handlerUs;
    model.drawRun(false, false, 1_000_000);
    return [model.requestUs, model.handlerUs, fixedUs];
  });
  const column = (at: number) => runs.map((run) => run[at]);
  expect(Math.abs(rankCorrelation(column(0), column(1)))).toBeLessThan(0.03);
  expect(Math.abs(rankCorrelation(column(0), column(2)))).toBeLessThan(0.03);
});

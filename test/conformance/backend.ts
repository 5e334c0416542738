import { afterEach, expect, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { type Backend, DUE } from "../../src/contract/backend.js";
import { BackendDriver } from "../../src/run/backend-driver.js";

/** Nothing in the suite may fail. */
const SUCCESS = { purpose: "conformance", problems: [] };
const BOTH = Int32Array.of(0, 1);
const NOTHING = new Int32Array(0);

/**
 * The contract of contract/backend.ts as tests for every backend. `make` gives a new backend with two
 * packages and one function that needs both. The suite closes it after the test.
 */
export function backendConformance(make: () => Backend | Promise<Backend>): void {
  const made: Backend[] = [];
  const fresh = async () => {
    const backend = await make();
    made.push(backend);
    return { backend, driver: new BackendDriver(backend, SUCCESS) };
  };
  afterEach(async () => {
    for (const backend of made.splice(0)) await backend.close();
  });

  test("time passes to the requested instant when no operation is in progress", async () => {
    const { backend } = await fresh();
    expect(await backend.advance(5_000)).toBe(DUE);
    expect(backend.nowUs).toBeGreaterThanOrEqual(5_000);
  });

  test("an operation completes once, and not before the call has returned", async () => {
    const { backend, driver } = await fresh();
    let isInCall = true;
    backend.install(0);
    isInCall = false;
    const seen = await driver.collect(1);
    expect(isInCall).toBe(false);
    expect(seen).toMatchObject([{ operation: "install", id: 0, status: "ok" }]);
    expect(await backend.advance(backend.nowUs + 1_000)).toBe(DUE);
  });

  test("a container's life: cold creation, run, pause, run that resumes, destruction", async () => {
    const { backend, driver } = await fresh();
    await driver.perform(() => backend.install(0));
    await driver.perform(() => backend.install(1));
    const created = await driver.perform(() => backend.createContainer(0, 0, NONE, BOTH));
    const ran = await driver.perform(() => backend.run(0, 0, 2_000, false));
    await driver.perform(() => backend.pause(0));
    const pausedUs = backend.nowUs;
    const resumed = await driver.perform(() => backend.run(0, 1, 2_000, true));
    const destroyed = await driver.perform(() => backend.destroyContainer(0));
    expect([created, ran, resumed, destroyed].map((each) => each.status)).toEqual([
      "ok",
      "ok",
      "ok",
      "ok",
    ]);
    const phasesUs = Object.values(created.phaseUs).reduce((sum, us) => sum + us, 0);
    expect(phasesUs).toBeGreaterThan(0);
    expect(ran.runUs).toBeGreaterThanOrEqual(2_000);
    expect(resumed.runUs).toBeGreaterThanOrEqual(2_000);
    // the overhead of a request is no phase: only what a pause adds to it
    expect(ran.phaseUs.resume).toBe(0);
    expect(resumed.phaseUs.resume).toBeGreaterThan(0);
    const resumedUs = resumed.phaseUs.resume + resumed.runUs;
    expect(resumedUs).toBeLessThanOrEqual(resumed.atUs - pausedUs);
  });

  test("a tree of Zygotes: a container forked from a child of the root outlives its Zygote", async () => {
    const { backend, driver } = await fresh();
    await driver.perform(() => backend.install(0));
    await driver.perform(() => backend.install(1));
    await driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    await driver.perform(() => backend.createZygote(1, 0, BOTH));
    await driver.perform(() => backend.createContainer(0, 0, 1, NOTHING));
    expect(await driver.perform(() => backend.destroyZygote(1))).toMatchObject({
      operation: "destroy-zygote",
      id: 1,
      status: "ok",
    });
    expect(await driver.perform(() => backend.run(0, 0, 1_000, false))).toMatchObject({
      status: "ok",
    });
    await driver.perform(() => backend.destroyContainer(0));
    await driver.perform(() => backend.destroyZygote(0));
  });

  test("a slot serves its next owner after its destruction has completed", async () => {
    const { backend, driver } = await fresh();
    for (let round = 0; round < 3; round++) {
      await driver.perform(() => backend.createContainer(0, 0, NONE, NOTHING));
      await driver.perform(() => backend.run(0, round, 500, false));
      await driver.perform(() => backend.destroyContainer(0));
    }
  });

  test("completions come in the order of their stamps, and no completion comes before its operation", async () => {
    const { backend, driver } = await fresh();
    for (let id = 0; id < 4; id++) backend.createContainer(id, 0, NONE, NOTHING);
    const beganUs = backend.nowUs;
    const created = await driver.collect(4);
    for (const { id } of created) backend.run(id, id, 1_000 * (4 - id), false);
    const ran = await driver.collect(4);
    const stamps = [...created, ...ran].map((seen) => seen.atUs);
    expect(stamps).toEqual(stamps.toSorted((a, b) => a - b));
    expect(stamps[0]).toBeGreaterThanOrEqual(beganUs);
    expect(ran.map((seen) => seen.id).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
    for (let id = 0; id < 4; id++) backend.destroyContainer(id);
    await driver.collect(4);
  });

  test("a package that was removed can be installed again", async () => {
    const { backend, driver } = await fresh();
    await driver.perform(() => backend.install(0));
    await driver.perform(() => backend.uninstall(0));
    expect(await driver.perform(() => backend.install(0))).toMatchObject({
      operation: "install",
      status: "ok",
    });
  });
}

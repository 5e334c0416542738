import { expect, test } from "vitest";
import { MachineError } from "../../src/basics/errors.js";
import { NONE } from "../../src/basics/none.js";
import { type Advance, INTERRUPTED } from "../../src/contract/backend.js";
import { BackendDriver } from "../../src/run/backend-driver.js";
import { ScriptedBackend } from "../stories/scripted-backend.js";
import type { Script, ScriptedEnd } from "../stories/story.js";

const TAKES_US = {
  install: 500,
  uninstall: 50,
  "create-zygote": 300,
  "create-container": 100,
  resume: 20,
  pause: 10,
  "destroy-container": 30,
  "destroy-zygote": 40,
};

/** A backend whose operations take the times above, and end well except as `ends` says. */
function scripted(ends: Record<string, ScriptedEnd> = {}): ScriptedBackend {
  const script: Script = { takesUs: TAKES_US, ends: new Map(Object.entries(ends)) };
  return new ScriptedBackend(script);
}

test("an end has every field of its completion, phases by name, and keeps them when the backend fills its completion again", async () => {
  const backend = scripted({ "create-container 1": { status: "ok", measuredBytes: 4096 } });
  const driver = new BackendDriver(backend);
  const created = await driver.perform(() => backend.createContainer(7));
  const ran = await driver.perform(() => backend.run(7, 0, 1_000, true));
  expect(created).toEqual({
    operation: "create-container",
    id: 7,
    status: "ok",
    atUs: 100,
    runUs: 0,
    phaseUs: { install: 0, create: 100, fork: 0, import: 0, load: 0, resume: 0 },
    measuredBytes: 4096,
    parentBytes: NONE,
  });
  // 100 us to create, then 20 us to resume and 1000 us to run
  expect(ran).toMatchObject({ operation: "run", id: 7, atUs: 1_120, runUs: 1_000 });
});

test("when an operation's promise resolves, the backend's clock is at the completion's stamp", async () => {
  const backend = scripted();
  const driver = new BackendDriver(backend);
  backend.install(1); // at 500 us
  const { operation, atUs } = await driver.perform(() => backend.createZygote(0));
  expect([operation, atUs, backend.nowUs]).toEqual(["create-zygote", 300, 300]);
  expect(await driver.next()).toMatchObject({ operation: "install", id: 1, atUs: 500 });
});

test("operations that were begun together are collected in the order of their stamps", async () => {
  const backend = scripted();
  backend.install(3); // 500 us
  backend.createZygote(2); // 300 us
  backend.createContainer(1); // 100 us
  const ended = await new BackendDriver(backend).collect(3);
  expect(ended.map(({ id, atUs }) => [id, atUs])).toEqual([
    [1, 100],
    [2, 300],
    [3, 500],
  ]);
});

test.each(["failed", "timed-out", "parent-died"] as const)(
  "an operation that ends as %s is a result, and an error with the newest problem if success is required",
  async (status) => {
    const ends = { "create-zygote 1": { status, measuredBytes: -1 } };
    const plain = scripted(ends);
    const ended = await new BackendDriver(plain).perform(() => plain.createZygote(5));
    expect(ended).toMatchObject({ operation: "create-zygote", id: 5, status });

    const strict = scripted(ends);
    const problems = ["no cgroups"];
    const driver = new BackendDriver(strict, { purpose: "calibration", problems });
    problems.push("no numpy"); // reported later than the driver was made
    const failure = driver.perform(() => strict.createZygote(5));
    await expect(failure).rejects.toBeInstanceOf(MachineError);
    await expect(failure).rejects.toThrow(
      `calibration: create-zygote 5 ended ${status}: no numpy; see socklab doctor`,
    );
  },
);

test("a failure that the backend said nothing about is named by its status alone", async () => {
  const backend = scripted({ "install 1": { status: "failed", measuredBytes: -1 } });
  const driver = new BackendDriver(backend, { purpose: "bench", problems: [] });
  await expect(driver.perform(() => backend.install(0))).rejects.toThrow(
    "bench: install 0 ended failed; see socklab doctor",
  );
});

test("a wait for an instant lasts until it, and an operation that ends later is not disturbed", async () => {
  const backend = scripted();
  const driver = new BackendDriver(backend);
  await driver.waitUntil(5_000);
  expect(backend.nowUs).toBe(5_000);
  backend.pause(0); // ends at 5010 us
  await driver.waitUntil(5_009);
  expect(await driver.next()).toMatchObject({ operation: "pause", atUs: 5_010 });
});

test("a wait refuses to lose a completion, at the latest one at its very instant", async () => {
  const backend = scripted();
  const driver = new BackendDriver(backend);
  backend.pause(0); // ends at 10 us
  await expect(driver.waitUntil(10)).rejects.toThrow("broken invariant: an operation ended");
});

test("a wait that is interrupted goes on until its completion or its instant", async () => {
  const backend = scripted();
  const advance = backend.advance.bind(backend);
  let waits = 0;
  backend.advance = (untilUs): Advance => (waits++ % 2 === 0 ? INTERRUPTED : advance(untilUs));
  const driver = new BackendDriver(backend);
  expect(await driver.perform(() => backend.install(0))).toMatchObject({ atUs: 500 });
  await driver.waitUntil(800);
  expect([backend.nowUs, waits]).toEqual([800, 4]);
});

import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect } from "vitest";
import { temporaryFolder } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { SLOWNESS } from "../slowness.js";
import {
  hasEnded,
  kill,
  processesOf,
  remainsOf,
  startSabotaged,
  startWorker,
  wheelsFolder,
} from "./worker-process.js";

/** EX_SOFTWARE of sysexits.h: a fault inside the program. */
const BROKEN = 70;
/** The worker promises two seconds. A busy machine gets some more. */
const SOON = { timeout: 5_000 * SLOWNESS, interval: 20 };

/** At the fourth arrival time goes back, so that an invariant of `Engine` fails. */
const TIME_GOES_BACK = `
  const { Engine } = await import("./src/engine/engine.ts");
  const { arrived } = Engine.prototype;
  let count = 0;
  Engine.prototype.arrived = function (atUs, functionId, runUs) {
    arrived.call(this, ++count === 4 ? 0 : atUs, functionId, runUs);
  }`;

/** Throws an error that no code catches, some time after the worker has begun. */
const SOMETHING_THROWS = `
  setInterval(() => {
    if (globalThis.process.env.NOBODY === undefined) return;
    throw new Error("thrown where nobody catches");
  }, 100).unref();
  process.on("SIGUSR2", () => { process.env.NOBODY = "1"; })`;

/** Throws when the first container falls idle. */
const THROWING_POLICY = `export default {
  family: "keep-alive", name: "throws", summary: "Throws.", source: "test", departures: [],
  parameters: {}, create: () => ({ decide() { throw new Error("no more"); } }),
};`;

const SLEEPS = "import time\ndef f(event):\n    time.sleep(event)\n    return event\n";

describeReal("a worker that breaks", () => {
  testWithPip(
    "answers every accepted request with 500, says why at once, leaves nothing and exits with 70, whatever clients do",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const made = await startSabotaged(TIME_GOES_BACK, state, wheels);
      const { worker, ask, address, instance, said } = made;
      expect((await ask("PUT", "/registry/slow", SLEEPS)).status).toBe(201);
      const hangers = hangingClients(new URL(address), 3);
      const waiting = [ask("POST", "/run/slow", "60"), ask("POST", "/run/slow", "60")];
      expect((await ask("POST", "/run/slow", "0")).status).toBe(200);
      expect(processesOf(instance).length).toBeGreaterThan(0);
      const last = ask("POST", "/run/slow", "60"); // the fourth arrival
      const answers = await Promise.all([...waiting, last]);
      expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
      for (const { text } of answers) expect(JSON.parse(text).outcome).toBe("broken");
      await expect.poll(said, SOON).toContain("an event came before one that was already handled");
      await expect.poll(() => hasEnded(worker), SOON).toBe(true);
      expect(worker.exitCode).toBe(BROKEN);
      expect(remainsOf(instance, state)).toEqual([]);
      expect(processesOf(instance)).toEqual([]);
      expect(existsSync(state)).toBe(false);
      for (const hanger of hangers) hanger.destroy();
    },
  );

  testWithPip("ends in the same way when a user's policy throws, and exits with 2", async () => {
    const { state, wheels } = await wheelsFolder();
    const policy = join(await temporaryFolder(), "throws.mjs");
    writeFileSync(policy, THROWING_POLICY);
    const { worker, ask, instance, said } = await startWorker(state, wheels, "--policy", policy);
    expect((await ask("PUT", "/registry/slow", SLEEPS)).status).toBe(201);
    const waiting = ask("POST", "/run/slow", "60");
    expect((await ask("POST", "/run/slow", "0")).status).toBe(200);
    expect((await waiting).status).toBe(500);
    await expect.poll(said, SOON).toContain("decide threw: no more");
    await expect.poll(() => hasEnded(worker), SOON).toBe(true);
    expect(worker.exitCode).toBe(2);
    expect(remainsOf(instance, state)).toEqual([]);
  });

  testWithPip("ends in the same way when something throws outside the engine", async () => {
    const { state, wheels } = await wheelsFolder();
    const made = await startSabotaged(SOMETHING_THROWS, state, wheels);
    const { worker, ask, instance, said } = made;
    await ask("PUT", "/registry/slow", SLEEPS);
    const waiting = ask("POST", "/run/slow", "60");
    await expect.poll(() => processesOf(instance).length, SOON).toBeGreaterThan(0);
    await expect.poll(async () => JSON.parse((await ask("GET", "/stats")).text).pending).toBe(1);
    worker.kill("SIGUSR2");
    expect((await waiting).status).toBe(500);
    await expect.poll(said, SOON).toContain("thrown where nobody catches");
    await expect.poll(() => hasEnded(worker), SOON).toBe(true);
    expect(worker.exitCode).toBe(BROKEN);
    expect(remainsOf(instance, state)).toEqual([]);
  });
});

describeReal("a worker that is asked to stop", () => {
  testWithPip("lets requests end within its grace period", async () => {
    const { state, wheels } = await wheelsFolder();
    const { worker, ask, instance } = await startWorker(state, wheels, "--grace", "unlimited");
    await ask("PUT", "/registry/slow", SLEEPS);
    const waiting = ask("POST", "/run/slow", "1");
    await expect.poll(async () => JSON.parse((await ask("GET", "/stats")).text).pending).toBe(1);
    const ended = kill(worker, "SIGTERM");
    const { status, text } = await waiting;
    expect([status, text]).toEqual([200, "1"]);
    expect(await ended).toBe(0);
    expect(remainsOf(instance, state)).toEqual([]);
  });

  testWithPip(
    "answers 503 to requests that outlast the grace period, and ends whatever clients do",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const { worker, ask, address, instance } = await startWorker(
        state,
        wheels,
        "--grace",
        "300ms",
      );
      await ask("PUT", "/registry/slow", SLEEPS);
      const hangers = hangingClients(new URL(address), 3);
      const waiting = ask("POST", "/run/slow", "60");
      await expect.poll(async () => JSON.parse((await ask("GET", "/stats")).text).pending).toBe(1);
      const ended = kill(worker, "SIGTERM");
      const { status, text } = await waiting;
      expect([status, JSON.parse(text).outcome]).toEqual([503, "stopping"]);
      expect(await ended).toBe(0);
      expect(remainsOf(instance, state)).toEqual([]);
      expect(existsSync(state)).toBe(false);
      for (const hanger of hangers) hanger.destroy();
    },
  );
});

/** Connections that have sent half a request, and whose clients never read or close. */
function hangingClients({ hostname, port }: URL, count: number) {
  return Array.from({ length: count }, () => {
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on("error", () => {});
    socket.write("POST /run/slow HTTP/1.1\r\nhost: here\r\ncontent-length: 10\r\n\r\n12");
    return socket;
  });
}

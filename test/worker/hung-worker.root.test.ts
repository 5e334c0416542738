import { once } from "node:events";
import { expect } from "vitest";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { guestsNow, guestsOf } from "./guests.js";
import { liveStand } from "./live-stand.js";
import { kill, processesOf, remainsOf, startWorker, wheelsFolder } from "./worker-process.js";

const ONE = "def f(event):\n    return 1\n";
const NEVER_LOADS = "while True: pass\ndef f(event): return 1\n";
/** With these options a creation has 5 s, and a fork 1 s. */
const options = { runTimeoutMs: 1_000 };

describeReal("a worker whose Zygote is stopped", () => {
  testWithPip("answers each request once, with 200, after a second attempt", async () => {
    const { layout, ask, expectNothingCharged } = await liveStand({ zygotes: "root", options });
    await ask("PUT", "/registry/one", ONE);
    await ask("POST", "/run/one"); // now the root Zygote lives
    const [zygote] = await guestsOf(layout.lock, /^z-/);
    process.kill(zygote, "SIGSTOP");
    const runs = await Promise.all(Array.from({ length: 6 }, () => ask("POST", "/run/one")));
    expect(runs).toMatchObject(Array(6).fill({ status: 200, text: "1" }));
    expect(guestsNow(layout.lock, /^z-/)).not.toContain(zygote);
    expect((await ask("POST", "/run/one")).status).toBe(200);
    await expectNothingCharged();
  });

  testWithPip("ends at SIGTERM, and an earlier request has its outcome", async () => {
    const { state, wheels } = await wheelsFolder();
    const more = ["--set", "zygote=root", "--set", "keep-alive=fixed:keep=0", "--timeout", "5s"];
    const { worker, ask, instance } = await startWorker(state, wheels, ...more);
    await ask("PUT", "/registry/one", ONE);
    expect((await ask("POST", "/run/one")).status).toBe(200);
    const [zygote] = await guestsOf(`${state}/lock`, /^z-/);
    process.kill(zygote, "SIGSTOP");
    const asked = ask("POST", "/run/one");
    await expect.poll(async () => JSON.parse((await ask("GET", "/stats")).text).pending).toBe(1);
    const exited = once(worker, "exit");
    worker.kill("SIGTERM");
    expect(await exited).toEqual([0, null]);
    expect((await asked).status).toBe(200);
    expect([processesOf(instance), remainsOf(instance, state)]).toEqual([[], []]);
    await kill(worker);
  });
});

describeReal("a function whose containers hang during their creation", () => {
  for (const zygotes of ["none", "root"] as const) {
    testWithPip(`gets one answer, 500, after a second attempt (Zygotes: ${zygotes})`, async () => {
      const { ask, problems, expectNothingCharged } = await liveStand({ zygotes, options });
      await ask("PUT", "/registry/never", NEVER_LOADS);
      await ask("PUT", "/registry/one", ONE);
      const [never, one] = await Promise.all(
        ["never", "one"].map((name) => ask("POST", `/run/${name}`)),
      );
      expect(never).toMatchObject({
        status: 500,
        text: expect.stringContaining("gave no answer within"),
      });
      expect(one).toMatchObject({ status: 200, text: "1" });
      const tries = problems.filter((each) => each.includes("gave no answer within 5000 ms"));
      expect(tries).toHaveLength(2);
      await expectNothingCharged();
    });
  }
});

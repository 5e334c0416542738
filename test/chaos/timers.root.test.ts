import { expect, test } from "vitest";
import { describeReal } from "../real/stand.js";
import { SLOWNESS } from "../slowness.js";
import { Client, invocationOf } from "./client.js";
import { OTHERS } from "./functions.js";
import { loadAndStop, loadEnd, RoundLog, upload, workerOptions } from "./round.js";
import { Stage, stateOn } from "./stage.js";
import { Worker } from "./worker.js";

const LOAD_MS = 30_000;
const CLIENTS = 4;

/**
 * A container pauses 2 ms and ends 5 ms after its last use, and four clients invoke five functions
 * in turn. So a timer of some container is due at nearly every request to another.
 */
describeReal("timers due at every request", () => {
  for (const [name, keepAlive] of [
    ["pauses and ends", "keep=5ms,pauseAfter=2ms"],
    ["pauses", "keep=unlimited,pauseAfter=2ms"],
  ] as const) {
    test(
      `every request is answered with its token while containers have ${name} due`,
      async () => {
        const stage = await Stage.make();
        const log = new RoundLog();
        try {
          await stage.withState(undefined, async (disk) => {
            const setting = { name, options: ["--set", `keep-alive=fixed:${keepAlive}`] };
            const random = { next: () => 0 };
            const stop = new AbortController().signal;
            const plan = { stage, setting, loadMs: LOAD_MS, random, stop };
            const worker = await Worker.start(stateOn(disk), workerOptions(plan, []));
            await loadAndStop(worker, log, async (target) => {
              const client = new Client(target, log.tally);
              await upload(client, OTHERS);
              client.close();
              const isTimeOver = loadEnd(plan);
              const isOver = () => isTimeOver() || worker.hasEnded;
              let asked = 0;
              const next = () => invocationOf(OTHERS[asked++ % OTHERS.length].name);
              const clients = Array.from({ length: CLIENTS }, () => new Client(target, log.tally));
              await Promise.all(clients.map((each) => each.keepAsking(next, isOver)));
            });
          });
        } finally {
          stage.close();
        }
        const { tally, left, problems } = log;
        const { unanswered, doubled, wrong } = tally;
        // the death of a worker, and an exit code other than 0, are problems
        expect({ unanswered, doubled, wrong, left, problems }).toEqual({
          ...{ unanswered: 0, doubled: 0, wrong: 0, left: [], problems: [] },
        });
        const uploads = OTHERS.length;
        expect(Object.fromEntries(tally.statuses)).toEqual({
          200: tally.requests - uploads,
          201: uploads,
        });
        expect(tally.requests).toBeGreaterThan(100);
      },
      300_000 * SLOWNESS,
    );
  }
});

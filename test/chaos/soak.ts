import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { mountPointsBelow } from "../../src/real/host/mount-points.js";
import type { WorkerStats } from "../../src/worker/worker.js";
import { SLOWNESS } from "../slowness.js";
import { Client, invocationOf } from "./client.js";
import { ENDS, GOOD, OTHERS, WITH_PACKAGES } from "./functions.js";
import { cgroupsNamed } from "./guest-processes.js";
import {
  goodClients,
  loadAndStop,
  loadEnd,
  type Plan,
  type Round,
  RoundLog,
  upload,
  workerOptions,
} from "./round.js";
import { stateOn } from "./stage.js";
import { Worker, WorkerFailure } from "./worker.js";

/** Resources of the machine that a worker holds. */
export interface Holding {
  readonly processes: number;
  readonly cgroupFolders: number;
  readonly descriptors: number;
  readonly mounts: number;
  readonly threads: number;
  readonly rssBytes: number;
}

/**
 * How much each resource may grow from one idle moment to a later one: the high-water mark of a
 * pool moves by some slots (4 folders and 10 descriptors each), and Node collects its heap late. A
 * leak of one per cycle grows by more than that in any load of some seconds.
 */
const MAY_GROW: Holding = {
  processes: 16,
  cgroupFolders: 64,
  descriptors: 160,
  mounts: 0,
  threads: 4,
  rssBytes: 160 << 20,
};

const IDLE_BOUND_MS = 5_000 * SLOWNESS;
const LOOK_MS = 250;

/** Creates and destroys containers, and compares what the worker holds at two idle moments. */
export async function soak(plan: Plan): Promise<Round> {
  const log = new RoundLog();
  await plan.stage.withState(undefined, async (disk) => {
    try {
      const worker = await Worker.start(stateOn(disk), workerOptions(plan, []));
      await loadAndStop(worker, log, async (target) => {
        const client = new Client(target, log.tally);
        await upload(client, [GOOD, ...OTHERS, ...WITH_PACKAGES, ENDS]);
        const load = async () => {
          const isTimeOver = loadEnd(plan, 1 / 2);
          const isOver = () => isTimeOver() || worker.hasEnded;
          const all = [...WITH_PACKAGES, ENDS];
          const ends = all.map(
            ({ name }) =>
              () =>
                invocationOf(name),
          );
          const makers = [...goodClients(), ...ends];
          const clients = makers.map((next) =>
            new Client(target, log.tally).keepAsking(next, isOver),
          );
          await Promise.all(clients);
          return idleHolding(worker);
        };
        const before = await load();
        const after = await load();
        log.acts += cyclesOf(await worker.stats());
        log.problems.push(...leaks(before, after));
        client.close();
      });
    } catch (error) {
      if (!(error instanceof WorkerFailure)) throw error;
      log.problems.push(error.message);
    }
  });
  return { fault: "soak", setting: plan.setting.name, ...log };
}

/** The resources that grew by more than they may, one line each. */
export function leaks(before: Holding, after: Holding): string[] {
  return (Object.keys(MAY_GROW) as (keyof Holding)[])
    .filter((name) => after[name] - before[name] > MAY_GROW[name])
    .map(
      (name) => `leak: ${name} grew from ${before[name]} to ${after[name]} between idle moments`,
    );
}

/**
 * Waits until the number of a worker's processes stops falling, or the time for that is over.
 * Returns what the worker holds then.
 */
async function idleHolding(worker: Worker): Promise<Holding> {
  const untilMs = performance.now() + IDLE_BOUND_MS;
  let last = holdingOf(worker);
  for (;;) {
    await sleep(LOOK_MS);
    const now = holdingOf(worker);
    if (now.processes >= last.processes || performance.now() > untilMs) return now;
    last = now;
  }
}

function holdingOf(worker: Worker): Holding {
  const { pid, instance, state } = worker;
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)![1]);
  return {
    processes: worker.processes().length,
    cgroupFolders: cgroupsNamed(instance).length,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    mounts: mountPointsBelow(state).length,
    threads: field("Threads"),
    rssBytes: field("VmRSS") * 1024,
  };
}

/** Number of started containers: every start kind except those that reuse a container. */
function cyclesOf({ starts }: WorkerStats): number {
  return starts.cold + starts.zygote + starts["root-zygote"];
}

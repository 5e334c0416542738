import { setTimeout as sleep } from "node:timers/promises";
import { NETWORKS } from "../../src/real/sandboxes/sandboxes.js";
import type { ProcessIdentity } from "../../src/real/state/process-identity.js";
import { Client, invocationOf, type Target } from "./client.js";
import { listens } from "./connection.js";
import { installing } from "./faults.js";
import { GOOD, OTHERS, SLOW, WITH_PACKAGES } from "./functions.js";
import {
  expectRecovery,
  goodClients,
  loadEnd,
  type Plan,
  type Round,
  RoundLog,
  stopAndLook,
  upload,
  workerOptions,
} from "./round.js";
import { stateOn } from "./stage.js";
import { leftIn, leftOf, Worker, WorkerFailure } from "./worker.js";

/** Earliest and latest kill after the beginning of the load. */
const EARLIEST_KILL_MS = 50;
const LATEST_KILL_MS = 3_500;

/**
 * Kills a worker at random moments of a load, and starts the next one on the same state folder.
 * Then nothing of the dead worker may be left, and the next upload and invocation must succeed.
 */
export async function killWorkers(plan: Plan): Promise<Round> {
  const log = new RoundLog();
  const target: Target = { port: undefined };
  await plan.stage.withState(undefined, async (disk) => {
    const isTimeOver = loadEnd(plan);
    let isOver = false;
    const asking = makeClients(target, log, () => isOver);
    try {
      let dead: Dead | undefined;
      do {
        dead = await startLoadKill(plan, stateOn(disk), target, log, dead);
        log.acts++;
      } while (!isTimeOver());
      await stopAndLook(await begin(plan, stateOn(disk), log, dead), log, ["packages"]);
    } catch (error) {
      if (!(error instanceof WorkerFailure)) throw error;
      log.problems.push(error.message);
    } finally {
      isOver = true;
      target.port = undefined;
      await asking;
    }
  });
  return { fault: "killed-worker", setting: plan.setting.name, ...log };
}

/** A worker that was killed, and its processes. */
interface Dead {
  readonly instance: string;
  readonly state: string;
  readonly processes: readonly ProcessIdentity[];
}

async function startLoadKill(
  plan: Plan,
  state: string,
  target: Target,
  log: RoundLog,
  dead: Dead | undefined,
): Promise<Dead> {
  const worker = await begin(plan, state, log, dead);
  target.port = worker.port;
  const spanMs = LATEST_KILL_MS - EARLIEST_KILL_MS;
  await sleep(EARLIEST_KILL_MS + plan.random.next() * spanMs);
  const wasDead = worker.hasEnded || !(await listens(worker.port));
  const ended = worker.describe();
  target.port = undefined; // from here on, the kill cuts off requests in flight
  const processes = worker.processes();
  await worker.kill();
  if (wasDead) throw new WorkerFailure(`the worker was dead before it was killed: ${ended}`);
  return { instance: worker.instance, state, processes };
}

/** Starts a worker, notes what a dead one left behind, uploads functions, and invokes one. */
async function begin(
  plan: Plan,
  state: string,
  log: RoundLog,
  dead: Dead | undefined,
): Promise<Worker> {
  const network = NETWORKS[Math.floor(plan.random.next() * NETWORKS.length)];
  const options = ["--keep-packages", "--network", network];
  const worker = await Worker.start(state, workerOptions(plan, options));
  try {
    if (dead !== undefined) log.left.push(...leftOf(dead, dead.processes), ...leftIn(state));
    const own: Target = { port: worker.port };
    const client = new Client(own, log.tally);
    await upload(client, [GOOD, ...OTHERS, ...WITH_PACKAGES, SLOW]);
    await expectRecovery(client, log);
    client.close();
    return worker;
  } catch (error) {
    await worker.kill();
    throw error;
  }
}

/**
 * Runs four clients that invoke functions, and two that upload functions with packages to install.
 */
function makeClients(target: Target, log: RoundLog, isOver: () => boolean): Promise<unknown> {
  const makers = [
    ...goodClients(),
    () => invocationOf(SLOW.name),
    installing(FIRST_INSTALLED),
    installing(FIRST_INSTALLED + 1),
  ];
  return Promise.all(makers.map((next) => new Client(target, log.tally).keepAsking(next, isOver)));
}

/**
 * The first package that clients install. Functions that are uploaded after each start need the
 * packages before it.
 */
const FIRST_INSTALLED = WITH_PACKAGES.length;

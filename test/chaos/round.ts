import { setTimeout as sleep } from "node:timers/promises";
import type { RandomStream } from "../../src/basics/random.js";
import { Client, invocationOf, type Target, type TokenRequest, uploadOf } from "./client.js";
import { listens } from "./connection.js";
import type { Fault } from "./faults.js";
import { type ChaosFunction, GOOD, OTHERS } from "./functions.js";
import type { Setting } from "./settings.js";
import { type Stage, stateOn } from "./stage.js";
import { Tally } from "./tally.js";
import { entriesOf, leftIn, leftOf, Worker, WorkerFailure } from "./worker.js";

/** The results of one round of a fault. */
export interface Round {
  readonly fault: string;
  readonly setting: string;
  readonly acts: number;
  readonly tally: Tally;
  /** Processes, cgroups, mounts and files that should not exist any more. */
  readonly left: readonly string[];
  /** Other failures: a dead worker, a leak, a wrong exit code. */
  readonly problems: readonly string[];
}

export interface Plan {
  readonly stage: Stage;
  readonly setting: Setting;
  readonly loadMs: number;
  readonly random: RandomStream;
  /** When it is aborted, the load ends early. */
  readonly stop: AbortSignal;
}

/** Makes a function that is true when a load that begins now has lasted its time. */
export function loadEnd({ stop, loadMs }: Plan, share = 1): () => boolean {
  const untilMs = performance.now() + loadMs * share;
  return () => stop.aborted || performance.now() > untilMs;
}

/** Collects a round's numbers while it runs, so that the death of a worker loses no number. */
export class RoundLog {
  acts = 0;
  readonly tally = new Tally();
  readonly left: string[] = [];
  readonly problems: string[] = [];
}

const LOOK_MS = 100;

/**
 * Options of every worker in these rounds. The worker's limits are far below the client's bound.
 */
export function workerOptions({ stage, setting }: Plan, more: readonly string[]): string[] {
  const bounds = ["--timeout", "5s", "--queue-timeout", "20s"].filter(
    (_, at) => !more.includes(at < 2 ? "--timeout" : "--queue-timeout"),
  );
  return ["--index", stage.wheels, ...bounds, ...setting.options, ...more];
}

/**
 * Makers of requests for three clients of well-behaved functions. One of them invokes only the
 * neighbour.
 */
export function goodClients(): (() => TokenRequest)[] {
  let asked = 0;
  const other = () => invocationOf(OTHERS[asked++ % OTHERS.length].name);
  return [() => invocationOf(GOOD.name), other, other];
}

/** Uploads functions one by one. Errors: WorkerFailure if the worker refuses one. */
export async function upload(client: Client, functions: readonly ChaosFunction[]): Promise<void> {
  for (const { name, source, requirements } of functions) {
    const status = await client.ask(uploadOf(name, source, requirements));
    if (status !== 201)
      throw new WorkerFailure(`the upload of ${name} got ${status ?? "no answer"}`);
  }
}

/** Runs one worker under one fault, from its start to its end. */
export async function runRound(fault: Fault, plan: Plan): Promise<Round> {
  const log = new RoundLog();
  await plan.stage.withState(fault.diskBytes, async (disk) => {
    try {
      const worker = await Worker.start(stateOn(disk), workerOptions(plan, fault.workerOptions));
      await loadAndStop(worker, log, async (target) => {
        await underFault(fault, plan, { worker, disk, target }, log);
      });
    } catch (error) {
      if (!(error instanceof WorkerFailure)) throw error;
      log.problems.push(error.message);
    }
  });
  return { fault: fault.name, setting: plan.setting.name, ...log };
}

/**
 * Runs a load on a worker, then stops the worker and notes what is left. Errors: WorkerFailure if
 * the worker dies.
 */
export async function loadAndStop(
  worker: Worker,
  log: RoundLog,
  load: (target: Target) => Promise<void>,
): Promise<void> {
  const target: Target = { port: worker.port };
  const watching = new AbortController();
  const loading = load(target);
  try {
    await Promise.race([loading, watchForDeath(worker, watching.signal)]);
    watching.abort();
    await stopAndLook(worker, log, []);
  } catch (error) {
    await worker.kill(); // ends the requests for which clients wait: they count as unanswered
    await loading.catch(() => {});
    throw error;
  } finally {
    watching.abort();
  }
}

/**
 * Stops a worker that has no requests, and notes what is left. `kept` names what its state folder
 * may contain.
 */
export async function stopAndLook(
  worker: Worker,
  log: RoundLog,
  kept: readonly string[],
): Promise<void> {
  const processes = worker.processes();
  const failure = await worker.stop();
  if (failure !== undefined) log.problems.push(failure);
  const entries = entriesOf(worker.state).filter((name) => !kept.includes(name));
  const files = entries.map((name) => `${worker.state}/${name}`);
  log.left.push(...leftOf(worker, processes), ...leftIn(worker.state), ...files);
}

/** Errors: WorkerFailure when the worker has died, or does not listen any more. */
async function watchForDeath(worker: Worker, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const isDead = worker.hasEnded || !(await listens(worker.port));
    if (isDead && !signal.aborted) {
      throw new WorkerFailure(`the worker is dead: ${worker.describe()}`);
    }
    await sleep(LOOK_MS);
  }
}

interface Set {
  readonly worker: Worker;
  readonly disk: string;
  readonly target: Target;
}

async function underFault(fault: Fault, plan: Plan, set: Set, log: RoundLog): Promise<void> {
  const { worker, disk, target } = set;
  const client = new Client(target, log.tally);
  await upload(client, [GOOD, ...OTHERS, ...fault.functions]);
  const isTimeOver = loadEnd(plan);
  const isOver = () => isTimeOver() || worker.hasEnded;
  let badRequests = 0;
  const bad = fault.badClients.map((next) => () => {
    badRequests++;
    return next();
  });
  const clients = [...goodClients(), ...bad].map((next) =>
    new Client(target, log.tally).keepAsking(next, isOver),
  );
  while (fault.act !== undefined && !isOver()) {
    log.acts += await fault.act({ worker, disk, random: plan.random, client });
    await sleep(fault.actEveryMs);
  }
  await Promise.all(clients);
  if (fault.countActs !== undefined) log.acts += fault.countActs(await worker.stats());
  else if (fault.act === undefined) log.acts += badRequests;
  await expectRecovery(client, log);
  client.close();
}

/** Checks that the neighbour is answered after the fault, in one of several attempts. */
export async function expectRecovery(client: Client, log: RoundLog): Promise<void> {
  let status: number | undefined;
  for (let attempt = 1; attempt <= RECOVERY_ATTEMPTS; attempt++) {
    status = await client.ask(invocationOf(GOOD.name));
    if (status === 200) return;
    // the bound of an answer has passed, and one such wait is enough
    if (status === undefined) break;
    await sleep(LOOK_MS);
  }
  log.problems.push(`after the fault ${GOOD.name} got ${status ?? "no answer"}, expected 200`);
}

const RECOVERY_ATTEMPTS = 20;

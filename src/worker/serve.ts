import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { FastifyInstance } from "fastify";
import { assert } from "../basics/errors.js";
import { type ListenPlace, listen } from "./listen.js";
import type { OpenWorker } from "./open-worker.js";

export interface Service {
  readonly worker: OpenWorker;
  readonly server: FastifyInstance;
  /** The servers that listen for `server`: one per address. */
  readonly listeners: ReadonlySet<Server>;
  readonly place: ListenPlace;
  /** How long requests may continue after the worker was asked to stop. */
  readonly graceMs: number;
  /** Resolves when the worker shall stop; rejects when one of our invariants breaks. */
  readonly stopped: Promise<unknown>;
  onListening(address: string): void;
  /** Called as soon as something breaks, before anything is removed. */
  onBroken(reason: unknown): void;
}

/** Time for sending the last answers after all requests have been ended. */
const FLUSH_MS = 250;
/** Time between two searches for connections that have become idle while the worker stops. */
const SWEEP_MS = 50;
/**
 * Time for removing containers, installers and mounts in order. After that they are removed by
 * force.
 */
const CLOSE_MS = 5_000;
/** The longest grace period: a timer of Node takes 31 bits of milliseconds, and CLOSE_MS comes on top. */
const LONGEST_GRACE_MS = 2 ** 31 - 1 - CLOSE_MS;

/**
 * Serves until the worker is asked to stop. Then it gives requests a grace period, and leaves
 * nothing on the machine. If an invariant or a policy breaks, it answers every request, kills
 * everything, and waits for no client. Returns true if it ended in order.
 *
 * Errors: InputError if the server cannot listen at the place.
 */
export async function serve(service: Service): Promise<boolean> {
  const { worker, server, place, stopped } = service;
  try {
    service.onListening(await listen(server, place));
  } catch (error) {
    await server.close();
    await worker.close(0);
    throw error;
  }
  try {
    await Promise.race([stopped, worker.engine.ended]);
    await stop(service);
    return true;
  } catch (error) {
    service.onBroken(error);
    await breakOff(service);
    return false;
  }
}

async function stop(service: Service): Promise<void> {
  const { worker, server } = service;
  const graceMs = Math.min(service.graceMs, LONGEST_GRACE_MS);
  const deadlineMs = performance.now() + graceMs;
  const closed = server.close();
  const sweep = setInterval(() => closeIdle(service), SWEEP_MS);
  await Promise.race([closed, sleep(graceMs, undefined, { ref: false })]);
  clearInterval(sweep);
  const leftMs = Math.max(0, deadlineMs - performance.now());
  const released = worker.close(leftMs).then(() => true);
  const inTime = Promise.race([released, sleep(leftMs + CLOSE_MS, false, { ref: false })]);
  await Promise.all([inTime, hangUp(service, closed)]);
  assert(await inTime, `the worker did not release everything within ${CLOSE_MS} ms`);
}

/**
 * Closes idle connections: each stays open after its answer, and would delay the stop until its
 * client leaves.
 */
function closeIdle({ listeners }: Service): void {
  for (const listener of listeners) listener.closeIdleConnections();
}

/** Gives the last answers time to leave, then closes every connection, whatever its client does. */
async function hangUp({ listeners }: Service, closed: Promise<unknown>): Promise<void> {
  await Promise.race([closed, sleep(FLUSH_MS)]);
  for (const listener of listeners) listener.closeAllConnections();
  await closed;
}

async function breakOff(service: Service): Promise<void> {
  const { worker, server } = service;
  const abandoned = worker.abandon();
  await hangUp(
    service,
    Promise.resolve(server.close()).catch(() => {}),
  );
  await abandoned;
}

import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { InputError } from "../../basics/errors.js";
import { usualInstallsAtOnce } from "../../real/open-state.js";
import { InstallError } from "../../real/packages/package-store.js";
import type { PackageIndex } from "../../real/packages/package-tool.js";
import type { RealOptions } from "../../real/real-setup.js";
import { footprintOf } from "../../sim/costs/costs.js";
import { DEFAULT_PLACES } from "../../worker/live-workload.js";
import { type OpenWorker, openWorker } from "../../worker/open-worker.js";
import {
  DEFAULT_EVENT_BYTES,
  DEFAULT_REQUEST_TIMEOUT_MS,
  workerServer,
} from "../../worker/server.js";
import { DEFAULT_UPLOAD_LIMITS } from "../../worker/upload.js";
import type { RegisteredFunction, ZygoteDescription } from "../../worker/worker.js";
import { loadPolicy } from "../run/load-policy.js";
import { policyMaker } from "../run/policy-context.js";
import { readCosts } from "../run/read-costs.js";
import type { Answer } from "./compare-answers.js";

export interface CheckWorkerSetup {
  readonly folder: string;
  readonly python: string | undefined;
  readonly index: PackageIndex;
  readonly options: Partial<RealOptions>;
}

const MEMORY_SHARE = 0.75;
const DISK_BYTES = 64 * 1024 ** 3;
const PENDING = 8;
const QUEUE_TIMEOUT_US = 600_000_000;
const SEED = 1;

/** A whole worker in this process, except its port. Its packages stay on disk for the next one. */
export class CheckWorker {
  readonly #worker: OpenWorker;
  readonly #server: FastifyInstance;

  private constructor(worker: OpenWorker) {
    this.#worker = worker;
    this.#server = workerServer(worker.engine, {
      staging: worker.staging,
      uploads: DEFAULT_UPLOAD_LIMITS,
      eventBytes: DEFAULT_EVENT_BYTES,
      pendingLimit: PENDING,
      requestTimeoutMs: DEFAULT_REQUEST_TIMEOUT_MS,
      token: undefined,
    });
  }

  /** `set`: changes to the preset `sock`. Errors: those of `openWorker`. */
  static async open(
    { folder, python, index, options }: CheckWorkerSetup,
    set: readonly string[],
    sparesPerZygote: number,
  ): Promise<CheckWorker> {
    const { choices, specs } = await loadPolicy("sock", set);
    const config = {
      memoryLimitBytes: Math.floor(totalmem() * MEMORY_SHARE),
      diskLimitBytes: DISK_BYTES,
      cores: cpus().length,
      runsPerCore: Number.POSITIVE_INFINITY,
      creationsPerCore: Number.POSITIVE_INFINITY,
      creationsPerFunction: Number.POSITIVE_INFINITY,
      queueLimit: PENDING,
      queueTimeoutUs: QUEUE_TIMEOUT_US,
      footprint: footprintOf(await readCosts(undefined)),
    };
    const worker = await openWorker({
      stateFolder: join(folder, "worker"),
      python,
      base: undefined,
      index,
      installsAtOnce: usualInstallsAtOnce(config.cores),
      keepsPackages: true,
      places: DEFAULT_PLACES,
      config,
      options: { ...options, sparesPerZygote },
      makePolicies: policyMaker({ choices, specs }, config, SEED),
      onProblem: () => {}, // what concerns a caller is in its answer
    });
    return new CheckWorker(worker);
  }

  /** The function's packages. Errors: InstallError, InputError with the worker's own reason. */
  async register(name: string, upload: Buffer): Promise<readonly string[]> {
    const { statusCode, body } = await this.#server.inject({
      method: "PUT",
      url: `/registry/${name}`,
      payload: upload,
    });
    if (statusCode === 201) return (JSON.parse(body) as RegisteredFunction).requirements;
    const { error } = JSON.parse(body) as { error: string };
    throw statusCode === 400 ? new InputError(error) : new InstallError("failed", error);
  }

  async call(name: string): Promise<{ answer: Answer; start: string | undefined }> {
    const reply = await this.#server.inject({ method: "POST", url: `/run/${name}` });
    const start = reply.headers["x-socklab-start"] as string | undefined;
    const body = JSON.parse(reply.body) as unknown;
    if (reply.statusCode === 200) return { answer: { value: body }, start };
    return { answer: { error: errorOf(body as Failure) }, start };
  }

  /** Why no Zygote serves the function, if the worker has refused one. */
  async whyNoZygote(): Promise<string | undefined> {
    return (await this.#zygotes()).find(({ refused }) => refused !== null)?.refused ?? undefined;
  }

  async hasZygoteWithoutSpare(): Promise<boolean> {
    const live = (await this.#zygotes()).filter(({ isReady }) => isReady);
    return live.length > 0 && live.every(({ spares }) => spares === 0);
  }

  async close(): Promise<void> {
    await this.#server.close();
    await this.#worker.close(0);
  }

  async #zygotes(): Promise<readonly ZygoteDescription[]> {
    const reply = await this.#server.inject({ method: "GET", url: "/debug/zygotes" });
    return JSON.parse(reply.body) as readonly ZygoteDescription[];
  }
}

interface Failure {
  readonly error: string;
  readonly traceback?: string;
}

/** The last line of Python's traceback, or what the worker says if there is none. */
function errorOf({ error, traceback = "" }: Failure): string {
  return traceback.trimEnd().split("\n").at(-1)?.trim() || error;
}

import {
  type Backend,
  Completion,
  type Operation,
  PHASES,
  type Status,
} from "../engine/backend.js";
import { assert } from "../engine/errors.js";
import type { PackageId } from "../engine/package-set.js";
import { type ContainerId, NONE, type ZygoteId } from "../engine/policy.js";
import type { FunctionId, FunctionProfile } from "../engine/workload.js";
import { type AnswerLimits, Container, type ContainerSpec, type Ran } from "./containers.js";
import { Machine, type MachineOptions, type MachineWarning } from "./machine.js";
import { loadNative } from "./native.js";
import type { PackageStore } from "./package-store.js";
import { compileBeside, type Python } from "./python.js";
import { type Made, NO_TIME, Zygote } from "./zygotes.js";

const INSTALL = PHASES.indexOf("install");
const CREATE = PHASES.indexOf("create");
const FORK = PHASES.indexOf("fork");
const IMPORT = PHASES.indexOf("import");
const LOAD = PHASES.indexOf("load");
const RESUME = PHASES.indexOf("resume");

export interface RealOptions extends MachineOptions {
  readonly answers: AnswerLimits;
  /** Most time for a making, and for a run. */
  readonly makeTimeoutMs: number;
  readonly runTimeoutMs: number;
  /** Confined and warmed children each Zygote holds ready, not yet any function's. */
  readonly sparesPerZygote: number;
}

export const DEFAULT_OPTIONS: RealOptions = {
  containerLimits: { memoryBytes: 512 * 1024 ** 2, cores: Number.POSITIVE_INFINITY, processes: 64 },
  scratchBytes: 64 * 1024 ** 2,
  readySlots: 8,
  network: "host",
  roots: "best",
  answers: { answerBytes: 6 * 1024 ** 2, outputChars: 64 * 1024 },
  makeTimeoutMs: 60_000,
  runTimeoutMs: 60_000,
  sparesPerZygote: 0,
};

export interface RealSetup {
  /** Names its cgroups (instance.ts). */
  readonly instance: string;
  /** Folder of its own for mounts. */
  readonly folder: string;
  readonly python: Python;
  /** Folder shown as /packages. */
  readonly packagesFolder: string;
  /** A root file system in place of the machine's own. */
  readonly base?: string | undefined;
  readonly store: PackageStore;
  readonly functions: readonly FunctionProfile[];
  /** Folder with a function's `f.py`. */
  codeOf(functionId: FunctionId): string;
  /** The request of an invocation, `{"event": ..., "env": {...}}`; default: its number and run time. */
  requestOf?(invocation: number, runUs: number, functionId: FunctionId): string;
  /** Told how each invocation ended, with its answer. */
  onRan?(invocation: number, ran: Ran): void;
  /** Told why an operation failed, and of doubtful Zygotes. */
  onProblem?(text: string): void;
  readonly options?: Partial<RealOptions>;
}

/** A completion that waits for the engine. */
interface Done {
  readonly atUs: number;
  readonly operation: Operation;
  readonly id: number;
  readonly status: Status;
  readonly runUs: number;
  readonly phases: readonly (readonly [phase: number, us: number])[];
  readonly measuredBytes: number;
}

/** Performs operations on this machine: lean containers and Zygotes. Needs root on Linux. */
export class RealBackend implements Backend {
  readonly name = "real";
  readonly completion: Completion = new Completion();
  readonly machine: Machine;
  readonly #setup: RealSetup;
  readonly #options: RealOptions;
  readonly #originUs: number;
  readonly #containers = new Map<ContainerId, Container>();
  readonly #functionOf = new Map<ContainerId, FunctionId>();
  readonly #zygotes = new Map<ZygoteId, Zygote>();
  readonly #spares = new Map<Zygote, Container[]>();
  readonly #done: Done[] = [];
  #outstanding = 0;
  #waiting: { readonly untilUs: number; readonly resolve: (isDone: boolean) => void } | undefined;

  constructor(setup: RealSetup) {
    this.#setup = setup;
    this.#options = { ...DEFAULT_OPTIONS, ...setup.options };
    const { instance, folder, python, packagesFolder: packages, base } = setup;
    compileBeside(
      python,
      setup.functions.map((_, id) => `${setup.codeOf(id)}/f.py`),
    );
    this.machine = new Machine(
      loadNative(),
      instance,
      folder,
      { python, packages, base },
      this.#options,
      () => this.#wake(),
    );
    this.#originUs = this.machine.poller.now();
  }

  /** What this machine lacks, for the result. */
  get warnings(): readonly MachineWarning[] {
    return this.machine.warnings;
  }

  get nowUs(): number {
    return this.machine.poller.now() - this.#originUs;
  }

  install(packageId: PackageId): void {
    const startedUs = this.#begin();
    this.#setup.store.install(packageId).then(
      () => this.#end("install", packageId, "ok", [[INSTALL, this.nowUs - startedUs]]),
      (error: Error) => this.#failed("install", packageId, error.message),
    );
  }

  uninstall(packageId: PackageId): void {
    this.#begin();
    this.#setup.store.uninstall(packageId).then(
      () => this.#end("uninstall", packageId, "ok"),
      (error: Error) => this.#failed("uninstall", packageId, error.message),
    );
  }

  createZygote(id: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    this.#begin();
    const from = parent === NONE ? undefined : this.#zygotes.get(parent);
    if (parent !== NONE && (from === undefined || from.isGone)) {
      this.#made("create-zygote", id, { status: "parent-died", making: NO_TIME, message: "" }, -1);
      return;
    }
    const zygote = new Zygote(
      this.machine,
      from,
      this.#setup.store.pathsOf(added),
      this.#options.makeTimeoutMs,
      (made) => {
        if (made.status !== "ok") this.#zygotes.delete(id);
        else this.#addSpares(zygote);
        this.#made(
          "create-zygote",
          id,
          made,
          made.status === "ok" ? zygote.slot.cgroup.usedBytes : -1,
        );
      },
    );
    if (!zygote.isGone) this.#zygotes.set(id, zygote);
  }

  createContainer(
    id: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    const startedUs = this.#begin() + this.#originUs;
    const from = parent === NONE ? undefined : this.#zygotes.get(parent);
    if (parent !== NONE && (from === undefined || from.isGone)) {
      this.#made(
        "create-container",
        id,
        { status: "parent-died", making: NO_TIME, message: "" },
        -1,
      );
      return;
    }
    const spare = from === undefined ? undefined : this.#takeSpare(from);
    const container = spare ?? this.#newContainer();
    this.#containers.set(id, container);
    this.#functionOf.set(id, functionId);
    container.become(
      this.#specOf(functionId, missing),
      startedUs,
      this.#options.makeTimeoutMs,
      (made) => {
        if (made.status !== "ok") this.#containers.delete(id);
        const bytes = made.status === "ok" ? container.slot.cgroup.usedBytes : -1;
        this.#made("create-container", id, made, bytes);
        if (spare !== undefined) this.#addSpares(from!);
      },
    );
    if (spare === undefined) container.begin(from);
  }

  run(id: ContainerId, invocation: number, runUs: number, resumes: boolean): void {
    this.#begin();
    const container = this.#containers.get(id)!;
    const functionId = this.#functionOf.get(id)!;
    const request =
      this.#setup.requestOf?.(invocation, runUs, functionId) ??
      `{"event":{"invocation":${invocation},"runUs":${runUs}},"env":{}}`;
    container.run(request, resumes, this.#options.runTimeoutMs, (ran) => {
      if (ran.message !== "") this.#setup.onProblem?.(`invocation ${invocation}: ${ran.message}`);
      this.#setup.onRan?.(invocation, ran);
      const bytes = container.isGone ? -1 : container.slot.cgroup.usedBytes;
      this.#end("run", id, ran.status, [[RESUME, ran.resumeUs]], ran.runUs, bytes);
    });
  }

  pause(id: ContainerId): void {
    this.#begin();
    const container = this.#containers.get(id)!;
    container.pause();
    this.#end("pause", id, "ok");
  }

  destroyContainer(id: ContainerId): void {
    this.#begin();
    const container = this.#containers.get(id)!;
    container.destroy(() => {
      this.#containers.delete(id);
      this.#functionOf.delete(id);
      this.#end("destroy-container", id, "ok");
    });
  }

  destroyZygote(id: ZygoteId): void {
    this.#begin();
    const zygote = this.#zygotes.get(id)!;
    for (const spare of this.#spares.get(zygote) ?? []) spare.destroy(() => {});
    this.#spares.delete(zygote);
    zygote.destroy(() => {
      this.#zygotes.delete(id);
      this.#end("destroy-zygote", id, "ok");
    });
  }

  advance(untilUs: number): boolean | Promise<boolean> {
    const next = this.#done[0];
    if (next !== undefined) return this.#take(untilUs);
    assert(
      this.#outstanding > 0 || untilUs !== Number.POSITIVE_INFINITY,
      "the run waits for something that will never come",
    );
    return new Promise((resolve) => {
      // Behind its time: what has happened meanwhile is heard first.
      if (untilUs <= this.nowUs) setImmediate(() => resolve(this.#take(untilUs)));
      else {
        this.#waiting = { untilUs, resolve };
        if (untilUs !== Number.POSITIVE_INFINITY) {
          this.machine.poller.setTimer(Math.ceil(untilUs + this.#originUs));
        }
      }
    });
  }

  /** Ends a wait of `advance` before its time: it answers false, and something else has come up. */
  interrupt(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(false);
  }

  /** Ends all that lives, then gives everything back. */
  async close(): Promise<void> {
    await this.#setup.store.close();
    const spares = [...this.#spares.values()].flat();
    const all = [...this.#containers.values(), ...this.#zygotes.values(), ...spares];
    await Promise.all(
      all.map((each) => new Promise<void>((resolve) => each.destroy(() => resolve()))),
    );
    await this.machine.close();
  }

  /** Process id of a live container. */
  processOf(id: ContainerId): number {
    return this.#containers.get(id)!.pid;
  }

  /** A live Zygote. */
  zygoteOf(id: ZygoteId): Zygote {
    return this.#zygotes.get(id)!;
  }

  // ------------------------------------------------------------------------------------- makings

  #newContainer(): Container {
    return new Container(this.machine, this.#options.answers);
  }

  #specOf(functionId: FunctionId, missing: Int32Array): ContainerSpec {
    const { store, functions, codeOf } = this.#setup;
    return {
      code: codeOf(functionId),
      paths: store.pathsOf(functions[functionId]!.closure.ids).paths,
      modules: store.pathsOf(missing).modules,
    };
  }

  #takeSpare(zygote: Zygote): Container | undefined {
    const spares = this.#spares.get(zygote);
    const at = spares?.findIndex((each) => each.isWarm && !each.isGone) ?? -1;
    return at < 0 ? undefined : spares!.splice(at, 1)[0];
  }

  #addSpares(zygote: Zygote): void {
    const spares = (this.#spares.get(zygote) ?? []).filter((each) => !each.isGone);
    this.#spares.set(zygote, spares);
    while (spares.length < this.#options.sparesPerZygote && !zygote.isGone) {
      const spare = this.#newContainer();
      spare.warm();
      spare.begin(zygote);
      spares.push(spare);
    }
  }

  // --------------------------------------------------------------------------------- completions

  #begin(): number {
    this.#outstanding++;
    return this.nowUs;
  }

  #made(
    operation: "create-zygote" | "create-container",
    id: number,
    { status, making, message }: Made,
    bytes: number,
  ): void {
    if (message !== "") this.#setup.onProblem?.(`${operation} ${id}: ${message}`);
    const { createUs, forkUs, importUs, loadUs } = making;
    this.#end(
      operation,
      id,
      status,
      [
        [CREATE, createUs],
        [FORK, forkUs],
        [IMPORT, importUs],
        [LOAD, loadUs],
      ],
      0,
      bytes,
    );
  }

  #failed(operation: Operation, id: number, message: string): void {
    this.#setup.onProblem?.(`${operation} ${id}: ${message}`);
    this.#end(operation, id, "failed");
  }

  #end(
    operation: Operation,
    id: number,
    status: Status,
    phases: Done["phases"] = [],
    runUs = 0,
    measuredBytes = -1,
  ): void {
    this.#outstanding--;
    this.#done.push({ atUs: this.nowUs, operation, id, status, runUs, phases, measuredBytes });
    this.#wake();
  }

  /** The timer ran out, or a completion came. */
  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const next = this.#done[0];
    if (next === undefined && this.nowUs < waiting.untilUs) return; // a timer set for an earlier wait
    this.#waiting = undefined;
    waiting.resolve(this.#take(waiting.untilUs));
  }

  /** The oldest completion not after `untilUs`, if there is one. */
  #take(untilUs: number): boolean {
    const next = this.#done[0];
    if (next === undefined || next.atUs > untilUs) return false;
    this.#done.shift();
    const { completion } = this;
    completion.atUs = next.atUs;
    completion.operation = next.operation;
    completion.id = next.id;
    completion.status = next.status;
    completion.runUs = next.runUs;
    completion.measuredBytes = next.measuredBytes;
    completion.phaseUs.fill(0);
    for (const [phase, us] of next.phases) completion.phaseUs[phase] = us;
    return true;
  }
}

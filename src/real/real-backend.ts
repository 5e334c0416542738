import { NONE } from "../basics/none.js";
import type { Advance, Backend, Completion, Operation } from "../contract/backend.js";
import type { PackageId } from "../contract/package-set.js";
import type { ContainerId, ZygoteId } from "../contract/policy.js";
import type { FunctionId } from "../contract/workload.js";
import { Completions } from "./completions.js";
import { CrashBrake } from "./crash-brake.js";
import { Container } from "./guests/container.js";
import type { ContainerSpec } from "./guests/container-work.js";
import type { CreationEnd } from "./guests/creation-times.js";
import type { GuestProcess } from "./guests/guest-process.js";
import { requestWith } from "./guests/guest-request.js";
import { SpareChildren } from "./guests/spare-children.js";
import type { Zygote } from "./guests/zygote.js";
import { loadNative } from "./host/native.js";
import { compileBeside } from "./host/python.js";
import { DEFAULT_RUN_TIMEOUT_MS, usualMakeTimeoutMs } from "./host/time-limits.js";
import { MemoryMeter } from "./memory-meter.js";
import { DEFAULT_OPTIONS, type RealOptions, type RealSetup } from "./real-setup.js";
import { type RefusedZygote, RefusedZygotes } from "./refused-zygotes.js";
import { containerBase } from "./sandboxes/base-root.js";
import { Sandboxes, type SandboxWarning } from "./sandboxes/sandboxes.js";
import { Zygotes } from "./zygotes.js";

/** Performs operations on this machine: lean containers and Zygotes. Needs root on Linux. */
export class RealBackend implements Backend {
  readonly name = "real";
  readonly completion: Completion;
  readonly sandboxes: Sandboxes;
  readonly #setup: RealSetup;
  readonly #options: RealOptions;
  readonly #completions: Completions;
  readonly #spares: SpareChildren;
  readonly #meter: MemoryMeter;
  readonly #containers = new Map<ContainerId, Container>();
  readonly #functionOf = new Map<ContainerId, FunctionId>();
  readonly #zygotes: Zygotes;
  readonly #brake: CrashBrake;
  readonly #refused: RefusedZygotes;

  constructor(setup: RealSetup) {
    this.#setup = setup;
    const { runTimeoutMs = DEFAULT_RUN_TIMEOUT_MS } = setup.options ?? {};
    const makeTimeoutMs = usualMakeTimeoutMs(runTimeoutMs);
    this.#options = { ...DEFAULT_OPTIONS, makeTimeoutMs, ...setup.options };
    const { instance, folder, python, packagesFolder: packages, base } = setup;
    compileBeside(
      python,
      setup.functions.map((_, id) => `${setup.codeOf(id)}/f.py`),
      "/handler",
    );
    this.sandboxes = new Sandboxes(
      loadNative(),
      instance,
      folder,
      containerBase(python, packages, base),
      this.#options,
      () => this.#completions.wake(),
    );
    const warn = setup.onWarning ?? ((warning) => setup.onProblem?.(`warning: ${warning.text}`));
    for (const warning of this.sandboxes.warnings) warn(warning);
    this.#brake = new CrashBrake(this.sandboxes.poller, warn);
    this.#refused = new RefusedZygotes(warn);
    this.#meter = new MemoryMeter(this.sandboxes.cgroups.layout.missing.includes("memory"));
    this.#completions = new Completions(this.sandboxes.poller);
    this.completion = this.#completions.current;
    this.#spares = new SpareChildren(this.sandboxes, this.#options.sparesPerZygote);
    this.#zygotes = new Zygotes({
      sandboxes: this.sandboxes,
      store: setup.store,
      spares: this.#spares,
      refused: this.#refused,
      ahead: setup.ahead,
      makeTimeoutMs: this.#options.makeTimeoutMs,
    });
  }

  /** What this machine lacks; the result shows it. */
  get warnings(): readonly SandboxWarning[] {
    return this.sandboxes.warnings;
  }

  get nowUs(): number {
    return this.#completions.nowUs;
  }

  install(packageId: PackageId): void {
    const startedUs = this.#completions.begin();
    this.#setup.store.install(packageId).then(
      () => {
        const phases = { install: this.nowUs - startedUs };
        this.#completions.end("install", packageId, "ok", { phases });
      },
      (error: Error) => this.#failed("install", packageId, error.message),
    );
  }

  uninstall(packageId: PackageId): void {
    this.#completions.begin();
    this.#setup.store.uninstall(packageId).then(
      () => this.#completions.end("uninstall", packageId, "ok"),
      (error: Error) => this.#failed("uninstall", packageId, error.message),
    );
  }

  createZygote(id: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    this.#completions.begin();
    if (parent !== NONE && this.#zygotes.alive(parent) === undefined) {
      this.#completions.end("create-zygote", id, "parent-died");
      return;
    }
    const reason = this.#zygotes.create(id, parent, added, (creation, zygote) => {
      if (creation.status === "ok") this.#spares.fill(zygote);
      // no later completion would report a value that is read in the background
      void this.#meter
        .refresh(zygote)
        .then(() => this.#endCreation("create-zygote", id, creation, zygote));
    });
    if (reason === undefined) return;
    this.#failed("create-zygote", id, `it must not be forked: ${reason}`);
  }

  createContainer(
    id: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    const startedUs = this.sandboxes.poller.now();
    this.#completions.begin();
    this.#brake.pass(functionId, () =>
      this.#createContainerNow(startedUs, id, functionId, parent, missing),
    );
  }

  #createContainerNow(
    startedUs: number,
    id: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    const from = parent === NONE ? undefined : this.#zygotes.alive(parent);
    if (parent !== NONE && from === undefined) {
      this.#completions.end("create-container", id, "parent-died");
      return;
    }
    const spare = from === undefined ? undefined : this.#spares.take(from);
    const container = spare ?? new Container(this.sandboxes);
    this.#containers.set(id, container);
    this.#functionOf.set(id, functionId);
    // While the kernel creates the process, its code is mounted and its orders are written.
    if (spare === undefined) container.begin(from);
    container.assign(
      this.#specOf(functionId, missing),
      startedUs,
      this.#options.makeTimeoutMs,
      (creation) => {
        if (creation.status !== "ok") this.#containers.delete(id);
        if (creation.status === "failed") this.#brake.died(functionId);
        this.#setup.onMade?.(functionId, creation);
        this.#endCreation("create-container", id, creation, container, from);
        if (from !== undefined) this.#spares.fillSoon(from);
      },
    );
  }

  run(id: ContainerId, invocation: number, runUs: number, resumes: boolean): void {
    this.#completions.begin();
    const container = this.#containers.get(id)!;
    const functionId = this.#functionOf.get(id)!;
    const request =
      this.#setup.requestOf?.(invocation, runUs, functionId) ?? requestWith({ invocation, runUs });
    container.run(request, resumes, this.#options.runTimeoutMs, (invocationEnd) => {
      const { status, outcome, message, runUs: ranUs, thawUs } = invocationEnd;
      if (message !== "") this.#setup.onProblem?.(`invocation ${invocation}: ${message}`);
      if (outcome === "died") this.#brake.died(functionId);
      this.#setup.onRan?.(invocation, invocationEnd);
      this.#completions.end("run", id, status, {
        runUs: ranUs,
        phases: { resume: thawUs === 0 ? 0 : thawUs + this.#options.wakeUs },
        measuredBytes: this.#meter.bytesOf(container),
      });
    });
  }

  pause(id: ContainerId): void {
    this.#completions.begin();
    const container = this.#containers.get(id)!;
    container.pause();
    this.#completions.end("pause", id, "ok");
  }

  destroyContainer(id: ContainerId): void {
    this.#completions.begin();
    const container = this.#containers.get(id)!;
    container.destroy(() => {
      this.#containers.delete(id);
      this.#functionOf.delete(id);
      this.#completions.end("destroy-container", id, "ok");
    });
  }

  destroyZygote(id: ZygoteId): void {
    this.#completions.begin();
    const zygote = this.#zygotes.get(id);
    this.#spares.drop(zygote);
    zygote.destroy(() => {
      this.#zygotes.delete(id);
      this.#completions.end("destroy-zygote", id, "ok");
    });
  }

  advance(untilUs: number): Advance | Promise<Advance> {
    return this.#completions.advance(untilUs);
  }

  interrupt(): void {
    this.#completions.interrupt();
  }

  /** Ends every process, then releases all resources. */
  async close(): Promise<void> {
    this.#brake.close();
    this.#zygotes.close();
    // All at once: a child that a hung Zygote has not forked yet can only end together with that
    // Zygote.
    const guests = [...this.#containers.values(), ...this.#zygotes.all];
    await Promise.all([this.#setup.store.close(), this.#spares.close(), ...guests.map(end)]);
    await this.sandboxes.close();
  }

  /** The Zygotes that must not be forked. */
  get refusedZygotes(): readonly RefusedZygote[] {
    return this.#refused.all;
  }

  /** Process id of a live container. */
  processOf(id: ContainerId): number {
    return this.#containers.get(id)!.pid;
  }

  /** A live Zygote. */
  zygoteOf(id: ZygoteId): Zygote {
    return this.#zygotes.get(id);
  }

  /** How many children a Zygote has ready ahead of need. */
  sparesOf(id: ZygoteId): number {
    return this.#spares.count(this.zygoteOf(id));
  }

  #specOf(functionId: FunctionId, missing: Int32Array): ContainerSpec {
    const { store, functions, codeOf, ahead } = this.#setup;
    const learn = (modules: readonly unknown[]) => {
      ahead?.learn(functionId, modules);
      this.#zygotes.growSoon();
    };
    return {
      code: codeOf(functionId),
      paths: store.pathsOf(functions[functionId].closure.ids).paths,
      modules: ahead === undefined ? store.pathsOf(missing).modules : [],
      settings: this.#setup.settingsOf?.(functionId),
      onSeen: ahead?.watches(functionId) === true ? learn : undefined,
    };
  }

  #endCreation(
    operation: "create-zygote" | "create-container",
    id: number,
    { status, times, message }: CreationEnd,
    guest: GuestProcess,
    parent?: Zygote,
  ): void {
    if (message !== "") this.#setup.onProblem?.(`${operation} ${id}: ${message}`);
    const { createUs, forkUs, importUs, loadUs } = times;
    this.#completions.end(operation, id, status, {
      phases: { create: createUs, fork: forkUs, import: importUs, load: loadUs },
      measuredBytes: this.#meter.bytesOf(guest),
      parentBytes: parent === undefined ? -1 : this.#meter.bytesOfParent(parent),
    });
  }

  #failed(operation: Operation, id: number, message: string): void {
    this.#setup.onProblem?.(`${operation} ${id}: ${message}`);
    this.#completions.end(operation, id, "failed");
  }
}

function end(guest: Container | Zygote): Promise<void> {
  return new Promise((resolve) => guest.destroy(resolve));
}

import { NONE } from "../basics/none.js";
import type { Operations } from "../contract/backend.js";
import type { EngineConfig } from "../contract/config.js";
import { type MeasuredSpan, WHOLE_RUN } from "../contract/measured-span.js";
import type { Observer } from "../contract/observer.js";
import type { ContainerId, Policies, View } from "../contract/policy.js";
import type { FunctionProfile, Package } from "../contract/workload.js";
import { Creations } from "./creations.js";
import { DigestedOperations } from "./digest.js";
import { FollowUps } from "./follow-ups.js";
import { collectHooks, type Listeners } from "./hooks.js";
import { leaveSharedPages, useSharedPages } from "./pages-in-use.js";
import { ContainerTable } from "./tables/container-table.js";
import { InstallTable } from "./tables/install-table.js";
import { InvocationTable } from "./tables/invocation-table.js";
import { Ledger } from "./tables/ledger.js";
import { ZygoteTable } from "./tables/zygote-table.js";

export interface EngineSetup {
  readonly config: EngineConfig;
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
  readonly policies: Policies;
  readonly operations: Operations;
  readonly observer: Observer;
  /** What the totals of memory and disk cover. Absent: the whole run. */
  readonly measured?: MeasuredSpan | undefined;
}

/** All that an engine knows: the tables that its parts share, which are also the policies' view. */
export class EngineState implements View {
  nowUs = 0;
  readonly config: EngineConfig;
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
  readonly policies: Policies;
  readonly hooks: Listeners;
  readonly observer: Observer;
  readonly operations: DigestedOperations;
  readonly memory: Ledger;
  readonly containers: ContainerTable;
  readonly zygotes: ZygoteTable;
  readonly installs: InstallTable;
  readonly invocations: InvocationTable;
  /** The follow-ups of the event being handled; empty between events. */
  readonly followUps: FollowUps = new FollowUps();
  readonly creations: Creations;
  /** Containers being created or running, at most `runsPerCore` per core. */
  activeContainers = 0;
  readonly #maxActive: number;
  /** The run is over: containers and Zygotes are destroyed as soon as they are idle. */
  draining = false;

  constructor(setup: EngineSetup) {
    this.config = setup.config;
    this.#maxActive = Math.max(1, setup.config.cores * setup.config.runsPerCore);
    this.functions = setup.functions;
    this.packages = setup.packages;
    this.policies = setup.policies;
    this.hooks = collectHooks(setup.policies);
    this.observer = setup.observer;
    this.operations = new DigestedOperations(setup.operations);
    const measured = setup.measured ?? WHOLE_RUN;
    this.memory = new Ledger(setup.config.memoryLimitBytes, measured);
    this.zygotes = new ZygoteTable();
    this.containers = new ContainerTable(setup.functions.length, this.zygotes);
    this.installs = new InstallTable(setup.packages, setup.config.diskLimitBytes, measured);
    this.invocations = new InvocationTable(setup.functions.length);
    const { cores, creationsPerCore } = setup.config;
    this.creations = new Creations(
      Math.max(1, Math.floor(cores * creationsPerCore)),
      this.followUps,
    );
    const { containers, invocations } = this;
    containers.waitingOf = (functionId) => invocations.ofFunction.count(functionId);
    containers.waitingForBusyOf = (functionId) => invocations.waitingForBusyOf(functionId);
    containers.outstandingOf = (functionId) => invocations.outstandingOf(functionId);
  }

  /** No core is free for another container to be created or to run. */
  get isFull(): boolean {
    return this.activeContainers >= this.#maxActive;
  }

  /** The container begins to be created or to run; it is not in the handler cache. */
  activate(container: ContainerId): void {
    this.activeContainers++;
    const zygote = this.containers.zygote[container];
    if (zygote !== NONE) useSharedPages(this, zygote);
  }

  /** Its creation or run is over. */
  deactivate(container: ContainerId): void {
    this.activeContainers--;
    const zygote = this.containers.zygote[container];
    if (zygote !== NONE) leaveSharedPages(this, zygote);
  }

  /** No operation is in progress that could free memory or disk. */
  isQuiet(): boolean {
    const isFreeing = this.memory.freeingBytes > 0 || this.installs.freeingBytes > 0;
    if (isFreeing || this.activeContainers > 0) return false;
    return this.zygotes.live.every((zygote) => this.zygotes.isReady(zygote));
  }
}

import { assert } from "../basics/errors.js";
import type { RandomStreams } from "../basics/random.js";
import { TimeHeap } from "../basics/time-heap.js";
import { US_PER_SECOND } from "../basics/units.js";
import {
  type Advance,
  type Backend,
  COMPLETION,
  Completion,
  DUE,
  OPERATIONS,
  type Operation,
  PHASES,
} from "../contract/backend.js";
import type { BusyCores } from "../contract/overload.js";
import type { PackageId } from "../contract/package-set.js";
import type { ContainerId, ZygoteId } from "../contract/policy.js";
import type { FunctionId, FunctionProfile, Package } from "../contract/workload.js";
import { CostModel, CREATION_PARTS } from "./costs/cost-model.js";
import type { Costs } from "./costs/costs.js";
import { MemoryModel } from "./costs/process-memory.js";
import { Cores } from "./sharing/cores.js";
import { JobTable } from "./sharing/job-table.js";
import { SharedBandwidth } from "./sharing/shared-bandwidth.js";

const CODE = Object.fromEntries(OPERATIONS.map((name, code) => [name, code])) as Record<
  Operation,
  number
>;
const INSTALL = PHASES.indexOf("install");
const RESUME = PHASES.indexOf("resume");
/** Demand of work that keeps one core busy, in thousandths of a core. */
const WHOLE_CORE = 1000;

export interface SimSetup {
  readonly costs: Costs;
  readonly cores: number;
  readonly packages: readonly Package[];
  readonly functions: readonly FunctionProfile[];
  readonly streams: RandomStreams;
}

/**
 * Performs operations in virtual time. Runs, creations and destructions share the cores. An install
 * waits for one of a few places, then uses first the network, then the disk, then the cores, each
 * shared with others. Pausing and the removal of packages only take time.
 *
 * The order of events is total: of the completions at one microsecond, those of the cores come
 * first (runs last), then those of network, disk and timers; within each, the operation that was
 * begun first comes first.
 */
export class SimBackend implements Backend {
  readonly name = "sim";
  readonly completion: Completion = new Completion();
  nowUs = 0;
  readonly #model: CostModel;
  readonly #packages: readonly Package[];
  readonly #runDemand: number;
  readonly #installDemand: number;
  readonly #jobs = new JobTable();
  readonly #cores: Cores;
  readonly #network: SharedBandwidth;
  readonly #disk: SharedBandwidth;
  readonly #timers = new TimeHeap();
  readonly #memory: MemoryModel;
  /** Per slot: the container has served no invocation yet. */
  readonly #isNew: boolean[] = [];
  /** Installs that wait for a place, first come first served. */
  readonly #installQueue: number[] = [];
  #installPlaces: number;
  readonly #demandOnCores = (job: number): number => this.#jobs.demand[job];

  constructor(setup: SimSetup) {
    const { costs } = setup.costs;
    this.#model = new CostModel(setup.costs, setup.packages, setup.streams);
    this.#packages = setup.packages;
    this.#memory = new MemoryModel(setup);
    this.#runDemand = demandOf(costs.runCpuDemand.value);
    this.#installDemand = demandOf(costs.installDemand.value);
    this.#cores = new Cores(setup.cores * WHOLE_CORE, setup.costs.contention);
    this.#network = new SharedBandwidth(costs.downloadBandwidth.value / US_PER_SECOND);
    this.#disk = new SharedBandwidth(costs.diskBandwidth.value / US_PER_SECOND);
    this.#installPlaces = costs.installConcurrency.value;
  }

  install(packageId: PackageId): void {
    const job = this.#jobs.add(CODE.install, packageId, this.nowUs);
    if (this.#installPlaces === 0) this.#installQueue.push(job);
    else this.#beginInstall(job);
  }

  uninstall(packageId: PackageId): void {
    this.#afterTime(
      this.#jobs.add(CODE.uninstall, packageId, this.nowUs),
      this.#model.uninstallUs(),
    );
  }

  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    const job = this.#jobs.add(CODE["create-zygote"], zygote, this.nowUs);
    const inheritedBytes = this.#memory.inheritedFrom(parent);
    this.#memory.addZygote(zygote, parent, added);
    const demand = this.#model.zygote(this.#partsOf(job), inheritedBytes, added);
    this.#beginCreation(job, demand);
  }

  createContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    const job = this.#jobs.add(CODE["create-container"], container, this.nowUs);
    this.#isNew[container] = true;
    this.#memory.addContainer(container, functionId, parent, missing);
    const demand = this.#model.container(
      this.#partsOf(job),
      this.#memory.inheritedFrom(parent),
      missing,
      this.#memory.handlerBytes(functionId),
    );
    this.#beginCreation(job, demand);
  }

  run(container: ContainerId, _invocation: number, runUs: number, resumes: boolean): void {
    const jobs = this.#jobs;
    const job = jobs.add(CODE.run, container, this.nowUs);
    const isFirst = this.#isNew[container];
    this.#isNew[container] = false;
    const model = this.#model;
    model.drawRun(isFirst, resumes, runUs);
    const workUs = model.requestUs + model.handlerUs;
    jobs.workBefore[job] = model.requestUs;
    jobs.work[job] = workUs;
    jobs.workToResume[job] = model.resumeUs;
    jobs.demand[job] = this.#runDemand;
    this.#cores.add(job, true, workUs, this.#runDemand, this.nowUs);
  }

  pause(container: ContainerId): void {
    this.#afterTime(this.#jobs.add(CODE.pause, container, this.nowUs), this.#model.pauseUs());
  }

  destroyContainer(container: ContainerId): void {
    this.#onCores(
      this.#jobs.add(CODE["destroy-container"], container, this.nowUs),
      this.#model.containerDestroyUs(this.#memory.container(container)),
      WHOLE_CORE,
    );
  }

  destroyZygote(zygote: ZygoteId): void {
    this.#onCores(
      this.#jobs.add(CODE["destroy-zygote"], zygote, this.nowUs),
      this.#model.zygoteDestroyUs(this.#memory.zygote(zygote)),
      WHOLE_CORE,
    );
  }

  advance(untilUs: number): Advance {
    for (;;) {
      const coresUs = this.#cores.nextUs;
      const networkUs = this.#network.nextUs;
      const diskUs = this.#disk.nextUs;
      const timersUs = this.#timers.minKey;
      const nextUs = Math.min(coresUs, networkUs, diskUs, timersUs);
      if (nextUs > untilUs) {
        this.nowUs = untilUs;
        return DUE;
      }
      assert(
        nextUs !== Number.POSITIVE_INFINITY,
        "the run waits for something that will never come",
      );
      this.nowUs = nextUs;
      if (nextUs === coresUs) {
        this.#complete(this.#cores.next(this.#demandOnCores));
        return COMPLETION;
      }
      if (nextUs === networkUs) {
        const job = this.#network.next();
        this.#disk.add(job, this.#packages[this.#jobs.id[job]].diskBytes, nextUs);
      } else if (nextUs === diskUs) {
        const job = this.#disk.next();
        this.#onCores(job, this.#model.installUs(this.#jobs.id[job]), this.#installDemand);
      } else {
        this.#complete(this.#timers.pop());
        return COMPLETION;
      }
    }
  }

  busyCores(): BusyCores | null {
    return this.#cores.busy(this.nowUs);
  }

  /** Does nothing: virtual time passes within `advance`, so no call of it ever waits. */
  interrupt(): void {}

  close(): void {}

  #partsOf(job: number): Float64Array {
    this.#jobs.parts[job] ??= new Float64Array(CREATION_PARTS);
    return this.#jobs.parts[job];
  }

  #beginCreation(job: number, demand: number): void {
    let workUs = 0;
    for (const us of this.#jobs.parts[job]) workUs += us;
    this.#onCores(job, workUs, demandOf(demand));
  }

  #beginInstall(job: number): void {
    this.#installPlaces--;
    this.#network.add(job, this.#packages[this.#jobs.id[job]].downloadBytes, this.nowUs);
  }

  #onCores(job: number, workUs: number, demand: number): void {
    this.#jobs.work[job] = workUs;
    this.#jobs.demand[job] = demand;
    this.#cores.add(job, false, workUs, demand, this.nowUs);
  }

  #afterTime(job: number, us: number): void {
    this.#timers.push(this.nowUs + Math.round(us), job);
  }

  #complete(job: number): void {
    const jobs = this.#jobs;
    const completion = this.completion;
    const code = jobs.operation[job];
    const elapsedUs = this.nowUs - jobs.startedAt[job];
    completion.atUs = this.nowUs;
    completion.operation = OPERATIONS[code];
    completion.id = jobs.id[job];
    completion.measuredBytes = -1;
    completion.workUs = -1;
    if (code === CODE.run) {
      const stretch = jobs.work[job] === 0 ? 0 : elapsedUs / jobs.work[job];
      completion.runUs = elapsedUs - Math.round(stretch * jobs.workBefore[job]);
      completion.phaseUs[RESUME] = Math.round(stretch * jobs.workToResume[job]);
    } else if (code === CODE["create-container"] || code === CODE["create-zygote"]) {
      this.#spread(elapsedUs, jobs.parts[job], jobs.work[job]);
      if (code === CODE["create-container"]) completion.workUs = Math.round(jobs.work[job]);
      completion.measuredBytes =
        code === CODE["create-zygote"]
          ? this.#memory.zygote(completion.id).aloneBytes
          : this.#memory.container(completion.id).aloneBytes;
    } else if (code === CODE.install) {
      completion.phaseUs.fill(0);
      completion.phaseUs[INSTALL] = elapsedUs;
      this.#installPlaces++;
      const waiting = this.#installQueue.shift();
      if (waiting !== undefined) this.#beginInstall(waiting);
    }
    jobs.remove(job);
  }

  /**
   * Splits the time that a creation took in the proportions of its work, in whole microseconds. The
   * last part is not a phase.
   */
  #spread(elapsedUs: number, parts: Float64Array, workUs: number): void {
    const { phaseUs } = this.completion;
    let workSoFar = 0;
    let usSoFar = 0;
    for (let phase = 0; phase < phaseUs.length; phase++) {
      workSoFar += parts[phase];
      const reachedUs = workUs === 0 ? 0 : Math.round((elapsedUs * workSoFar) / workUs);
      phaseUs[phase] = reachedUs - usSoFar;
      usSoFar = reachedUs;
    }
  }
}

/** A number of cores, as a demand in thousandths of a core. */
function demandOf(cores: number): number {
  return Math.max(1, Math.round(cores * WHOLE_CORE));
}

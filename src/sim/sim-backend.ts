import { type Backend, Completion, OPERATIONS, type Operation, PHASES } from "../engine/backend.js";
import { assert } from "../engine/errors.js";
import type { PackageId } from "../engine/package-set.js";
import { type ContainerId, NONE, type ZygoteId } from "../engine/policy.js";
import type { RandomStreams } from "../engine/random.js";
import { TimeHeap } from "../engine/time-heap.js";
import { US_PER_SECOND } from "../engine/units.js";
import type { FunctionId, Package } from "../engine/workload.js";
import { CostModel } from "./cost-model.js";
import { type Costs, footprintOf } from "./costs.js";
import { JobTable } from "./job-table.js";
import { SharedResource } from "./shared-resource.js";

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
  readonly streams: RandomStreams;
}

/**
 * Performs operations in virtual time. Runs, creations and destructions share the cores; an install
 * waits for one of a few places, then shares the network, the disk and the cores in turn; pausing
 * and removal of packages only take time.
 *
 * Completions at one microsecond come from the cores first, then network, disk and timers, and from
 * each in the order in which the operations were begun, so the order of events is total.
 */
export class SimBackend implements Backend {
  readonly name = "sim";
  readonly completion: Completion = new Completion();
  nowUs = 0;
  readonly #model: CostModel;
  readonly #packages: readonly Package[];
  readonly #interpreterBytes: number;
  readonly #runDemand: number;
  readonly #jobs = new JobTable();
  readonly #cores: SharedResource;
  readonly #network: SharedResource;
  readonly #disk: SharedResource;
  readonly #timers = new TimeHeap();
  /** Bytes inherited by what is forked from a Zygote, by its slot. */
  readonly #inheritedBytes: number[] = [];
  /** Installs that wait for a place, first come first served. */
  readonly #installQueue: number[] = [];
  #installPlaces: number;
  readonly #demandOnCores = (job: number): number => this.#jobs.demand[job]!;

  constructor(setup: SimSetup) {
    const { costs } = setup.costs;
    this.#model = new CostModel(setup.costs, setup.packages, setup.streams);
    this.#packages = setup.packages;
    this.#interpreterBytes = footprintOf(setup.costs).interpreterBytes;
    this.#runDemand = Math.max(1, Math.round(costs.runCpuDemand.value * WHOLE_CORE));
    this.#cores = new SharedResource(setup.cores * WHOLE_CORE, 1);
    this.#network = new SharedResource(
      costs.downloadBandwidth.value / US_PER_SECOND,
      Number.POSITIVE_INFINITY,
    );
    this.#disk = new SharedResource(
      costs.diskBandwidth.value / US_PER_SECOND,
      Number.POSITIVE_INFINITY,
    );
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
      this.#model.uninstall.next(),
    );
  }

  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    const job = this.#jobs.add(CODE["create-zygote"], zygote, this.nowUs);
    const inheritedBytes = parent === NONE ? 0 : this.#inheritedBytes[parent]!;
    let bytes = parent === NONE ? this.#interpreterBytes : inheritedBytes;
    for (const id of added) bytes += this.#packages[id]!.memoryBytes;
    this.#inheritedBytes[zygote] = bytes;
    this.#beginCreation(job, inheritedBytes, added, false);
  }

  createContainer(
    container: ContainerId,
    _functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    const job = this.#jobs.add(CODE["create-container"], container, this.nowUs);
    this.#beginCreation(job, parent === NONE ? 0 : this.#inheritedBytes[parent]!, missing, true);
  }

  run(container: ContainerId, _invocation: number, runUs: number, resumes: boolean): void {
    const jobs = this.#jobs;
    const job = jobs.add(CODE.run, container, this.nowUs);
    const beforeUs = resumes ? this.#model.resume.next() : 0;
    const workUs = beforeUs + this.#model.request.next() + runUs;
    jobs.workBefore[job] = beforeUs;
    jobs.work[job] = workUs;
    jobs.demand[job] = this.#runDemand;
    this.#cores.add(job, workUs, this.#runDemand, this.nowUs);
  }

  pause(container: ContainerId): void {
    this.#afterTime(this.#jobs.add(CODE.pause, container, this.nowUs), this.#model.pause.next());
  }

  destroyContainer(container: ContainerId): void {
    this.#onOneCore(
      this.#jobs.add(CODE["destroy-container"], container, this.nowUs),
      this.#model.containerDestroy.next(),
    );
  }

  destroyZygote(zygote: ZygoteId): void {
    this.#onOneCore(
      this.#jobs.add(CODE["destroy-zygote"], zygote, this.nowUs),
      this.#model.zygoteDestroy.next(),
    );
  }

  advance(untilUs: number): boolean {
    for (;;) {
      const coresUs = this.#cores.nextUs;
      const networkUs = this.#network.nextUs;
      const diskUs = this.#disk.nextUs;
      const timersUs = this.#timers.minKey;
      const nextUs = Math.min(coresUs, networkUs, diskUs, timersUs);
      if (nextUs > untilUs) {
        this.nowUs = untilUs;
        return false;
      }
      assert(
        nextUs !== Number.POSITIVE_INFINITY,
        "the run waits for something that will never come",
      );
      this.nowUs = nextUs;
      if (nextUs === coresUs) {
        this.#complete(this.#cores.next(this.#demandOnCores));
        return true;
      }
      if (nextUs === networkUs) {
        const job = this.#network.next(one);
        this.#disk.add(job, this.#packages[this.#jobs.id[job]!]!.diskBytes, 1, nextUs);
      } else if (nextUs === diskUs) {
        const job = this.#disk.next(one);
        this.#onOneCore(job, this.#model.installUs(this.#jobs.id[job]!));
      } else {
        this.#complete(this.#timers.pop());
        return true;
      }
    }
  }

  close(): void {}

  #beginCreation(
    job: number,
    inheritedBytes: number,
    imported: Int32Array,
    loadsHandler: boolean,
  ): void {
    this.#jobs.phases[job] ??= new Float64Array(PHASES.length);
    this.#onOneCore(
      job,
      this.#model.creation(this.#jobs.phases[job], inheritedBytes, imported, loadsHandler),
    );
  }

  #beginInstall(job: number): void {
    this.#installPlaces--;
    this.#network.add(job, this.#packages[this.#jobs.id[job]!]!.downloadBytes, 1, this.nowUs);
  }

  #onOneCore(job: number, workUs: number): void {
    this.#jobs.work[job] = workUs;
    this.#jobs.demand[job] = WHOLE_CORE;
    this.#cores.add(job, workUs, WHOLE_CORE, this.nowUs);
  }

  #afterTime(job: number, us: number): void {
    this.#timers.push(this.nowUs + Math.round(us), job);
  }

  #complete(job: number): void {
    const jobs = this.#jobs;
    const completion = this.completion;
    const code = jobs.operation[job]!;
    const elapsedUs = this.nowUs - jobs.startedAt[job]!;
    completion.atUs = this.nowUs;
    completion.operation = OPERATIONS[code]!;
    completion.id = jobs.id[job]!;
    if (code === CODE.run) {
      const beforeUs = jobs.workBefore[job]!;
      const resumeUs = beforeUs === 0 ? 0 : Math.round((elapsedUs * beforeUs) / jobs.work[job]!);
      completion.runUs = elapsedUs - resumeUs;
      completion.phaseUs[RESUME] = resumeUs;
    } else if (code === CODE["create-container"] || code === CODE["create-zygote"]) {
      this.#spread(elapsedUs, jobs.phases[job]!, jobs.work[job]!);
    } else if (code === CODE.install) {
      completion.phaseUs.fill(0);
      completion.phaseUs[INSTALL] = elapsedUs;
      this.#installPlaces++;
      const waiting = this.#installQueue.shift();
      if (waiting !== undefined) this.#beginInstall(waiting);
    }
    jobs.remove(job);
  }

  /** Splits the time a creation took as its work is split, in whole microseconds that add up. */
  #spread(elapsedUs: number, phases: Float64Array, workUs: number): void {
    let workSoFar = 0;
    let usSoFar = 0;
    for (let phase = 0; phase < phases.length; phase++) {
      workSoFar += phases[phase]!;
      const reachedUs = workUs === 0 ? 0 : Math.round((elapsedUs * workSoFar) / workUs);
      this.completion.phaseUs[phase] = reachedUs - usSoFar;
      usSoFar = reachedUs;
    }
  }
}

/** Every transfer demands the same share of a bandwidth. */
function one(): number {
  return 1;
}

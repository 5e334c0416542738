import { assert } from "../../basics/errors.js";
import { type Advance, type Backend, COMPLETION, Completion, DUE } from "../../contract/backend.js";
import type { PackageId } from "../../contract/package-set.js";
import type { ContainerId, ZygoteId } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { type OperationKey, OperationKeys } from "./operation-keys.js";
import { type RecordedCost, type RecordedCosts, UNMEASURED } from "./recorded-costs.js";

interface Job {
  readonly key: OperationKey;
  readonly dueUs: number;
  /** Infinity: no operation of the kind was recorded. */
  readonly place: number;
  readonly cost: RecordedCost | null;
}

/**
 * Performs operations in virtual time; each takes the time that a similar operation took in a
 * recorded run. Nothing is shared: a recorded time includes the influence of other operations.
 */
export class RecordedBackend implements Backend {
  readonly name = "recorded";
  readonly completion: Completion = new Completion();
  nowUs = 0;
  readonly #costs: RecordedCosts;
  readonly #keys = new OperationKeys();
  /** Operations in progress, in order of their ends. They are few at any time. */
  readonly #jobs: Job[] = [];

  constructor(costs: RecordedCosts) {
    this.#costs = costs;
  }

  install(packageId: PackageId): void {
    this.#begin(this.#keys.package("install", packageId));
  }
  uninstall(packageId: PackageId): void {
    this.#begin(this.#keys.package("uninstall", packageId));
  }
  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    this.#begin(this.#keys.createZygote(zygote, parent, added));
  }
  createContainer(
    container: ContainerId,
    functionId: FunctionId,
    parent: ZygoteId,
    missing: Int32Array,
  ): void {
    this.#begin(this.#keys.createContainer(container, functionId, parent, missing));
  }
  run(container: ContainerId, invocation: number, _runUs: number, resumes: boolean): void {
    this.#begin(this.#keys.run(container, invocation, resumes));
  }
  pause(container: ContainerId): void {
    this.#begin(this.#keys.container("pause", container));
  }
  destroyContainer(container: ContainerId): void {
    this.#begin(this.#keys.container("destroy-container", container));
  }
  destroyZygote(zygote: ZygoteId): void {
    this.#begin(this.#keys.destroyZygote(zygote));
  }

  advance(untilUs: number): Advance {
    const next = this.#jobs[0];
    if (next === undefined || next.dueUs > untilUs) {
      assert(
        untilUs !== Number.POSITIVE_INFINITY,
        "the run waits for something that will never come",
      );
      this.nowUs = untilUs;
      return DUE;
    }
    this.#jobs.shift();
    this.nowUs = next.dueUs;
    this.#complete(next);
    return COMPLETION;
  }

  /** Does nothing: virtual time passes within `advance`, so no call of it ever waits. */
  interrupt(): void {}

  close(): void {}

  #begin(key: OperationKey): void {
    const cost = this.#costs.take(key);
    const job: Job = {
      key,
      cost,
      dueUs: this.nowUs + (cost?.elapsedUs ?? 0),
      place: cost?.place ?? Number.POSITIVE_INFINITY,
    };
    let at = this.#jobs.length;
    while (at > 0 && isBefore(job, this.#jobs[at - 1])) at--;
    this.#jobs.splice(at, 0, job);
  }

  #complete({ key, dueUs, cost }: Job): void {
    const { completion } = this;
    completion.atUs = dueUs;
    completion.operation = key.operation;
    completion.id = key.id;
    Object.assign(completion, cost?.outcome ?? UNMEASURED);
    completion.phaseUs.fill(0);
    if (cost !== null) completion.phaseUs.set(cost.phaseUs);
  }
}

function isBefore(a: Job, b: Job): boolean {
  return a.dueUs < b.dueUs || (a.dueUs === b.dueUs && a.place < b.place);
}

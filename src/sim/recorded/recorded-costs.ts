import type { RandomStream } from "../../basics/random.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import { Completion, PHASES } from "../../contract/backend.js";
import type { ReplayListener } from "../../contract/listener.js";
import { type OperationKey, OperationKeys } from "./operation-keys.js";

/** The fields of a completion for which nothing was recorded. */
const {
  atUs: _at,
  operation: _operation,
  id: _id,
  phaseUs: _phases,
  ...UNMEASURED
} = new Completion();

export { UNMEASURED };

/** A completion without its time, its operation and its id. */
export type RecordedEnd = Omit<Completion, "atUs" | "operation" | "id" | "phaseUs">;

/** The cost of one operation of a recorded run. */
export interface RecordedCost {
  readonly kind: string;
  /** From the event that led to the operation until its completion. */
  readonly elapsedUs: number;
  /** By index in PHASES. */
  readonly phaseUs: readonly number[];
  /** The other fields of its completion. */
  readonly outcome: RecordedEnd;
  /** Its place among all completions, which orders those of one microsecond. */
  readonly place: number;
}

/**
 * How costs are handed out. `same`: each operation takes as long as the recorded operation with the
 * same work, first come first served. `drawn`: it takes as long as a similar one drawn at random,
 * so that only the distribution of the costs is that of the recorded run.
 */
export type CostOrder = "same" | "drawn";

/** Number of operations by the origin of their costs. */
export interface CostUse {
  /** The same work, in its order or drawn from its repetitions. */
  same: number;
  /** Other work of the same kind. */
  alike: number;
  /** The recorded run did no work of the kind, so the operation takes no time. */
  unknown: number;
}

const RESUME = PHASES.indexOf("resume");
/**
 * Time of an operation that had not completed when its recorded run ended: longer than any run goes
 * on after its last event.
 */
const UNFINISHED_US = US_PER_MINUTE * 60;

/** An operation of a recorded run; it has no cost until it has completed. */
interface RecordedOperation {
  readonly key: OperationKey;
  readonly atUs: number;
  cost?: RecordedCost;
}

/** Collects the costs of the operations of a recorded run, while it is replayed. */
export class CostCollector implements ReplayListener {
  readonly #keys = new OperationKeys();
  /** All operations, in the order in which they were begun. */
  readonly #recorded: RecordedOperation[] = [];
  /** Operations in progress, by operation and slot. */
  readonly #underWay = new Map<string, RecordedOperation>();
  #completed = 0;
  #nowUs = 0;

  comes(atUs: number): void {
    this.#nowUs = atUs;
  }

  completed({ atUs, operation, id, phaseUs, ...outcome }: Completion): void {
    const slot = `${operation} ${id}`;
    const recorded = this.#underWay.get(slot);
    if (recorded === undefined) return; // the replay itself reports this as a divergence
    this.#underWay.delete(slot);
    recorded.cost = {
      kind: recorded.key.kind,
      elapsedUs: atUs - recorded.atUs,
      phaseUs: [...phaseUs],
      outcome,
      place: this.#completed++,
    };
  }

  install(id: number): void {
    this.#begin(this.#keys.package("install", id));
  }
  uninstall(id: number): void {
    this.#begin(this.#keys.package("uninstall", id));
  }
  createZygote(id: number, parent: number, added: Int32Array): void {
    this.#begin(this.#keys.createZygote(id, parent, added));
  }
  createContainer(id: number, functionId: number, parent: number, missing: Int32Array): void {
    this.#begin(this.#keys.createContainer(id, functionId, parent, missing));
  }
  run(id: number, invocation: number, _runUs: number, resumes: boolean): void {
    this.#begin(this.#keys.run(id, invocation, resumes));
  }
  pause(id: number): void {
    this.#begin(this.#keys.container("pause", id));
  }
  destroyContainer(id: number): void {
    this.#begin(this.#keys.container("destroy-container", id));
  }
  destroyZygote(id: number): void {
    this.#begin(this.#keys.destroyZygote(id));
  }

  /** The costs, for one other run. `random` draws those that are not taken in order. */
  costs(order: CostOrder, random: RandomStream): RecordedCosts {
    return new RecordedCosts(this.#recorded, order, random);
  }

  #begin(key: OperationKey): void {
    const recorded: RecordedOperation = { key, atUs: this.#nowUs };
    this.#recorded.push(recorded);
    this.#underWay.set(`${key.operation} ${key.id}`, recorded);
  }
}

/** Hands out a recorded run's costs to the operations of another. */
export class RecordedCosts {
  readonly use: CostUse = { same: 0, alike: 0, unknown: 0 };
  readonly #byWork = new Map<string, RecordedCost[]>();
  readonly #byKind = new Map<string, RecordedCost[]>();
  /** Per work: how many of its costs have been handed out. */
  readonly #taken = new Map<string, number>();
  readonly #order: CostOrder;
  readonly #random: RandomStream;

  constructor(recorded: readonly RecordedOperation[], order: CostOrder, random: RandomStream) {
    this.#order = order;
    this.#random = random;
    for (const { key, cost } of recorded) {
      if (cost !== undefined) {
        append(this.#byWork, key.work, cost);
        append(this.#byKind, cost.kind, cost);
      } else if (order === "same") append(this.#byWork, key.work, unfinished(key.kind));
    }
  }

  /** The cost of one more operation; null if no operation of the kind was recorded. */
  take({ work, kind, operation }: OperationKey): RecordedCost | null {
    const same = this.#byWork.get(work);
    const alike = this.#byKind.get(kind);
    if (same !== undefined) {
      this.use.same++;
      const taken = this.#taken.get(work) ?? 0;
      this.#taken.set(work, taken + 1);
      const cost = this.#order === "same" && taken < same.length ? same[taken] : this.#draw(same);
      return operation === "run" && cost.kind !== kind ? this.#startedOtherwise(cost, kind) : cost;
    }
    if (alike !== undefined) {
      this.use.alike++;
      return this.#draw(alike);
    }
    this.use.unknown++;
    return null;
  }

  /**
   * An invocation that was resumed in only one of the two runs: its handler takes the same time.
   */
  #startedOtherwise(cost: RecordedCost, kind: string): RecordedCost {
    const alike = this.#byKind.get(kind);
    const resumeUs = alike === undefined ? 0 : this.#draw(alike).phaseUs[RESUME];
    const elapsedUs = cost.elapsedUs - cost.phaseUs[RESUME] + resumeUs;
    return { ...cost, kind, elapsedUs, phaseUs: cost.phaseUs.with(RESUME, resumeUs) };
  }

  #draw(costs: readonly RecordedCost[]): RecordedCost {
    return costs[Math.floor(this.#random.next() * costs.length)];
  }
}

/** Keeps the place of an operation without an end among those with the same work. */
function unfinished(kind: string): RecordedCost {
  return {
    kind,
    elapsedUs: UNFINISHED_US,
    phaseUs: PHASES.map(() => 0),
    outcome: UNMEASURED,
    place: Number.POSITIVE_INFINITY,
  };
}

function append(costs: Map<string, RecordedCost[]>, name: string, cost: RecordedCost): void {
  const list = costs.get(name);
  if (list === undefined) costs.set(name, [cost]);
  else list.push(cost);
}

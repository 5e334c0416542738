import { assert } from "../../src/basics/errors.js";
import { NONE } from "../../src/basics/none.js";
import {
  type Advance,
  type Backend,
  COMPLETION,
  Completion,
  DUE,
  type Operation,
  PHASES,
} from "../../src/contract/backend.js";
import type { Script } from "./story.js";

const NOTHING_SPECIAL = { status: "ok", measuredBytes: -1 } as const;

interface Outstanding {
  readonly dueUs: number;
  readonly operation: Operation;
  readonly id: number;
  readonly startedUs: number;
  readonly runUs: number;
  /** How many operations of this kind the story has begun, this one included. */
  readonly count: number;
}

/**
 * A backend whose operations take the times, fail and measure as a story's script says. Completions
 * of one time come in the order in which their operations were begun.
 */
export class ScriptedBackend implements Backend {
  readonly name = "sim";
  readonly completion: Completion = new Completion();
  readonly #script: Script;
  readonly #outstanding: Outstanding[] = [];
  readonly #counts = new Map<Operation, number>();
  #nowUs = 0;

  constructor(script: Script) {
    this.#script = script;
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  advance(untilUs: number): Advance {
    const dueUs = Math.min(...this.#outstanding.map((each) => each.dueUs));
    assert(Math.min(dueUs, untilUs) < Number.POSITIVE_INFINITY, "a story waits for nothing");
    if (dueUs > untilUs) {
      this.#nowUs = untilUs;
      return DUE;
    }
    this.#nowUs = dueUs;
    const at = this.#outstanding.findIndex((each) => each.dueUs === dueUs);
    this.#complete(this.#outstanding.splice(at, 1)[0]);
    return COMPLETION;
  }

  install(id: number): void {
    this.#begin("install", id, this.#script.takesUs.install);
  }
  uninstall(id: number): void {
    this.#begin("uninstall", id, this.#script.takesUs.uninstall);
  }
  createZygote(id: number): void {
    this.#begin("create-zygote", id, this.#script.takesUs["create-zygote"]);
  }
  createContainer(id: number): void {
    this.#begin("create-container", id, this.#script.takesUs["create-container"]);
  }
  run(id: number, _invocation: number, runUs: number, resumes: boolean): void {
    this.#begin("run", id, runUs + (resumes ? this.#script.takesUs.resume : 0), runUs);
  }
  pause(id: number): void {
    this.#begin("pause", id, this.#script.takesUs.pause);
  }
  destroyContainer(id: number): void {
    this.#begin("destroy-container", id, this.#script.takesUs["destroy-container"]);
  }
  destroyZygote(id: number): void {
    this.#begin("destroy-zygote", id, this.#script.takesUs["destroy-zygote"]);
  }
  interrupt(): void {}
  close(): void {}

  #begin(operation: Operation, id: number, takesUs: number, runUs = 0): void {
    const count = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, count);
    const startedUs = this.#nowUs;
    const dueUs = startedUs + takesUs;
    this.#outstanding.push({ dueUs, operation, id, startedUs, runUs, count });
  }

  #complete({ dueUs, operation, id, startedUs, runUs, count }: Outstanding): void {
    const end = this.#script.ends.get(`${operation} ${count}`) ?? NOTHING_SPECIAL;
    const completion = this.completion;
    completion.atUs = dueUs;
    completion.operation = operation;
    completion.id = id;
    completion.status = end.status;
    completion.runUs = runUs;
    completion.measuredBytes = end.measuredBytes;
    completion.parentBytes = NONE;
    completion.phaseUs.fill(0);
    if (operation === "run")
      completion.phaseUs[PHASES.indexOf("resume")] = Math.max(0, dueUs - startedUs - runUs);
    if (operation.startsWith("create-"))
      completion.phaseUs[PHASES.indexOf("create")] = dueUs - startedUs;
  }
}

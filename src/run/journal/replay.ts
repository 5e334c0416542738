import { createHash } from "node:crypto";
import { InputError } from "../../basics/errors.js";
import {
  Completion,
  OPERATIONS,
  type Operation,
  type Operations,
  STATUSES,
  type Status,
} from "../../contract/backend.js";
import type { ReplayListener } from "../../contract/listener.js";
import type { Observer } from "../../contract/observer.js";
import type { Policies } from "../../contract/policy.js";
import { Engine } from "../../engine/engine.js";
import { type ReplaySetup, readHeader, setupFromHeader } from "./header.js";
import { functionOf, packageOf } from "./journal-rows.js";
import { type JournalHeader, OPERATION_LINES, type Registration } from "./journal-writer.js";

/** The first place where a journal and the engine disagree. */
export interface Divergence {
  readonly line: number;
  readonly recorded: string;
  readonly replayed: string;
}

export interface ReplayResult {
  readonly events: number;
  readonly operations: number;
  readonly divergence: Divergence | null;
}

/**
 * Feeds a journal's events to a new engine and compares its operations with the journal, line by
 * line. `lines` are all lines, the header first. `makePolicies` makes the policies that the header
 * names. Errors: InputError that names file and line if the journal is cut off or cannot be read.
 */
export async function replayJournal(
  lines: AsyncIterable<string>,
  path: string,
  makePolicies: (header: JournalHeader, setup: ReplaySetup) => Promise<Policies>,
  observer: Observer,
  listener?: ReplayListener,
): Promise<ReplayResult> {
  const replay = new Replay(path, listener);
  for await (const line of lines) {
    if (replay.isAtHeader) {
      const header = readHeader(line, path);
      const { setup, policies } = await remake(header, path, makePolicies);
      replay.begin(line, setup, policies, observer);
    } else if (replay.step(line)) break;
  }
  return replay.result();
}

/**
 * Makes set-up and policies from the header. Errors: InputError if it lacks what an engine needs.
 */
async function remake(
  header: JournalHeader,
  path: string,
  makePolicies: (header: JournalHeader, setup: ReplaySetup) => Promise<Policies>,
): Promise<{ readonly setup: ReplaySetup; readonly policies: Policies }> {
  try {
    const setup = setupFromHeader(header);
    return { setup, policies: await makePolicies(header, setup) };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new InputError(
      `${path}:1: the header is damaged (${error.message}): record the run again`,
    );
  }
}

class Replay {
  readonly #path: string;
  readonly #listener: ReplayListener | undefined;
  readonly #expected: ExpectedLines;
  readonly #completion = new Completion();
  readonly #hash = createHash("sha256");
  #engine: Engine | null = null;
  #setup: ReplaySetup | null = null;
  #line = 0;
  #events = 0;
  #operations = 0;
  #hasEnded = false;
  #divergence: Divergence | null = null;

  constructor(path: string, listener: ReplayListener | undefined) {
    this.#path = path;
    this.#listener = listener;
    this.#expected = new ExpectedLines(listener);
  }

  get isAtHeader(): boolean {
    return this.#engine === null;
  }

  begin(line: string, setup: ReplaySetup, policies: Policies, observer: Observer): void {
    this.#line = 1;
    this.#hash.update(`${line}\n`);
    this.#setup = setup;
    const { config, functions, catalogue } = setup;
    this.#engine = new Engine({
      config,
      functions,
      packages: catalogue.packages,
      policies,
      operations: this.#expected,
      observer,
    });
    this.#engine.start();
  }

  /** Handles one line. True: it diverges, so there is nothing more to compare. */
  step(line: string): boolean {
    this.#line++;
    if (this.#hasEnded) this.#malformed(line, "nothing may follow the end");
    if (line.startsWith("end ")) this.#end(line);
    else {
      this.#hash.update(`${line}\n`);
      if (line.startsWith("  > ")) this.#operation(line);
      else this.#event(line);
    }
    return this.#divergence !== null;
  }

  result(): ReplayResult {
    if (this.#divergence === null && !this.#hasEnded) {
      throw new InputError(
        `${this.#path}:${Math.max(this.#line, 1)}: the journal is cut off: its last line should begin with "end"`,
      );
    }
    return { events: this.#events, operations: this.#operations, divergence: this.#divergence };
  }

  #operation(recorded: string): void {
    this.#operations++;
    const replayed = this.#expected.shift() ?? "  (nothing)";
    if (replayed !== recorded) this.#diverge(recorded, replayed);
  }

  #event(line: string): void {
    const missing = this.#expected.shift();
    if (missing !== undefined) {
      this.#diverge(line, missing);
      return;
    }
    this.#events++;
    const fields = line.split(" ");
    const [at, what] = fields as [string, string];
    const numbers = fields.map(Number);
    const atUs = numbers[0];
    if (!Number.isSafeInteger(atUs) || atUs < this.#engine!.view.nowUs)
      this.#malformed(line, `"${at}" is not a time at or after the line before`);
    if (what === "registered") {
      this.#register(line);
      return;
    }
    try {
      this.#listener?.comes(atUs, this.#engine!.view);
      if (what === "arrived") this.#engine!.arrived(atUs, numbers[2], numbers[3]);
      else if (what === "woke") this.#engine!.woke(atUs);
      else if (what === "drained") this.#engine!.drain(atUs);
      else if (what === "completed") this.#complete(line, fields);
      else this.#malformed(line, `"${what}" is not an event`);
    } catch (error) {
      if (error instanceof InputError) throw error;
      this.#diverge(line, `(this event cannot happen here: ${(error as Error).message})`);
    }
  }

  /** Fills places of the tables that the engine shares. The engine itself gets no event. */
  #register(line: string): void {
    const { functions, packages } = this.#setup!;
    try {
      const registration = JSON.parse(line.slice(line.indexOf("{"))) as Registration;
      for (const [id, row] of registration.packages) fillPlace(packages, id, packageOf(row));
      const [id, row] = registration.function;
      fillPlace(functions, id, functionOf(row));
    } catch {
      this.#malformed(line, "not a registration");
    }
  }

  #complete(line: string, fields: readonly string[]): void {
    const [at, , operation, id, status, runUs, bytes, phases, parentBytes = "-1", workUs = "-1"] =
      fields;
    if (
      !OPERATIONS.includes(operation as Operation) ||
      !STATUSES.includes(status as Status) ||
      phases === undefined
    ) {
      this.#malformed(line, "not a completion");
    }
    const completion = this.#completion;
    completion.atUs = Number(at);
    completion.operation = operation as Operation;
    completion.id = Number(id);
    completion.status = status as Status;
    completion.runUs = Number(runUs);
    completion.measuredBytes = Number(bytes);
    completion.parentBytes = Number(parentBytes);
    completion.workUs = Number(workUs);
    completion.phaseUs.fill(0);
    if (phases !== "-") completion.phaseUs.set(phases.split(",").map(Number));
    this.#listener?.completed(completion);
    this.#engine!.completed(completion);
  }

  #end(line: string): void {
    const missing = this.#expected.shift();
    const [, digest, hash] = line.split(" ");
    this.#hasEnded = true;
    if (missing !== undefined) this.#diverge(line, missing);
    else if (digest !== this.#engine!.digest)
      this.#diverge(
        line,
        `end ${this.#engine!.digest}: the operations are the same, at other times`,
      );
    else if (hash !== this.#hash.digest("hex"))
      this.#diverge(
        line,
        "the decisions are the same, but a line above was altered: the checksum differs",
      );
  }

  #diverge(recorded: string, replayed: string): void {
    this.#divergence = { line: this.#line, recorded, replayed };
  }

  #malformed(line: string, why: string): never {
    throw new InputError(`${this.#path}:${this.#line}: cannot read "${line.slice(0, 60)}": ${why}`);
  }
}

/** The operations that the engine asks for, in order, as journal lines. */
class ExpectedLines implements Operations {
  readonly #listener: Operations | undefined;
  readonly #lines: string[] = [];
  #next = 0;

  constructor(listener: Operations | undefined) {
    this.#listener = listener;
  }

  shift(): string | undefined {
    if (this.#next < this.#lines.length) return this.#lines[this.#next++];
    this.#lines.length = 0;
    this.#next = 0;
    return undefined;
  }

  install(...args: Parameters<Operations["install"]>): void {
    this.#lines.push(OPERATION_LINES.install(...args));
    this.#listener?.install(...args);
  }
  uninstall(...args: Parameters<Operations["uninstall"]>): void {
    this.#lines.push(OPERATION_LINES.uninstall(...args));
    this.#listener?.uninstall(...args);
  }
  createZygote(...args: Parameters<Operations["createZygote"]>): void {
    this.#lines.push(OPERATION_LINES.createZygote(...args));
    this.#listener?.createZygote(...args);
  }
  createContainer(...args: Parameters<Operations["createContainer"]>): void {
    this.#lines.push(OPERATION_LINES.createContainer(...args));
    this.#listener?.createContainer(...args);
  }
  run(...args: Parameters<Operations["run"]>): void {
    this.#lines.push(OPERATION_LINES.run(...args));
    this.#listener?.run(...args);
  }
  pause(...args: Parameters<Operations["pause"]>): void {
    this.#lines.push(OPERATION_LINES.pause(...args));
    this.#listener?.pause(...args);
  }
  destroyContainer(...args: Parameters<Operations["destroyContainer"]>): void {
    this.#lines.push(OPERATION_LINES.destroyContainer(...args));
    this.#listener?.destroyContainer(...args);
  }
  destroyZygote(...args: Parameters<Operations["destroyZygote"]>): void {
    this.#lines.push(OPERATION_LINES.destroyZygote(...args));
    this.#listener?.destroyZygote(...args);
  }
}

/** Puts a value into a place that a table has. Errors: RangeError if it has no such place. */
function fillPlace<T>(table: T[], id: number, value: T): void {
  if (!(id in table)) throw new RangeError(`no place ${id}`);
  table[id] = value;
}

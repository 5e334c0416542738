import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { EngineConfig } from "../engine/config.js";
import { Engine } from "../engine/engine.js";
import { assert } from "../engine/errors.js";
import { type InvocationRecord, OUTCOMES, START_KINDS } from "../engine/observer.js";
import { NONE, type Policies, type ZygoteId } from "../engine/policy.js";
import { US_PER_SECOND } from "../engine/units.js";
import type { Catalogue, FunctionId, FunctionProfile } from "../engine/workload.js";
import { CataloguePackages } from "./catalogue-packages.js";
import { HandlerCompiler } from "./compile-handler.js";
import type { Ran } from "./containers.js";
import type { Installer } from "./installer.js";
import type { StateLayout } from "./instance.js";
import { LiveCounts } from "./live-counts.js";
import { type LiveCapacity, LiveWorkload } from "./live-workload.js";
import type { PackageMeta } from "./package-metadata.js";
import { type ProcessMemory, readProcessMemory } from "./process-memory.js";
import type { Python } from "./python.js";
import { RealBackend, type RealOptions } from "./real-backend.js";
import type {
  FunctionUpload,
  Invoked,
  RegisteredFunction,
  WorkerEngine,
  WorkerStats,
  ZygoteDescription,
} from "./worker-engine.js";

export interface LiveSetup {
  readonly layout: StateLayout;
  readonly instance: string;
  readonly config: EngineConfig;
  readonly capacity: LiveCapacity;
  readonly installer: Installer;
  readonly python: Python;
  readonly base: string | undefined;
  readonly options: Partial<RealOptions>;
  /** Policies for tables whose places are filled while they run. */
  makePolicies(functions: readonly FunctionProfile[], catalogue: Catalogue): Policies;
  onProblem(text: string): void;
}

/** One wait of the loop at most, so that a lost interruption costs no more. */
const LONGEST_WAIT_US = US_PER_SECOND;

interface Arrival {
  readonly atUs: number;
  readonly functionId: FunctionId;
  readonly event: unknown;
  readonly end: (invoked: Invoked) => void;
}

interface Registered extends RegisteredFunction {
  readonly id: FunctionId;
}

/** The decision engine over real containers, fed by requests as they come. */
export class LiveEngine implements WorkerEngine {
  readonly #setup: LiveSetup;
  readonly #workload: LiveWorkload;
  readonly #backend: RealBackend;
  readonly #engine: Engine;
  readonly #compiler: HandlerCompiler;
  readonly #counts: LiveCounts;
  readonly #registered = new Map<string, Registered>();
  readonly #revisions = new Map<string, number>();
  readonly #codeFolders: string[] = [];
  /** Arrivals that the loop has not handed to the engine, in order. */
  readonly #arrivals: Arrival[] = [];
  /** Those it has, by the engine's number of them. */
  readonly #accepted = new Map<number, Arrival>();
  readonly #ran = new Map<number, Ran>();
  readonly #ended: Promise<void>;
  #nextNumber = 0;
  #isClosing = false;

  constructor(setup: LiveSetup) {
    const { layout, config, capacity, installer, instance, python, base, options } = setup;
    this.#setup = setup;
    this.#workload = new LiveWorkload(config.footprint.interpreterBytes);
    const { functions, packages, catalogue } = this.#workload;
    this.#counts = new LiveCounts((record) => this.#end(record));
    this.#backend = new RealBackend({
      instance,
      folder: layout.containers,
      python,
      packagesFolder: layout.packages,
      base,
      store: new CataloguePackages(packages, installer),
      functions,
      codeOf: (id) => this.#codeFolders[id]!,
      requestOf: (invocation) =>
        JSON.stringify({ event: this.#accepted.get(invocation)!.event, env: {} }),
      onRan: (invocation, ran) => this.#ran.set(invocation, ran),
      onProblem: setup.onProblem,
      options,
    });
    this.#compiler = new HandlerCompiler(this.#backend.machine);
    // only now: a backend compiles the code of the functions it is made with
    this.#workload.makePlaces(capacity);
    this.#engine = new Engine({
      config,
      functions,
      packages,
      policies: setup.makePolicies(functions, catalogue),
      operations: this.#backend,
      observer: this.#counts,
    });
    this.#ended = this.#loop();
  }

  find(name: string): RegisteredFunction | undefined {
    const found = this.#registered.get(name);
    return found && describe(found);
  }

  list(): readonly RegisteredFunction[] {
    return [...this.#registered.values()].map(describe);
  }

  invoke(name: string, event: unknown): Promise<Invoked> {
    const found = this.#registered.get(name);
    assert(found !== undefined, `an invocation of ${name}, which is not registered`);
    if (this.#isClosing) return Promise.resolve({ ...NOT_RUN, message: "the worker is stopping" });
    return new Promise((end) => {
      this.#arrivals.push({ atUs: this.#backend.nowUs, functionId: found.id, event, end });
      this.#backend.interrupt();
    });
  }

  async register({ name, folder, requirements }: FunctionUpload): Promise<RegisteredFunction> {
    const { installer, layout } = this.#setup;
    const revision = (this.#revisions.get(name) ?? 0) + 1;
    this.#revisions.set(name, revision);
    // no registered name holds an @
    const place = join(layout.functions, `${name}@${revision}`);
    try {
      await Promise.all(requirements.map((each) => installer.install(each)));
      const installed = new Map<string, PackageMeta>();
      for (const each of requirements) installed.set(each, installer.installed.get(each)!);
      await mkdir(layout.functions, { recursive: true });
      await rename(folder, place);
      const fault = await this.#compiler.compile(place);
      if (fault !== "") this.#setup.onProblem(`${name} is not compiled: ${fault}`);
      const id = this.#workload.add(name, installed);
      this.#codeFolders[id] = place;
      const made = { id, name, revision, requirements };
      if (revision >= (this.#registered.get(name)?.revision ?? 0)) this.#registered.set(name, made);
      return describe(made);
    } catch (error) {
      for (const each of [folder, place]) await rm(each, { recursive: true, force: true });
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    this.#registered.delete(name);
  }

  stats(): WorkerStats {
    const { starts, outcomes, tiers, warnings, startupUs, runUs } = this.#counts;
    const { memory, installs } = this.#engine.view;
    const { limitBytes, runningBytes, handlerBytes, zygoteBytes } = memory;
    return {
      uptimeUs: this.#backend.nowUs,
      functions: this.#registered.size,
      pending: this.#accepted.size + this.#arrivals.length,
      starts,
      outcomes,
      tiers,
      memory: { limitBytes, runningBytes, handlerBytes, zygoteBytes },
      disk: {
        limitBytes: installs.diskLimitBytes,
        usedBytes: installs.usedBytes,
        packages: installs.installed.size,
      },
      startupUs,
      runUs,
      warnings,
    };
  }

  zygotes(): Promise<readonly ZygoteDescription[]> {
    const { zygotes, packages, nowUs } = this.#engine.view;
    const described = zygotes.live.map((id) => ({
      id,
      parent: zygotes.parentOf(id) === NONE ? null : zygotes.parentOf(id),
      packages: Array.from(zygotes.packagesOf(id).ids, (each) => {
        const { name, version } = packages[each]!;
        return `${name}==${version}`;
      }),
      isReady: zygotes.isReady(id),
      bytes: zygotes.bytesOf(id),
      forks: zygotes.forksOf(id),
      liveContainers: zygotes.liveContainersOf(id),
      idleUs: Math.max(0, nowUs - zygotes.lastUsedUs(id)),
    }));
    return Promise.all(
      described.map(async (each) => ({
        ...each,
        memory: each.isReady ? await this.#memoryOf(each.id) : null,
      })),
    );
  }

  async #memoryOf(zygote: ZygoteId): Promise<ProcessMemory | null> {
    return (await readProcessMemory(this.#backend.zygoteOf(zygote).pid)) ?? null;
  }

  /** Rejects where an invariant of ours broke; resolves after `close`. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#backend.interrupt();
    await this.#ended;
    await this.#compiler.close();
    await this.#backend.close();
  }

  /** As `drive` does for a trace: completions first, then arrivals, then wakes. Ends once all have ended. */
  async #loop(): Promise<void> {
    const engine = this.#engine;
    const backend = this.#backend;
    engine.start();
    while (!this.#isClosing || this.#arrivals.length > 0 || engine.pending > 0) {
      const arrival = this.#arrivals[0];
      const arrivalUs = arrival?.atUs ?? Number.POSITIVE_INFINITY;
      const wakeUs = engine.nextWakeUs();
      const dueUs = Math.min(arrivalUs, wakeUs, backend.nowUs + LONGEST_WAIT_US);
      if (await backend.advance(dueUs)) {
        engine.completed(backend.completion);
      } else if (arrivalUs === dueUs) {
        this.#arrivals.shift();
        this.#accepted.set(this.#nextNumber++, arrival!);
        engine.arrived(dueUs, arrival!.functionId, 0);
      } else if (wakeUs === dueUs && backend.nowUs >= dueUs) {
        engine.woke(dueUs);
      }
    }
  }

  #end(record: InvocationRecord): void {
    const { invocation, queueUs, provisionUs, runUs } = record;
    const arrival = this.#accepted.get(invocation)!;
    const ran = this.#ran.get(invocation);
    this.#accepted.delete(invocation);
    this.#ran.delete(invocation);
    const outcome = OUTCOMES[record.outcome]!;
    arrival.end({
      outcome,
      start: START_KINDS[record.startKind],
      answer: ran?.answer,
      message: ran?.message || REASONS[outcome],
      stdout: ran?.stdout ?? "",
      stderr: ran?.stderr ?? "",
      queueUs,
      provisionUs,
      runUs,
    });
  }
}

const NOT_RUN: Invoked = {
  outcome: "rejected",
  start: undefined,
  answer: undefined,
  message: "",
  stdout: "",
  stderr: "",
  queueUs: 0,
  provisionUs: 0,
  runUs: 0,
};

/** Where no handler said why. */
const REASONS = {
  completed: "",
  failed: "no container could be made for it",
  "timed-out": "it waited too long for a container",
  rejected: "too many invocations wait, or it needs more memory than there is",
} as const;

function describe({ name, revision, requirements }: Registered): RegisteredFunction {
  return { name, revision, requirements };
}

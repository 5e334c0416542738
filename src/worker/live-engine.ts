import { mkdirSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../basics/errors.js";
import type { EngineConfig } from "../contract/config.js";
import type { Places } from "../contract/places.js";
import type { Policies } from "../contract/policy.js";
import type { Catalogue, FunctionId, FunctionProfile } from "../contract/workload.js";
import { HandlerCompiler } from "../real/guests/handler-compiler.js";
import type { Python } from "../real/host/python.js";
import { ImportsAhead } from "../real/imports-ahead.js";
import { CataloguePackages, pathsInContainer } from "../real/packages/catalogue-packages.js";
import type { Installer } from "../real/packages/installer.js";
import type { PackageMeta } from "../real/packages/package-metadata.js";
import { InstallError } from "../real/packages/package-store.js";
import { RealBackend } from "../real/real-backend.js";
import type { RealOptions } from "../real/real-setup.js";
import { writeUserBase } from "../real/sandboxes/user-base.js";
import type { StateLayout } from "../real/state/instance.js";
import { EngineRun } from "../run/engine-run.js";
import { functionRow, packageRow } from "../run/journal/journal-rows.js";
import { type JournalTarget, JournalWriter } from "../run/journal/journal-writer.js";
import { describeZygotes } from "./describe-zygotes.js";
import { Exchange } from "./exchange.js";
import { guestRequest } from "./guest-call.js";
import { installAll } from "./install-all.js";
import { LiveCounts } from "./live-counts.js";
import { type Added, LiveWorkload } from "./live-workload.js";
import type {
  Call,
  FunctionUpload,
  InvocationResult,
  RegisteredFunction,
  WorkerEngine,
  WorkerStats,
  ZygoteDescription,
} from "./worker.js";

export interface LiveSetup {
  readonly layout: StateLayout;
  readonly instance: string;
  readonly config: EngineConfig;
  readonly places: Places;
  readonly installer: Installer;
  readonly python: Python;
  readonly base: string | undefined;
  readonly options: Partial<RealOptions>;
  /** Makes policies for tables whose places are filled while the policies run. */
  makePolicies(functions: readonly FunctionProfile[], catalogue: Catalogue): Policies;
  onProblem(text: string): void;
  /** Absent: no journal is written. */
  readonly journal?: JournalTarget | undefined;
}

interface Registered extends RegisteredFunction {
  readonly id: FunctionId;
}

const BROKEN = "the worker has broken down; its log says why";

/** The decision engine with real containers. Requests feed it as they arrive. */
export class LiveEngine implements WorkerEngine {
  readonly #setup: LiveSetup;
  readonly #workload: LiveWorkload;
  readonly #backend: RealBackend;
  readonly #engine: EngineRun;
  readonly #compiler: HandlerCompiler;
  readonly #ahead: ImportsAhead;
  readonly #counts: LiveCounts;
  readonly #registered = new Map<string, Registered>();
  readonly #revisions = new Map<string, number>();
  readonly #codeFolders: string[] = [];
  /** HandlerSettings as JSON. */
  readonly #settings: (string | undefined)[] = [];
  readonly #journal: JournalWriter | undefined;
  readonly #exchange = new Exchange();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(setup: LiveSetup) {
    const { layout, config, places, installer, instance, python, base, options } = setup;
    this.#setup = setup;
    this.#workload = new LiveWorkload(config.footprint.interpreterBytes);
    const { functions, packages, catalogue } = this.#workload;
    this.#counts = new LiveCounts((record) => this.#exchange.ended(record));
    const store = new CataloguePackages(packages, installer);
    this.#ahead = new ImportsAhead(functions, store);
    this.#backend = new RealBackend({
      instance,
      folder: layout.containers,
      python,
      packagesFolder: layout.packages,
      base,
      store,
      ahead: this.#ahead,
      functions,
      codeOf: (id) => this.#codeFolders[id],
      settingsOf: (id) => this.#settings[id],
      requestOf: (invocation) => this.#exchange.requestOf(invocation),
      onMade: (id, creation) => this.#exchange.made(id, creation),
      onRan: (invocation, ran) => this.#exchange.ran(invocation, ran),
      onProblem: setup.onProblem,
      options,
    });
    this.#compiler = new HandlerCompiler(this.#backend.sandboxes);
    // not earlier: a backend compiles the code of all functions that it is given at its start
    this.#workload.makePlaces(places);
    const { journal } = setup;
    this.#journal = journal && new JournalWriter(journal, this.#backend);
    this.#engine = new EngineRun({
      config,
      functions,
      packages,
      policies: setup.makePolicies(functions, catalogue),
      backend: this.#backend,
      journal: this.#journal,
      observer: this.#counts,
    });
    this.#ended = this.#run();
  }

  find(name: string): RegisteredFunction | undefined {
    const found = this.#registered.get(name);
    return found && describe(found);
  }

  list(): readonly RegisteredFunction[] {
    return [...this.#registered.values()].map(describe);
  }

  invoke(name: string, call: Call): Promise<InvocationResult> {
    const found = this.#registered.get(name);
    assert(found !== undefined, `an invocation of ${name}, which is not registered`);
    const request = guestRequest(name, call, this.#setup.options);
    const answered = this.#exchange.request(this.#backend.nowUs, found.id, request);
    this.#backend.interrupt();
    return answered;
  }

  async register(upload: FunctionUpload): Promise<RegisteredFunction> {
    const { name, folder, handler, methods } = upload;
    const settings = handler && JSON.stringify(handler);
    const { installer, layout, python } = this.#setup;
    const revision = (this.#revisions.get(name) ?? 0) + 1;
    this.#revisions.set(name, revision);
    // a registered name contains no @
    const place = join(layout.functions, `${name}@${revision}`);
    try {
      const { requirements, installed } = await installAll(installer, upload);
      mkdirSync(layout.functions, { recursive: true });
      renameSync(folder, place);
      writeUserBase(place, python, pathsInContainer(installer, installed));
      const { fault, named } = await this.#compiler.compile(place, name, handler?.entry, settings);
      if (this.#exchange.isClosed) throw new InstallError("closed", "the worker is stopping");
      if (fault !== "") this.#setup.onProblem(`${name} was not compiled: ${fault}`);
      const id = this.#add(name, installed);
      this.#codeFolders[id] = place;
      this.#settings[id] = settings;
      this.#ahead.add(id, named);
      const { asked, notes } = upload.requirements;
      const made = {
        ...{ id, name, revision, requirements },
        ...(asked.length > 0 && { asked }),
        ...(methods !== undefined && { methods }),
        ...(notes.length > 0 && { notes }),
      };
      const known = this.#registered.get(name);
      const replaced = revision >= (known?.revision ?? 0) ? known : made;
      if (replaced !== undefined) this.#ahead.remove(replaced.id);
      if (replaced !== made) this.#registered.set(name, made);
      return describe(made);
    } catch (error) {
      for (const each of [folder, place]) await rm(each, { recursive: true, force: true });
      throw error;
    }
  }

  #add(name: string, installed: ReadonlyMap<string, PackageMeta>): FunctionId {
    const { functions, packages } = this.#workload;
    const { functionId, packageIds }: Added = this.#workload.add(name, installed);
    this.#journal?.registered(this.#backend.nowUs, {
      function: [functionId, functionRow(functions[functionId])],
      packages: packageIds.map((id) => [id, packageRow(packages[id])]),
    });
    return functionId;
  }

  async remove(name: string): Promise<void> {
    const known = this.#registered.get(name);
    if (known !== undefined) this.#ahead.remove(known.id);
    this.#registered.delete(name);
  }

  stats(): WorkerStats {
    const { starts, outcomes, tiers, warnings, startupUs, runUs } = this.#counts;
    const { memory, installs } = this.#engine.view;
    const { limitBytes, runningBytes, handlerBytes, zygoteBytes } = memory;
    return {
      uptimeUs: this.#backend.nowUs,
      functions: this.#registered.size,
      pending: this.#exchange.pending,
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
    return describeZygotes(this.#engine.view, this.#backend);
  }

  /** Rejects if one of our invariants or a policy breaks; resolves after `close`. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  async close(graceMs: number): Promise<void> {
    this.#exchange.close("the worker is stopping");
    this.#backend.interrupt();
    const timer = setTimeout(() => {
      this.#exchange.endAll("stopping", "the worker has stopped before it was done");
      this.#halt();
    }, graceMs);
    await this.#ended.finally(() => clearTimeout(timer));
    await this.#compiler.close();
    await this.#backend.close();
  }

  /**
   * Answers all requests, and receives no event any more. The caller must remove processes and
   * mounts.
   */
  abandon(): void {
    this.#exchange.endAll("broken", BROKEN);
    this.#halt();
    this.#backend.sandboxes.abandon();
  }

  /** Ends the loop before its next event. */
  #halt(): void {
    this.#stop.abort();
    this.#backend.interrupt();
  }

  /** Runs the loop until the exchange is closed and empty. */
  async #run(): Promise<void> {
    try {
      await this.#engine.drive({
        arrivals: this.#exchange,
        endUs: 0,
        signal: this.#stop.signal,
      });
      this.#journal?.end(this.#engine.digest);
    } catch (error) {
      this.#exchange.endAll("broken", BROKEN);
      throw error;
    }
  }
}

function describe({ id: _, ...shown }: Registered): RegisteredFunction {
  return shown;
}

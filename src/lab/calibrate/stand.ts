import { rm } from "node:fs/promises";
import { join } from "node:path";
import { MachineError } from "../../basics/errors.js";
import { NONE } from "../../basics/none.js";
import { US_PER_MS } from "../../basics/units.js";
import { type Operation, PHASES, type Phase } from "../../contract/backend.js";
import type { PackageId } from "../../contract/package-set.js";
import type { FunctionId } from "../../contract/workload.js";
import { writeHandlers } from "../../real/made-up/handlers.js";
import { writeWheels } from "../../real/made-up/wheels.js";
import { type OpenState, openState } from "../../real/open-state.js";
import { CataloguePackages } from "../../real/packages/catalogue-packages.js";
import { RealBackend } from "../../real/real-backend.js";
import type { RealOptions } from "../../real/real-setup.js";
import { functionFolder } from "../../real/state/function-folder.js";
import { stateLayout } from "../../real/state/instance.js";
import type { CalibrationWorkload } from "./workload.js";

export const NOTHING: Int32Array = new Int32Array(0);

/** Installs at once; more than a run does, so that their contention can be measured. */
const INSTALLS_AT_ONCE = 4;

/** Time between operations: a caller that comes now and then, as in a trace, meets idle cores. */
const GAP_MS = 20;

/** One operation as the engine sees it. */
export interface Measured {
  readonly operation: Operation;
  readonly id: number;
  /** From the instant at which it was due until its completion's stamp. */
  readonly elapsedUs: number;
  readonly atUs: number;
  readonly phaseUs: Readonly<Record<Phase, number>>;
  /** What it took beyond its phases. */
  readonly restUs: number;
  readonly runUs: number;
  /** Bytes of its own, as its cgroup counts them; -1 where that is not measured. */
  readonly bytes: number;
}

export interface StandSetup {
  readonly workload: CalibrationWorkload;
  readonly stateFolder: string;
  readonly python: string | undefined;
  /** Cores that handlers keep busy. */
  readonly cpuDemand: number;
  /** Says, before each operation, whether to end early, by throwing. */
  checkStop(): void;
}

/** The real backend with the workload's wheels and handlers, driven through its contract as a run drives it. */
export class Stand {
  readonly workload: CalibrationWorkload;
  readonly python: string;
  readonly packagesFolder: string;
  readonly #setup: StandSetup;
  readonly #state: OpenState;
  readonly #wheels: string;
  readonly #problems: string[] = [];
  #backend: RealBackend;
  #invocations = 0;

  private constructor(setup: StandSetup, state: OpenState, wheels: string) {
    this.workload = setup.workload;
    this.python = state.python.version;
    this.packagesFolder = state.layout.packages;
    this.#setup = setup;
    this.#state = state;
    this.#wheels = wheels;
    this.#backend = this.#begin({});
  }

  /** Takes the state folder, writes wheels and handlers. Errors: those of `openState`. */
  static async open(setup: StandSetup): Promise<Stand> {
    const { workload, stateFolder, python, cpuDemand } = setup;
    const wheels = join(stateLayout(stateFolder).root, "wheels");
    const state = await openState({
      stateFolder,
      python,
      index: { kind: "folder", path: wheels },
      installsAtOnce: INSTALLS_AT_ONCE,
      keepsPackages: false,
    });
    try {
      await rm(wheels, { recursive: true, force: true });
      await writeWheels(wheels, workload.catalogue, workload.packages);
      const { functions, catalogue, burner } = workload;
      for (const [id, profile] of functions.entries()) {
        const demand = id === burner ? 1 : cpuDemand;
        const options = { cpuDemand: demand, interpreterBytes: 0 };
        await writeHandlers(state.layout, { functions: [profile], catalogue }, options);
      }
      return new Stand(setup, state, wheels);
    } catch (error) {
      await rm(wheels, { recursive: true, force: true });
      await state.release();
      throw error;
    }
  }

  get nowUs(): number {
    return this.#backend.nowUs;
  }

  /** Goes on with a new backend with these options; nothing may be alive in the old one. */
  async restart(options: Partial<RealOptions>): Promise<void> {
    await this.#backend.close();
    this.#backend = this.#begin(options);
  }

  async close(): Promise<void> {
    await this.#backend.close();
    await rm(this.#wheels, { recursive: true, force: true });
    await this.#state.release();
  }

  /** Waits for an instant some time ahead, as a run waits for an arrival; returns when it was due. */
  async due(gapMs: number = GAP_MS): Promise<number> {
    this.#setup.checkStop();
    const dueUs = this.#backend.nowUs + gapMs * US_PER_MS;
    while ((await this.#backend.advance(dueUs)) === "completion");
    return dueUs;
  }

  /** The next completion, of an operation that was due then. Errors: MachineError where it is none of success. */
  async next(dueUs: number): Promise<Measured> {
    while ((await this.#backend.advance(Number.POSITIVE_INFINITY)) !== "completion");
    const { atUs, operation, id, status, runUs, phaseUs, measuredBytes } = this.#backend.completion;
    if (status !== "ok") {
      const why = this.#problems.at(-1) ?? status;
      throw new MachineError(`calibration: ${operation} ${id}: ${why}; see socklab doctor`);
    }
    const phases = Object.fromEntries(PHASES.map((name, at) => [name, phaseUs[at]])) as Record<
      Phase,
      number
    >;
    const elapsedUs = atUs - dueUs;
    const restUs = elapsedUs - runUs - phaseUs.reduce((sum, us) => sum + us, 0);
    return { operation, id, elapsedUs, atUs, phaseUs: phases, restUs, runUs, bytes: measuredBytes };
  }

  /** Waits, then creates a container of the function from the Zygote (or NONE). */
  async container(
    id: number,
    functionId: FunctionId,
    parent: number,
    missing: Int32Array = NOTHING,
  ): Promise<Measured> {
    const dueUs = await this.due();
    this.beginContainer(id, functionId, parent, missing);
    return this.next(dueUs);
  }

  beginContainer(id: number, functionId: FunctionId, parent: number, missing: Int32Array): void {
    this.#backend.createContainer(id, functionId, parent, missing);
  }

  async zygote(id: number, parent: number = NONE, added: Int32Array = NOTHING): Promise<Measured> {
    const dueUs = await this.due();
    this.#backend.createZygote(id, parent, added);
    return this.next(dueUs);
  }

  /** Runs at once: due since `dueUs`. */
  async run(id: number, runUs: number, dueUs: number, resumes = false): Promise<Measured> {
    this.beginRun(id, runUs, resumes);
    return this.next(dueUs);
  }

  beginRun(id: number, runUs: number, resumes = false): void {
    this.#backend.run(id, this.#invocations++, runUs, resumes);
  }

  async pause(id: number): Promise<Measured> {
    await this.due();
    const calledUs = this.nowUs;
    this.#backend.pause(id);
    return this.next(calledUs);
  }

  async destroyContainer(id: number): Promise<Measured> {
    await this.due();
    const calledUs = this.nowUs;
    this.#backend.destroyContainer(id);
    return this.next(calledUs);
  }

  async destroyZygote(id: number): Promise<Measured> {
    await this.due();
    const calledUs = this.nowUs;
    this.#backend.destroyZygote(id);
    return this.next(calledUs);
  }

  /** Installs all at once; each one's time is from the call. */
  async install(ids: readonly PackageId[]): Promise<Measured[]> {
    this.#setup.checkStop();
    const calledUs = this.nowUs;
    for (const id of ids) this.#backend.install(id);
    return this.collect(ids.length, calledUs);
  }

  async uninstall(id: PackageId): Promise<Measured> {
    const calledUs = this.nowUs;
    this.#backend.uninstall(id);
    return this.next(calledUs);
  }

  /** The next `count` completions, of operations that were due at one time. */
  async collect(count: number, dueUs: number): Promise<Measured[]> {
    const all: Measured[] = [];
    while (all.length < count) all.push(await this.next(dueUs));
    return all;
  }

  #begin(options: Partial<RealOptions>): RealBackend {
    const { workload } = this;
    const { layout } = this.#state;
    return new RealBackend({
      ...this.#state,
      folder: layout.containers,
      packagesFolder: layout.packages,
      store: new CataloguePackages(workload.catalogue.packages, this.#state.installer),
      functions: workload.functions,
      codeOf: (id) => functionFolder(layout, workload.functions[id].name),
      onProblem: (text) => this.#problems.push(text),
      options,
    });
  }
}

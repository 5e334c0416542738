import { rm } from "node:fs/promises";
import { join } from "node:path";
import { NONE } from "../../basics/none.js";
import { US_PER_MS } from "../../basics/units.js";
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
import { BackendDriver, type EndedOperation } from "../../run/backend-driver.js";
import type { CalibrationWorkload } from "./workload.js";

export const NOTHING: Int32Array = new Int32Array(0);

/** Installs at once; more than a run does, so that their contention can be measured. */
const INSTALLS_AT_ONCE = 4;

/** Time between operations: a caller that comes now and then, as in a trace, meets idle cores. */
const GAP_MS = 20;

/** One operation as the engine sees it, with its time since it was due. */
export interface Measured extends EndedOperation {
  /** From the instant at which it was due until its completion's stamp. */
  readonly elapsedUs: number;
  /** What it took beyond its phases and its run. */
  readonly restUs: number;
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
  #driver: BackendDriver;
  #invocations = 0;

  private constructor(setup: StandSetup, state: OpenState, wheels: string) {
    this.workload = setup.workload;
    this.python = state.python.version;
    this.packagesFolder = state.layout.packages;
    this.#setup = setup;
    this.#state = state;
    this.#wheels = wheels;
    this.#backend = this.#begin({});
    this.#driver = this.#driverOf(this.#backend);
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
    this.#driver = this.#driverOf(this.#backend);
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
    await this.#driver.waitUntil(dueUs);
    return dueUs;
  }

  /** Waits, then creates a container of the function from the Zygote (or NONE). */
  async container(
    id: number,
    functionId: FunctionId,
    parent: number,
    missing: Int32Array = NOTHING,
  ): Promise<Measured> {
    const dueUs = await this.due();
    return this.#perform(dueUs, () => this.beginContainer(id, functionId, parent, missing));
  }

  beginContainer(id: number, functionId: FunctionId, parent: number, missing: Int32Array): void {
    this.#backend.createContainer(id, functionId, parent, missing);
  }

  async zygote(id: number, parent: number = NONE, added: Int32Array = NOTHING): Promise<Measured> {
    const dueUs = await this.due();
    return this.#perform(dueUs, () => this.#backend.createZygote(id, parent, added));
  }

  /** Runs at once: due since `dueUs`. */
  async run(id: number, runUs: number, dueUs: number, resumes = false): Promise<Measured> {
    return this.#perform(dueUs, () => this.beginRun(id, runUs, resumes));
  }

  beginRun(id: number, runUs: number, resumes = false): void {
    this.#backend.run(id, this.#invocations++, runUs, resumes);
  }

  async pause(id: number): Promise<Measured> {
    await this.due();
    return this.#perform(this.nowUs, () => this.#backend.pause(id));
  }

  async destroyContainer(id: number): Promise<Measured> {
    await this.due();
    return this.#perform(this.nowUs, () => this.#backend.destroyContainer(id));
  }

  async destroyZygote(id: number): Promise<Measured> {
    await this.due();
    return this.#perform(this.nowUs, () => this.#backend.destroyZygote(id));
  }

  /** Installs all at once; each one's time is from the call. */
  async install(ids: readonly PackageId[]): Promise<Measured[]> {
    this.#setup.checkStop();
    const calledUs = this.nowUs;
    for (const id of ids) this.#backend.install(id);
    return this.collect(ids.length, calledUs);
  }

  async uninstall(id: PackageId): Promise<Measured> {
    return this.#perform(this.nowUs, () => this.#backend.uninstall(id));
  }

  /** The next `count` completions, of operations that were due at one time. */
  async collect(count: number, dueUs: number): Promise<Measured[]> {
    return (await this.#driver.collect(count)).map((ended) => measuredSince(dueUs, ended));
  }

  /** One operation that was due then. Errors: MachineError if it did not succeed. */
  async #perform(dueUs: number, begin: () => void): Promise<Measured> {
    return measuredSince(dueUs, await this.#driver.perform(begin));
  }

  #driverOf(backend: RealBackend): BackendDriver {
    return new BackendDriver(backend, { purpose: "calibration", problems: this.#problems });
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

function measuredSince(dueUs: number, ended: EndedOperation): Measured {
  const elapsedUs = ended.atUs - dueUs;
  const phasesUs = Object.values(ended.phaseUs).reduce((sum, us) => sum + us, 0);
  return { ...ended, elapsedUs, restUs: elapsedUs - ended.runUs - phasesUs };
}

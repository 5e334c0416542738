import { PHASES } from "../engine/backend.js";
import type { PackageId } from "../engine/package-set.js";
import type { RandomStreams } from "../engine/random.js";
import { BYTES_PER_MIB } from "../engine/units.js";
import type { Package } from "../engine/workload.js";
import type { CostName, Costs } from "./costs.js";
import { CostDraws } from "./draws.js";

const CREATE = PHASES.indexOf("create");
const FORK = PHASES.indexOf("fork");
const IMPORT = PHASES.indexOf("import");
const LOAD = PHASES.indexOf("load");

/** What each operation takes on an idle machine: costs, drawn with their spread, and the catalogue's times. */
export class CostModel {
  readonly request: CostDraws;
  readonly resume: CostDraws;
  readonly pause: CostDraws;
  readonly uninstall: CostDraws;
  readonly containerDestroy: CostDraws;
  readonly zygoteDestroy: CostDraws;
  readonly #containerCreate: CostDraws;
  readonly #cgroup: CostDraws;
  readonly #interpreterStart: CostDraws;
  readonly #forkPerMib: CostDraws;
  readonly #forkFloor: CostDraws;
  readonly #load: CostDraws;
  readonly #importScale: CostDraws;
  readonly #installScale: CostDraws;
  readonly #packages: readonly Package[];

  constructor(costs: Costs, packages: readonly Package[], streams: RandomStreams) {
    const draws = (name: CostName) =>
      new CostDraws(costs.costs[name], streams.get(`costs/${name}`));
    this.#packages = packages;
    this.request = draws("request");
    this.resume = draws("resume");
    this.pause = draws("pause");
    this.uninstall = draws("uninstall");
    this.containerDestroy = draws("containerDestroy");
    this.zygoteDestroy = draws("zygoteDestroy");
    this.#containerCreate = draws("containerCreate");
    this.#cgroup = draws("cgroup");
    this.#interpreterStart = draws("interpreterStart");
    this.#forkPerMib = draws("forkPerMib");
    this.#forkFloor = draws("forkFloor");
    this.#load = draws("load");
    this.#importScale = draws("importScale");
    this.#installScale = draws("installScale");
  }

  /** Writes the CPU time of each phase of a creation into `phases`, and returns their sum. */
  creation(
    phases: Float64Array,
    inheritedBytes: number,
    imported: Int32Array,
    loadsHandler: boolean,
  ): number {
    const isForked = inheritedBytes > 0;
    let importUs = 0;
    for (const id of imported) importUs += this.#packages[id]!.importUs * this.#importScale.next();
    phases.fill(0);
    phases[CREATE] =
      this.#containerCreate.next() +
      this.#cgroup.next() +
      (isForked ? 0 : this.#interpreterStart.next());
    phases[FORK] = isForked ? this.#forkUs(inheritedBytes) : 0;
    phases[IMPORT] = importUs;
    phases[LOAD] = loadsHandler ? this.#load.next() : 0;
    return phases.reduce((sum, us) => sum + us, 0);
  }

  /** CPU time of an installation, once downloaded. */
  installUs(id: PackageId): number {
    return this.#packages[id]!.installUs * this.#installScale.next();
  }

  #forkUs(inheritedBytes: number): number {
    const pagesUs = (this.#forkPerMib.next() * inheritedBytes) / BYTES_PER_MIB;
    return Math.max(this.#forkFloor.next(), pagesUs);
  }
}

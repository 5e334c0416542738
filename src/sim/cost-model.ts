import { PHASES } from "../engine/backend.js";
import type { PackageId } from "../engine/package-set.js";
import type { RandomStreams } from "../engine/random.js";
import { BYTES_PER_MIB } from "../engine/units.js";
import type { Package } from "../engine/workload.js";
import type { CostName, Costs } from "./costs.js";
import { CostDraws } from "./draws.js";

const [, CREATE, FORK, IMPORT, LOAD] = PHASES.map((_, index) => index) as number[];

/** What each operation takes on an idle machine: costs, drawn with their spread, and the catalogue's times. */
export class CostModel {
  readonly #packages: readonly Package[];
  readonly #draws: Readonly<Record<CostName, CostDraws>>;

  constructor(costs: Costs, packages: readonly Package[], streams: RandomStreams) {
    this.#packages = packages;
    const names = Object.keys(costs.costs) as CostName[];
    const draws = names.map((name) => [
      name,
      new CostDraws(costs.costs[name], streams.get(`costs/${name}`)),
    ]);
    this.#draws = Object.fromEntries(draws) as Record<CostName, CostDraws>;
  }

  /** Writes the CPU time of each phase of a creation into `phases`, and returns their sum. */
  creation(
    phases: Float64Array,
    inheritedBytes: number,
    imported: Int32Array,
    loadsHandler: boolean,
  ): number {
    const draws = this.#draws;
    const isForked = inheritedBytes > 0;
    phases.fill(0);
    phases[CREATE!] =
      draws.containerCreate.next() +
      draws.cgroup.next() +
      (isForked ? 0 : draws.interpreterStart.next());
    if (isForked) {
      const perMibUs = draws.forkPerMib.next();
      phases[FORK!] = Math.max(draws.forkFloor.next(), (perMibUs * inheritedBytes) / BYTES_PER_MIB);
    }
    let importUs = 0;
    for (const id of imported) importUs += this.#packages[id]!.importUs * draws.importScale.next();
    phases[IMPORT!] = importUs;
    if (loadsHandler) phases[LOAD!] = draws.load.next();
    return phases.reduce((sum, us) => sum + us, 0);
  }

  /** CPU time of an installation, once downloaded. */
  installUs(id: PackageId): number {
    return this.#packages[id]!.installUs * this.#draws.installScale.next();
  }

  next(name: CostName): number {
    return this.#draws[name].next();
  }
}

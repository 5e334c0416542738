import type { RandomStream, RandomStreams } from "../../basics/random.js";
import { BYTES_PER_MIB } from "../../basics/units.js";
import { PHASES } from "../../contract/backend.js";
import type { PackageId } from "../../contract/package-set.js";
import type { Package } from "../../contract/workload.js";
import type { CostName, Costs } from "./costs.js";
import { CorrelatedNormals, CostDraws, DRAW_BITS } from "./draws.js";
import type { ProcessBytes } from "./process-memory.js";

const CREATE = PHASES.indexOf("create");
const FORK = PHASES.indexOf("fork");
const IMPORT = PHASES.indexOf("import");
const LOAD = PHASES.indexOf("load");
/** Index of the last part of a creation: from its last phase until its completion. */
const READY = PHASES.length;

/** A run uses the bits of three draws. */
const RUN_DRAWS = 2 ** (3 * DRAW_BITS);

/** Number of parts of a creation: its phases and the rest. */
export const CREATION_PARTS = PHASES.length + 1;

/**
 * Time of each operation on an idle machine: the costs, drawn with their spread, and the times of
 * the catalogue.
 */
export class CostModel {
  readonly #packages: readonly Package[];
  readonly #draws: Readonly<Record<CostName, CostDraws>>;
  /** Draws for the parts of creations, which are slow together. */
  readonly #normals: CorrelatedNormals;
  readonly #demand: number;
  readonly #runs: RandomStream;
  /**
   * The run drawn last: its time without the handler's own time, the part of it that a pause has
   * added, and the handler's own time.
   */
  requestUs = 0;
  resumeUs = 0;
  handlerUs = 0;

  constructor({ costs, correlation }: Costs, packages: readonly Package[], streams: RandomStreams) {
    this.#packages = packages;
    const names = Object.keys(costs) as CostName[];
    this.#draws = Object.fromEntries(
      names.map((name) => [name, new CostDraws(costs[name], streams.get(`costs/${name}`))]),
    ) as Record<CostName, CostDraws>;
    const { withinOperation = 0, betweenOperations = 0 } = correlation ?? {};
    this.#normals = new CorrelatedNormals(
      withinOperation,
      betweenOperations,
      streams.get("costs/creations"),
    );
    this.#demand = costs.creationDemand.value;
    this.#runs = streams.get("costs/runs");
  }

  /**
   * Writes the time of each part of a container's creation into `parts`. `ownBytes` is the memory
   * that the handler keeps. Returns the cores that the creation keeps busy on average.
   */
  container(
    parts: Float64Array,
    inheritedBytes: number,
    imported: Int32Array,
    ownBytes: number,
  ): number {
    const isForked = inheritedBytes > 0;
    this.#begin(parts);
    const importUs = this.#importUs(imported, isForked);
    const memoryUs = this.#perMib("loadPerMib", ownBytes);
    parts[CREATE] = this.#part(isForked ? "containerCreate" : "freshCreate");
    parts[FORK] = isForked ? this.#forkUs("forkFloor", inheritedBytes) : 0;
    parts[IMPORT] = importUs;
    parts[LOAD] = this.#part(isForked ? "load" : "freshLoad") + memoryUs;
    parts[READY] = this.#part("ready");
    return this.#demandOf(parts, importUs + memoryUs);
  }

  /** Writes the times of a Zygote's creation into `parts`; returns the cores that it keeps busy. */
  zygote(parts: Float64Array, inheritedBytes: number, imported: Int32Array): number {
    const isForked = inheritedBytes > 0;
    this.#begin(parts);
    const importUs = this.#importUs(imported, isForked);
    parts[CREATE] = this.#part(isForked ? "zygoteCreate" : "freshZygoteCreate");
    parts[FORK] = isForked ? this.#forkUs("zygoteForkFloor", inheritedBytes) : 0;
    parts[IMPORT] = importUs;
    parts[LOAD] = this.#part(isForked ? "zygoteLoad" : "freshZygoteLoad");
    parts[READY] = this.#part("zygoteReady");
    return this.#demandOf(parts, importUs);
  }

  /**
   * Draws the parts of a run that should take `runUs`. Runs are the most frequent operation, so one
   * random number serves their three draws, each with other bits of it. The cost `resume` contains
   * the request's own overhead, so what the pause adds is the difference at the same quantile.
   */
  drawRun(isFirst: boolean, resumes: boolean, runUs: number): void {
    const { request, firstRequest, resume, runFixed, firstRunFixed, runScale } = this.#draws;
    const bits = (this.#runs.next() * RUN_DRAWS) | 0;
    const way = resumes ? resume : isFirst ? firstRequest : request;
    this.requestUs = way.byBits(bits);
    this.resumeUs = resumes ? Math.max(0, this.requestUs - request.byBits(bits)) : 0;
    this.handlerUs =
      (isFirst ? firstRunFixed : runFixed).byBits(bits >> DRAW_BITS) +
      runScale.byBits(bits >> (2 * DRAW_BITS)) * runUs;
  }

  pauseUs(): number {
    return this.#draws.pause.next();
  }

  containerDestroyUs(process: ProcessBytes): number {
    return this.#draws.containerDestroy.next() + this.#memoryEndUs(process);
  }

  zygoteDestroyUs(process: ProcessBytes): number {
    return this.#draws.zygoteDestroy.next() + this.#memoryEndUs(process);
  }

  /** Time of an installation after the download and the writing. */
  installUs(id: PackageId): number {
    const { installFixed, installScale } = this.#draws;
    return installFixed.next() + this.#packages[id].installUs * installScale.next();
  }

  uninstallUs(): number {
    return this.#draws.uninstall.next();
  }

  #begin(parts: Float64Array): void {
    parts.fill(0);
    this.#normals.begin();
  }

  #part(name: CostName): number {
    return this.#draws[name].at(this.#normals.next());
  }

  #importUs(imported: Int32Array, isForked: boolean): number {
    if (imported.length === 0) return 0;
    let importUs = isForked ? this.#part("importFirst") : 0;
    for (const id of imported) {
      importUs +=
        this.#part("importFixed") + this.#packages[id].importUs * this.#part("importScale");
    }
    return importUs;
  }

  #forkUs(floor: "forkFloor" | "zygoteForkFloor", inheritedBytes: number): number {
    return this.#part(floor) + this.#perMib("forkPerMib", inheritedBytes);
  }

  #perMib(name: "forkPerMib" | "loadPerMib", bytes: number): number {
    return bytes === 0 ? 0 : (this.#part(name) * bytes) / BYTES_PER_MIB;
  }

  #memoryEndUs({ importedBytes, inheritedBytes, keptBytes }: ProcessBytes): number {
    const { destroyPerMib, destroyPerInheritedMib, destroyPerKeptMib } = this.#draws;
    const us =
      destroyPerMib.next() * importedBytes +
      destroyPerInheritedMib.next() * inheritedBytes +
      destroyPerKeptMib.next() * keptBytes;
    return us / BYTES_PER_MIB;
  }

  /**
   * Mean demand of a creation of which `busyUs` keep one core busy; the rest uses `creationDemand`.
   */
  #demandOf(parts: Float64Array, busyUs: number): number {
    let us = 0;
    for (const each of parts) us += each;
    return us === 0 ? 1 : (busyUs + (us - busyUs) * this.#demand) / us;
  }
}

/**
 * What two rules of FaasCache's published simulator do to its baseline (aFuerst/faascache-sim at
 * 25110b6, class LambdaScheduler): a use renews all containers of the function, and an eviction goes
 * on until the victims add up to the size of the new container, whatever memory is free.
 *
 * The model is that simulator's: cores are unlimited, nothing waits, a start takes no time, and an
 * invocation is dropped if the idle containers do not make room. Greedy-Dual's priority is the clock
 * plus the uses of the function's live containers divided by its size; each start costs the same.
 *
 *     npx tsx measure/faascache-sim.ts TRACE GIB...
 */
import { sum } from "d3-array";
import { readWorkload, type Workload } from "../src/library.js";

const BYTES_PER_GIB = 1024 ** 3;

interface Container {
  readonly functionId: number;
  readonly bytes: number;
  idleAtUs: number;
  uses: number;
  /** The idle container with the lowest goes first. */
  priority: number;
}

interface Rule {
  readonly name: string;
  /** The priority of a container that is used now; `clones` are its function's containers. */
  priority(nowUs: number, clones: readonly Container[], clock: number): number;
  /** Whether the new priority is that of all containers of the function. */
  readonly renewsClones: boolean;
  /** Whether victims add up to the size of the new container, whatever memory is free. */
  readonly evictsBySize: boolean;
}

const byUse = (nowUs: number) => nowUs;
const byWorth = (_: number, clones: readonly Container[], clock: number) =>
  clock + sum(clones, ({ uses }) => uses) / clones[0].bytes;

const RULES: readonly Rule[] = [
  { name: "LRU", priority: byUse, renewsClones: false, evictsBySize: false },
  { name: "LRU, evicts by size", priority: byUse, renewsClones: false, evictsBySize: true },
  { name: "LRU, renews clones", priority: byUse, renewsClones: true, evictsBySize: false },
  { name: "LRU as published", priority: byUse, renewsClones: true, evictsBySize: true },
  { name: "Greedy-Dual", priority: byWorth, renewsClones: true, evictsBySize: false },
  { name: "Greedy-Dual as published", priority: byWorth, renewsClones: true, evictsBySize: true },
];

/** The containers of all functions, within a limit of memory. */
class Pool {
  misses = 0;
  drops = 0;
  readonly #workload: Workload;
  readonly #limitBytes: number;
  readonly #rule: Rule;
  readonly #clones: Container[][];
  #usedBytes = 0;
  #clock = 0;

  constructor(workload: Workload, limitBytes: number, rule: Rule) {
    this.#workload = workload;
    this.#limitBytes = limitBytes;
    this.#rule = rule;
    this.#clones = workload.functions.map(() => []);
  }

  async replay(): Promise<void> {
    const batches = this.#workload.arrivals();
    for (let batch = await batches.next(); batch !== null; batch = await batches.next()) {
      for (let at = 0; at < batch.count; at++)
        this.#invoke(batch.functionId[at], batch.atUs[at], batch.runUs[at]);
    }
  }

  #invoke(functionId: number, nowUs: number, runUs: number): void {
    const clones = this.#clones[functionId];
    const container =
      clones.find(({ idleAtUs }) => idleAtUs <= nowUs) ?? this.#make(functionId, nowUs);
    if (container === null) return;
    container.uses++;
    container.idleAtUs = nowUs + runUs;
    const priority = this.#rule.priority(nowUs, clones, this.#clock);
    for (const each of this.#rule.renewsClones ? clones : [container]) each.priority = priority;
  }

  #make(functionId: number, nowUs: number): Container | null {
    const bytes = this.#workload.functions[functionId].memoryBytes;
    if (!this.#fits(bytes)) this.#evictFor(bytes, nowUs);
    if (!this.#fits(bytes)) {
      this.drops++;
      return null;
    }
    this.misses++;
    this.#usedBytes += bytes;
    const container = { functionId, bytes, idleAtUs: 0, uses: 0, priority: 0 };
    this.#clones[functionId].push(container);
    return container;
  }

  #evictFor(bytes: number, nowUs: number): void {
    const idle = this.#clones.flat().filter(({ idleAtUs }) => idleAtUs <= nowUs);
    let freedBytes = 0;
    for (const victim of idle.toSorted((a, b) => a.priority - b.priority)) {
      if (this.#rule.evictsBySize ? freedBytes >= bytes : this.#fits(bytes)) return;
      freedBytes += victim.bytes;
      this.#usedBytes -= victim.bytes;
      this.#clock = victim.priority;
      const clones = this.#clones[victim.functionId];
      clones.splice(clones.indexOf(victim), 1);
    }
  }

  #fits(bytes: number): boolean {
    return this.#usedBytes + bytes <= this.#limitBytes;
  }
}

const [trace, ...sizes] = process.argv.slice(2);
if (trace === undefined || sizes.length === 0 || sizes.some((size) => !(Number(size) > 0)))
  throw new Error("usage: faascache-sim.ts TRACE GIB...");

const workload = await readWorkload({ trace, packages: "none" });
console.log(`| misses (and drops) with | ${sizes.map((size) => `${size} GiB`).join(" | ")} |`);
console.log(`| --- |${" ---: |".repeat(sizes.length)}`);
for (const rule of RULES) {
  const cells: string[] = [];
  for (const size of sizes) {
    const pool = new Pool(workload, Number(size) * BYTES_PER_GIB, rule);
    await pool.replay();
    const [misses, drops] = [pool.misses, pool.drops].map((count) => count.toLocaleString("en"));
    cells.push(drops === "0" ? misses : `${misses} (${drops})`);
  }
  console.log(`| ${[rule.name, ...cells].join(" | ")} |`);
}

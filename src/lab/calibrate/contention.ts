import { median } from "d3-array";
import { ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import { type Measured, NOTHING, type Stand } from "./stand.js";
import { constantCost, costOf } from "./summary.js";

const BURN_US = 100_000;
/** Jobs per core. */
const BURNS = [0.5, 1, 1.5, 2];
const CREATIONS = [1, 2, 4, 8];

/** Measures handlers that each use a whole core, from one per two cores to two per core. */
export async function measureBurns(
  stand: Stand,
  rounds: number,
  cores: number,
): Promise<CostFindings> {
  const jobs = [...new Set([1, ...BURNS.map((each) => Math.max(1, Math.round(each * cores)))])];
  const most = Math.max(...jobs);
  for (let id = 0; id < most; id++)
    await stand.container(id, stand.workload.burner, ROOT_ZYGOTE_ID);
  const times = new Map(jobs.map((count): [number, number[]] => [count, []]));
  const longest = new Map(jobs.map((count): [number, number[]] => [count, []]));
  for (let round = 0; round < rounds; round++) {
    for (const count of jobs) {
      const dueUs = await stand.due();
      for (let id = 0; id < count; id++) stand.beginRun(id, BURN_US);
      // not the handler's own time, which begins when the handler first gets a core
      const roundUs = (await stand.collect(count, dueUs)).map(({ elapsedUs }) => elapsedUs);
      times.get(count)!.push(...roundUs);
      longest.get(count)!.push(Math.max(...roundUs));
    }
  }
  for (let id = 0; id < most; id++) await stand.destroyContainer(id);
  // The speed counts until the last job has ended: one of three jobs on two cores may end early at
  // the others' cost.
  const alone = median(longest.get(1)!)!;
  const burn = jobs.map((count) => ({
    jobsPerCore: count / cores,
    speed: Number((alone / median(longest.get(count)!)!).toPrecision(4)),
  }));
  return {
    costs: {},
    contention: { burn },
    observed: Object.fromEntries(
      jobs.map((count) => [
        `burn${count}`,
        costOf(times.get(count)!, "us", `run of 100 ms of CPU, ${count} at once`),
      ]),
    ),
  };
}

/** Measures containers that are forked from the root Zygote at the same time. */
export async function measureCreations(
  stand: Stand,
  rounds: number,
  cores: number,
): Promise<CostFindings> {
  const times = new Map<number, number[]>();
  for (const count of CREATIONS) {
    const all: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const created = await createAtOnce(stand, count);
      all.push(...created.map(({ elapsedUs }) => elapsedUs));
    }
    times.set(count, all);
  }
  const alone = median(times.get(1)!)!;
  const creations = CREATIONS.map((atOnce) => ({
    atOnce,
    slowdown: Number((median(times.get(atOnce)!)! / alone).toPrecision(4)),
  }));
  return {
    costs: {
      creationDemand: constantCost(
        demandFrom(creations, cores),
        "ratio",
        `cores divided by creations at once, times their slowdown: least squares over ${CREATIONS.join(", ")} at once, n = ${rounds} rounds each`,
      ),
    },
    contention: { creations },
    observed: Object.fromEntries(
      CREATIONS.map((count) => [
        `creations${count}`,
        costOf(times.get(count)!, "us", `creation of a forked container, ${count} at once`),
      ]),
    ),
  };
}

async function createAtOnce(stand: Stand, count: number): Promise<Measured[]> {
  const dueUs = await stand.due();
  for (let id = 0; id < count; id++) {
    stand.beginContainer(id, stand.workload.plain, ROOT_ZYGOTE_ID, NOTHING);
  }
  const created = await stand.collect(count, dueUs);
  for (let id = 0; id < count; id++) await stand.destroyContainer(id);
  return created;
}

/**
 * The demand that fits the measured slowdowns best, by least squares, if k jobs that share the
 * cores are slowed down by max(1, k demand / cores). Only numbers of jobs that were slowed down
 * count.
 */
export function demandFrom(
  slowdowns: readonly { readonly atOnce: number; readonly slowdown: number }[],
  cores: number,
): number {
  const slowed = slowdowns.filter(({ slowdown, atOnce }) => atOnce > 1 && slowdown > 1);
  let products = 0;
  let squares = 0;
  for (const { atOnce, slowdown } of slowed) {
    products += slowdown * (atOnce / cores);
    squares += (atOnce / cores) ** 2;
  }
  return squares === 0 ? 1 : products / squares;
}

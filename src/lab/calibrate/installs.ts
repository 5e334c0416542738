import { writeSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { median } from "d3-array";
import { BYTES_PER_MIB, US_PER_MS, US_PER_SECOND } from "../../basics/units.js";
import type { PackageId } from "../../contract/package-set.js";
import { demandFrom } from "./contention.js";
import type { CostFindings } from "./findings.js";
import type { Stand } from "./stand.js";
import { constantCost, costOf, robustLine } from "./summary.js";

/**
 * Numbers of installs at once. Each group gets a share of the packages in proportion to its number,
 * so all groups take equally long.
 */
const AT_ONCE = [1, 2, 4];
/**
 * In each round every package is installed once, and then removed. From round to round a package
 * moves to another group.
 */
const ROUNDS = 3;
const WRITE_BYTES = 16 * BYTES_PER_MIB;
const WRITES = 20;

interface Install {
  readonly packageId: PackageId;
  readonly us: number;
}

/**
 * Measures installs of all packages of the workload from its wheels: some alone, some two at once,
 * some four at once. `concurrency` is the number of installs that a run performs at once.
 */
export async function measureInstalls(
  stand: Stand,
  cores: number,
  concurrency: number,
  bandwidth: number,
): Promise<CostFindings> {
  const { packages, catalogue } = stand.workload;
  const uninstalls: number[] = [];
  const byGroup: readonly Install[][] = AT_ONCE.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [group, some] of groupsOf(packages, round)) {
      const done = await stand.install(some);
      // an incomplete group says nothing about its number at once
      if (some.length < AT_ONCE[group]) continue;
      byGroup[group].push(...done.map(({ id, elapsedUs }) => ({ packageId: id, us: elapsedUs })));
    }
    if (round === ROUNDS - 1) break; // later measurements need the packages
    for (const id of packages) uninstalls.push((await stand.uninstall(id)).elapsedUs);
  }
  const alone = byGroup[0].map(({ packageId, us }): [number, number] => {
    const { installUs, diskBytes } = catalogue.packages[packageId];
    return [installUs, us - (diskBytes / bandwidth) * US_PER_SECOND];
  });
  const line = robustLine(alone);
  const medians = byGroup.map((installs) => median(installs, ({ us }) => us)!);
  const slowdowns = AT_ONCE.map((atOnce, at) => ({ atOnce, slowdown: medians[at] / medians[0] }));
  // Numbers that no run performs at once are left out. CPU time alone does not explain their
  // slowdown.
  const runnable = slowdowns.filter(({ atOnce }) => atOnce <= concurrency);
  return {
    costs: {
      installFixed: costOf(
        alone.map(([statedUs, us]) => us - line.slope * statedUs),
        "us",
        "install from a folder of wheels, one at a time, minus writing and installScale times the time in the catalogue",
      ),
      installScale: constantCost(
        line.slope,
        "ratio",
        "slope of install time against the time in the catalogue: median over pairs of packages",
      ),
      installDemand: constantCost(
        demandFrom(runnable, cores),
        "ratio",
        "cores divided by installs at once, times their slowdown: least squares over the numbers that a run allows",
      ),
      uninstall: costOf(uninstalls, "us", "removal of a package from the install cache"),
    },
    observed: Object.fromEntries(
      AT_ONCE.map((atOnce, at) => [
        `installs${atOnce}`,
        costOf(
          byGroup[at].map(({ us }) => us),
          "us",
          `install of a package from a folder of wheels, ${atOnce} at once`,
        ),
      ]),
    ),
  };
}

/**
 * Yields all packages in groups to install at once, each with the index in AT_ONCE of its intended
 * size.
 */
function* groupsOf(
  packages: readonly PackageId[],
  round: number,
): Generator<readonly [group: number, some: readonly PackageId[]]> {
  const shares = AT_ONCE.flatMap((atOnce, group) => Array<number>(atOnce).fill(group));
  for (const [group, atOnce] of AT_ONCE.entries()) {
    const all = packages.filter((_, at) => shares[(at + round) % shares.length] === group);
    for (let at = 0; at < all.length; at += atOnce) yield [group, all.slice(at, at + atOnce)];
  }
}

/** Measures writes as an installer performs them: to new files, without waiting for the disk. */
export async function measureWrites(folder: string): Promise<CostFindings> {
  const noise = Buffer.alloc(WRITE_BYTES, 0xa5);
  const rates: number[] = [];
  const path = join(folder, "calibration.bin");
  for (let write = 0; write < WRITES; write++) {
    const file = await open(path, "w");
    const beganMs = performance.now();
    writeSync(file.fd, noise);
    rates.push((WRITE_BYTES * US_PER_SECOND) / ((performance.now() - beganMs) * US_PER_MS));
    await file.close();
    await rm(path);
  }
  return {
    costs: {
      diskBandwidth: costOf(
        rates,
        "bytes/s",
        "writing new files of 16 MiB in the state folder, as an installer does: into the page cache",
      ),
    },
  };
}

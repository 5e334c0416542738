import { BYTES_PER_MIB } from "../../basics/units.js";
import { importedBytes } from "../../contract/footprint.js";
import { PackageSet } from "../../contract/package-set.js";
import { perMib, ROOT_ZYGOTE_ID } from "./containers.js";
import type { CostFindings } from "./findings.js";
import type { Measured, Stand } from "./stand.js";
import { constantCost, costOf, robustLine } from "./summary.js";

const ZYGOTE = 1;
const CONTAINER = 0;
/** Containers that are forked from each Zygote. */
const FORKS = 3;

/** Measures the creation and destruction of root Zygotes. */
export async function measureRoots(stand: Stand, samples: number): Promise<CostFindings> {
  const made: Measured[] = [];
  const ends: Measured[] = [];
  while (made.length < samples) {
    made.push(await stand.zygote(ZYGOTE));
    ends.push(await stand.destroyZygote(ZYGOTE));
  }
  const what = "root Zygotes";
  return {
    costs: {
      freshZygoteCreate: costOf(
        made.map(({ phaseUs }) => phaseUs.create),
        "us",
        `phase create of ${what}`,
      ),
      freshZygoteLoad: costOf(
        made.map(({ phaseUs }) => phaseUs.load),
        "us",
        `phase load of ${what}: warm-up and collection`,
      ),
      ...(made[0].measuredBytes < 0
        ? {}
        : {
            interpreterMemory: costOf(
              made.map(({ measuredBytes }) => measuredBytes),
              "bytes",
              `memory charged to ${what}`,
            ),
          }),
    },
    observed: {
      rootZygote: costOf(
        made.map(({ elapsedUs }) => elapsedUs),
        "us",
        `creation of ${what}`,
      ),
      rootZygoteDestroy: costOf(
        ends.map(({ elapsedUs }) => elapsedUs),
        "us",
        `destruction of ${what}`,
      ),
    },
  };
}

/**
 * Measures Zygotes of several sizes that are forked from the root Zygote, and containers that are
 * forked from them.
 */
export async function measureTrees(stand: Stand, samples: number): Promise<CostFindings> {
  const { trees, plain, catalogue } = stand.workload;
  const sizes = [new Int32Array(0), ...trees].map((added) => ({
    added,
    mib: importedBytes(new PackageSet(added), catalogue.packages) / BYTES_PER_MIB,
  }));
  const made: (Measured & { readonly mib: number })[] = [];
  const forks: [number, number][] = [];
  const ends: [number, number][] = [];
  const childEnds: [number, number][] = [];
  const childBytes: [number, number][] = [];
  for (let round = 0; round < samples; round++) {
    for (const { added, mib } of sizes) {
      made.push({ ...(await stand.zygote(ZYGOTE, ROOT_ZYGOTE_ID, added)), mib });
      for (let fork = 0; fork < FORKS; fork++) {
        const child = await stand.container(CONTAINER, plain, ZYGOTE);
        forks.push([mib, child.phaseUs.fork]);
        childBytes.push([mib, child.measuredBytes / BYTES_PER_MIB]);
        childEnds.push([mib, (await stand.destroyContainer(CONTAINER)).elapsedUs]);
      }
      ends.push([mib, (await stand.destroyZygote(ZYGOTE)).elapsedUs]);
    }
  }
  const memory = robustLine(
    made.map(({ mib, measuredBytes }) => [mib, measuredBytes / BYTES_PER_MIB]),
  );
  const of = (pick: (each: Measured) => number) => made.map(pick);
  const what = "Zygotes forked from the root";
  return {
    costs: {
      zygoteCreate: costOf(
        of(({ phaseUs }) => phaseUs.create),
        "us",
        `phase create of ${what}`,
      ),
      zygoteLoad: costOf(
        of(({ phaseUs }) => phaseUs.load),
        "us",
        `phase load of ${what}: collection`,
      ),
      zygoteReady: costOf(
        of(({ restUs }) => restUs),
        "us",
        `creation minus its phases of ${what}`,
      ),
      zygoteDestroy: costOf(
        ends.map(([mib, us]) => us - robustLine(ends).slope * mib),
        "us",
        `destruction of ${what}, minus the part that grows with its size`,
      ),
      zygoteForkFloor: costOf(
        of(({ phaseUs }) => phaseUs.fork),
        "us",
        `phase fork of ${what}`,
      ),
      destroyPerMib: perMib(ends, "destruction of Zygotes, per MiB of packages that they imported"),
      destroyPerInheritedMib: perMib(
        childEnds,
        "destruction of containers, per MiB of packages that they inherit",
      ),
      forkPerMib: perMib(forks, "phase fork of containers, per MiB that the Zygote has imported"),
      ...(made[0].measuredBytes < 0
        ? {}
        : {
            zygotePrivateMemory: constantCost(
              memory.intercept * BYTES_PER_MIB,
              "bytes",
              `memory charged to ${what} without packages: intercept over ${made.length} of ${sizes.length} sizes`,
            ),
            importMemoryScale: constantCost(
              memory.slope,
              "ratio",
              "memory charged to Zygotes, divided by the catalogue's bytes of their packages: slope",
            ),
            inheritedMemoryScale: constantCost(
              robustLine(childBytes).slope,
              "ratio",
              "memory charged to a forked container per inherited byte: slope",
            ),
          }),
    },
  };
}

import type { BenchRatio, Measurement } from "../../../results/bench-result.js";
import { type Claim, ratioOf } from "../../../results/measurements.js";
import type { Bench } from "../bench.js";
import { choose } from "../choose.js";
import { measureCells, type PrimitiveCase } from "./cell.js";
import { type CgroupFolders, openCgroupFolders } from "./cgroup-folders.js";
import {
  APART,
  BORN_INTO,
  CHILD_V1,
  freezeCells,
  GROUPS,
  groupCells,
  JOINS,
  joinCells,
  MANAGER_V1,
  MANAGER_V2,
  NEW_GROUP,
  REUSED_GROUP,
} from "./cgroups.js";
import { FORK, FORK_HUGE, FORKS, forkCells } from "./forks.js";
import { BIND, MOUNTS, mountCells, OVERLAY, ROOTS } from "./mounts.js";
import { NAMESPACE_RATE, NO_NAMESPACE, namespaceCells } from "./namespaces.js";

interface Part {
  readonly name: string;
  cells(folder: string, cgroups: CgroupFolders): readonly PrimitiveCase[];
}

const PAUSING = "pausing";
const FROZEN_ALREADY =
  "another program kept a v1 cgroup frozen, so the row without a frozen cgroup is as fast as the row with one";

const PARTS: readonly Part[] = [
  { name: "mounts", cells: mountCells },
  { name: "namespaces", cells: namespaceCells },
  { name: "cgroups", cells: (_, cgroups) => groupCells(cgroups) },
  { name: "joining", cells: (_, cgroups) => joinCells(cgroups) },
  { name: "forks", cells: forkCells },
  { name: PAUSING, cells: (_, cgroups) => freezeCells(cgroups) },
];

/** Measures the kernel's parts of a container, and compares the choices among them. */
export const primitivesBench: Bench = {
  name: "primitives",
  summary: "mounts, namespaces, cgroups, forks, freezers: what a container's parts cost",
  run: async (context) => {
    const parts = choose(PARTS, context.only);
    const cgroups = openCgroupFolders(context.folder);
    const measurements: Measurement[] = [];
    try {
      for (const [at, { name, cells }] of parts.entries()) {
        context.onStage({ at: at + 1, of: parts.length, name });
        measurements.push(...(await measureCells(cells(context.folder, cgroups), context)));
      }
    } finally {
      await cgroups.close();
    }
    const isPaused = parts.some(({ name }) => name === PAUSING);
    const warnings = isPaused && cgroups.isSomeFrozen ? [FROZEN_ALREADY] : [];
    return { measurements, ratios: ratiosOf(measurements), warnings };
  },
};

/**
 * Ratio in the SOCK paper of bind mounts against AUFS (figure 1), and of reused cgroups against new
 * ones (figure 5).
 */
const PAPER_TWICE = 2;

function ratiosOf(measurements: readonly Measurement[]): readonly BenchRatio[] {
  const compare = (
    claim: Claim,
    metric: string,
    [ours, peer]: readonly [string, string],
    at: number | null = null,
  ): readonly BenchRatio[] => {
    const find = (contender: string) =>
      measurements.find(
        (each) => each.contender === contender && each.metric === metric && each.at === at,
      );
    const [one, other] = [find(ours), find(peer)];
    return one === undefined || other === undefined ? [] : [ratioOf(claim, one, other)];
  };
  const twice = { paper: PAPER_TWICE, aim: PAPER_TWICE };
  const roots = (live: number) => ({ title: `mounts of a root, with ${live} others`, ...twice });
  const apart = (what: string) => ({ title: `${what}, ${APART}` });
  const rates = (clients: number) => ({ title: `processes per second, ${clients} clients` });
  return [
    ...compare(roots(0), MOUNTS, [BIND, OVERLAY], 0),
    ...compare(roots(1000), MOUNTS, [BIND, OVERLAY], 1000),
    ...compare({ title: "a root with its folders, with 0 others" }, ROOTS, [BIND, OVERLAY], 0),
    ...compare(rates(8), NAMESPACE_RATE, [NO_NAMESPACE, "net"], 8),
    ...compare(rates(8), NAMESPACE_RATE, [NO_NAMESPACE, "mnt"], 8),
    ...compare({ title: "a cgroup, back to back", ...twice }, `${GROUPS}, back to back`, [
      REUSED_GROUP,
      NEW_GROUP,
    ]),
    ...compare({ ...apart("a cgroup"), ...twice }, `${GROUPS}, ${APART}`, [
      REUSED_GROUP,
      NEW_GROUP,
    ]),
    ...compare(apart("child in its cgroup"), `${JOINS}, ${APART}`, [CHILD_V1, MANAGER_V1]),
    ...compare(apart("child in its cgroup"), `${JOINS}, ${APART}`, [BORN_INTO, MANAGER_V2]),
    ...compare({ title: "fork of 64 MiB" }, FORKS, [FORK_HUGE, FORK], 64),
  ];
}

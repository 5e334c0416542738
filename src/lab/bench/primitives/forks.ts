import { existsSync } from "node:fs";
import { BYTES_PER_MIB } from "../../../basics/units.js";
import type { PrimitiveCase } from "./cell.js";

const SAMPLES = 60;
const SIZES_MIB = [0, 1, 4, 16, 64, 256];
export const FORKS = "fork of a Zygote, until the child runs";
export const FORK = "fork, 4 KiB pages";
export const FORK_HUGE = "fork, huge pages";
const NO_HUGE_PAGES = "the kernel of this machine has no huge pages (CONFIG_TRANSPARENT_HUGEPAGE)";
const KINDS = [
  ["fork", FORK],
  ["fork-huge", FORK_HUGE],
  ["vfork", "vfork, shares memory"],
] as const;

/** How much the memory of a Zygote slows down each of its forks. */
export function forkCells(): readonly PrimitiveCase[] {
  const hasHugePages = existsSync("/sys/kernel/mm/transparent_hugepage");
  return SIZES_MIB.flatMap((mib) =>
    KINDS.map(
      ([step, contender]): PrimitiveCase => ({
        step,
        options: { bytes: mib * BYTES_PER_MIB },
        samples: SAMPLES,
        ...(contender === FORK_HUGE && !hasHugePages ? { absent: NO_HUGE_PAGES } : {}),
        time: {
          contender,
          does: "a process with this much touched private memory makes a child: until the child's first instruction",
          metric: FORKS,
          unit: "us",
          parameter: ["MiB of the parent", mib],
        },
      }),
    ),
  );
}

import type { Case } from "../../../results/measurements.js";
import type { PrimitiveCase } from "./cell.js";

const SAMPLES = 300;
const LIVE = [0, 10, 100, 1000];
export const MOUNTS = "mount a root, write to it, unmount it";
export const ROOTS = "make a root and its folders, write to it, remove all";
export const BIND = "bind mounts";
export const OVERLAY = "overlayfs";

const KINDS = [
  ["bind", BIND, "the base is bound and made read-only, and a scratch folder is bound into it"],
  ["overlay", OVERLAY, "an overlay of the base and an empty folder is mounted"],
] as const;
const EXTENTS = [
  [MOUNTS, 0, ""],
  [ROOTS, 1, "; the time to make and remove its folders counts"],
] as const;

/** Mounts a writable root while other roots of its kind are mounted in the namespace. */
export function mountCells(folder: string): readonly PrimitiveCase[] {
  return EXTENTS.flatMap(([metric, folders, also]) =>
    LIVE.flatMap((live) =>
      KINDS.map(([step, contender, how]): PrimitiveCase => {
        const time: Case = {
          contender,
          does: `${how}; a new file is written; the root is unmounted${also}; on a tmpfs, in a new mount namespace`,
          metric,
          unit: "us",
          parameter: ["roots mounted", live],
        };
        return { step, options: { folder, live, folders }, samples: SAMPLES, time };
      }),
    ),
  );
}

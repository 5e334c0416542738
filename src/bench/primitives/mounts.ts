import type { Case } from "../../results/measurements.js";
import type { Cell } from "./cell.js";

const SAMPLES = 300;
const LIVE = [0, 10, 100, 1000];
export const MOUNTS = "make, write to and remove a root";
export const BIND = "bind mounts";
export const OVERLAY = "overlayfs";

const DOES = {
  [BIND]:
    "two folders made, the base bound, made read-only, a scratch folder bound into it; a file written; all unmounted and removed",
  [OVERLAY]:
    "four folders made, an overlay of the base mounted; a file written; it unmounted and all removed",
} as const;

/** A root to write in, while others of its kind are mounted in the namespace. */
export function mountCells(folder: string): readonly Cell[] {
  const kinds = [
    ["bind", BIND],
    ["overlay", OVERLAY],
  ] as const;
  return LIVE.flatMap((live) =>
    kinds.map(([step, contender]): Cell => {
      const time: Case = {
        contender,
        does: `${DOES[contender]}; on a tmpfs, in a mount namespace of its own`,
        metric: MOUNTS,
        unit: "us",
        parameter: ["roots mounted", live],
      };
      return { step, options: { folder, live }, samples: SAMPLES, time };
    }),
  );
}

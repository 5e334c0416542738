import { expect } from "vitest";
import { SLOWNESS } from "../slowness.js";
import { start } from "./fresh-clone.js";

/** A network and mounts in which README's port and state folder are free, whatever else this machine runs. */
export interface Apart {
  /** A program and its arguments that perform the command line after them in there. */
  readonly inside: readonly string[];
  /** Its root folder, as seen from outside. */
  readonly root: string;
  end(): Promise<void>;
}

const READY_MS = 30_000 * SLOWNESS;

/** Makes the namespaces; they live as long as one process that sleeps. */
export async function keepApart(): Promise<Apart> {
  const prepare = "ip link set lo up && mount -t tmpfs -o mode=755 tmpfs /run && echo ready $$";
  const holder = start(`unshare --mount --net sh -c '${prepare} && exec sleep infinity'`, "/");
  await expect.poll(holder.printed, { timeout: READY_MS }).toMatch(/^ready \d+\n$/);
  const pid = holder.printed().match(/\d+/)![0];
  return {
    inside: ["nsenter", `--mount=/proc/${pid}/ns/mnt`, `--net=/proc/${pid}/ns/net`],
    root: `/proc/${pid}/root`,
    end: async () => {
      holder.stop("SIGKILL");
      await holder.ended;
    },
  };
}

import { expect } from "vitest";
import { SLOWNESS } from "../slowness.js";
import { start } from "./fresh-clone.js";

/** A separate network and mount namespace, in which README's port and state folder are free. */
export interface Apart {
  /** A program and its arguments that run the command line after them inside the namespaces. */
  readonly inside: readonly string[];
  /** The root folder of the namespaces, as a path on this machine. */
  readonly root: string;
  end(): Promise<void>;
}

const READY_MS = 30_000 * SLOWNESS;

/** Makes the namespaces. They exist as long as one process that sleeps. */
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

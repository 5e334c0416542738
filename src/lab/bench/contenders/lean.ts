import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { loadNative, type PollerEvent } from "../../../real/host/native.js";
import { USUAL_PRIORITY } from "../../../real/host/priority.js";
import { findPython } from "../../../real/host/python.js";
import { DEFAULT_OPTIONS } from "../../../real/real-setup.js";
import { containerBase } from "../../../real/sandboxes/base-root.js";
import {
  Sandboxes,
  type SandboxOptions,
  type TokenListener,
} from "../../../real/sandboxes/sandboxes.js";
import { newInstanceId } from "../../../real/state/instance.js";
import { type Arena, type Contender, loadBy, type OpenContender } from "./contender.js";

/** Enough for the most clients, twice. */
const READY_SLOTS = 16;
const DOES =
  "started cold by the real backend: chroot into a read-only root with its own scratch, uts, ipc and pid namespaces, " +
  "cgroups, an own user, no capability, seccomp; then reaped and its slot released";

export const leanContender: Contender = {
  name: "lean",
  title: "lean container",
  does: `${DOES}; the host's network; user, cgroup and root made ahead`,
  open: (arena) => openLean(arena, { readySlots: READY_SLOTS, network: "host" }),
};

export const leanOnDemandContender: Contender = {
  name: "lean-on-demand",
  title: "lean container, on demand",
  does: `${DOES}; the host's network; root and cgroups made within the sample and removed after it`,
  open: (arena) => openLean(arena, { readySlots: 0, network: "host" }),
};

export const leanNoNetworkContender: Contender = {
  name: "lean-no-network",
  title: "lean container, network none",
  does: `${DOES}; an own network namespace; user, cgroup and root made ahead`,
  open: (arena) => openLean(arena, { readySlots: READY_SLOTS, network: "none" }),
};

async function openLean(
  arena: Arena,
  changed: Pick<SandboxOptions, "readySlots" | "network">,
): Promise<OpenContender> {
  const folder = join(arena.folder, "state");
  const packages = join(folder, "packages");
  mkdirSync(packages, { recursive: true });
  const source = containerBase(findPython(arena.python), packages, arena.root);
  const options = { ...DEFAULT_OPTIONS, ...changed };
  const sandboxes = new Sandboxes(loadNative(), newInstanceId(), folder, source, options, () => {});
  const nothing = openSync("/dev/null", "r+");
  return {
    version: null,
    load: (clients, durationUs) =>
      loadBy(() => runOnce(sandboxes, arena.command, nothing), clients, durationUs),
    close: async () => {
      closeSync(nothing);
      await sandboxes.close();
    },
  };
}

/** One container from the taking of its slot to its return. */
async function runOnce(sandboxes: Sandboxes, argv: readonly string[], kept: number): Promise<void> {
  const slot = sandboxes.containerSlots.take();
  const pid = await sandboxes.native.launch({
    argv,
    environment: [],
    root: slot.root.fd,
    network: slot.network,
    kept,
    tasks: slot.cgroup.tasks,
    cgroup: slot.cgroup.folder,
    uid: slot.uid,
    niceness: USUAL_PRIORITY,
    isGuest: true,
    flags: sandboxes.namespaces,
  });
  const exitCode = await exitOf(sandboxes, pid);
  sandboxes.containerSlots.give(slot);
  if (exitCode !== 0) throw new Error(`${argv[0]} ended with exit code ${exitCode}`);
}

function exitOf(sandboxes: Sandboxes, pid: number): Promise<number> {
  return new Promise((resolve) => {
    const listener: TokenListener = {
      onEvent: (_event: PollerEvent, value) => {
        sandboxes.forget(token);
        resolve(value as number);
      },
    };
    const token = sandboxes.listen(listener);
    sandboxes.poller.watchProcess(token, pid);
  });
}

import { existsSync, mkdirSync, realpathSync } from "node:fs";
import { Socket } from "node:net";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { INSTALL_UID, ZYGOTE_UID } from "../host/guest-users.js";
import { isStopped, lookAt } from "../host/look-at.js";
import {
  CLONE_NEWIPC,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  loadNative,
  type Native,
  type Poller,
  SIGKILL,
} from "../host/native.js";
import { USUAL_PRIORITY } from "../host/priority.js";
import type { Python } from "../host/python.js";
import type { ChildEnd } from "../host/run-program.js";
import { KILL_GRACE_MS } from "../host/time-limits.js";
import { Cgroups } from "../sandboxes/cgroups/cgroups.js";
import { installersOf } from "../sandboxes/cgroups/names.js";
import { makeRoots, type RootMaker } from "../sandboxes/roots.js";
import { type Slot, SlotPool, type SlotSpec } from "../sandboxes/slot-pool.js";
import type { StateLayout } from "../state/instance.js";
import {
  HOME_FOLDER,
  installEnvironment,
  installVariables,
  type PackageIndex,
  type PackageTool,
  type ToolJob,
  toolCommand,
} from "./package-tool.js";

export interface InstallSandboxSetup {
  readonly instance: string;
  readonly layout: StateLayout;
  readonly python: Python;
  readonly tool: PackageTool;
  readonly index: PackageIndex;
}

interface Parts {
  readonly native: Native;
  readonly poller: Poller;
  readonly cgroups: Cgroups;
  readonly roots: RootMaker;
  readonly slots: SlotPool;
  /** Tool, index and environment as the installer sees them. */
  readonly tool: PackageTool;
  readonly index: PackageIndex;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
}

/** Folders in an installer's root. */
const STAGING = "staging";
const INDEX = "index";
const UV = "uv";
const GIVEN = "given";

/** Files and folders outside /usr that may configure pip, uv and TLS on the machine. */
const CONFIGURATION = ["/etc/ssl", "/etc/pki", "/etc/pip.conf", "/etc/xdg/pip", "/etc/uv"];

const SLOTS: SlotSpec = {
  name: "i",
  // A build may compile with some processes. This many is a fork bomb.
  limits: { memoryBytes: 4 * 1024 ** 3, cores: Number.POSITIVE_INFINITY, processes: 512 },
  scratchBytes: 256 * 1024 ** 2,
  firstUid: INSTALL_UID,
  hasOwnUid: false,
  hasTerminals: false,
  ready: 1,
};
const KEPT_CHARACTERS = 1 << 16;
/** Time between two looks at an install. An install that is stopped at both is killed. */
const LOOK_EVERY_MS = 1_000;

/** Runs a program in its home folder, with all output on descriptor 3. */
const SHELL = ["/bin/sh", "-c", 'cd "$HOME" && exec "$@" >&3 2>&3', "sh"];

/**
 * Containers for installers, whose build scripts anybody may have written. The root has the
 * machine's /usr, the index if it is a folder, one staging folder to write to, and nothing else of
 * the machine. There are namespaces, a cgroup, a user, no capabilities, and the filters of a
 * container. The network is the machine's, since packages come from there.
 */
export class InstallSandbox {
  readonly #setup: InstallSandboxSetup;
  readonly #exits = new Map<number, (code: number) => void>();
  /**
   * What containers are made of. It is created with the first install, since a folder of wheels may
   * appear late.
   */
  #parts: Parts | undefined;
  #lastToken = 0;

  constructor(setup: InstallSandboxSetup) {
    this.#setup = setup;
  }

  /** Performs a job in a staging folder. Errors: rejects if the tool cannot begin. */
  readonly run = async (
    job: ToolJob,
    folder: string,
    timeoutUs: number,
    signal: AbortSignal,
  ): Promise<ChildEnd> => {
    if (signal.aborted) return { ending: "aborted", exitCode: null, out: "", err: "" };
    this.#parts ??= this.#makeParts();
    const { slots } = this.#parts;
    const slot = slots.take();
    let tellUnseen!: (end: ChildEnd) => void;
    const unseen = new Promise<ChildEnd>((resolve) => {
      tellUnseen = resolve;
    });
    const gone = this.#perform(job, folder, slot, timeoutUs, signal, tellUnseen).finally(() =>
      slots.give(slot),
    );
    return Promise.race([gone, unseen]);
  };

  /** Releases everything. Every install must have ended. */
  async close(): Promise<void> {
    if (this.#parts === undefined) return;
    const { slots, roots, poller, cgroups } = this.#parts;
    await slots.close();
    await roots.close();
    poller.close();
    cgroups.close();
  }

  #makeParts(): Parts {
    const { instance, layout, python } = this.#setup;
    const { shown, environment } = showGiven(process.env, this.#setup.index);
    const index = showIndex(this.#setup.index, shown);
    const tool = showTool(this.#setup.tool, shown);
    const folder = join(layout.containers, "installers");
    mkdirSync(folder, { recursive: true });
    const native = loadNative();
    const roots = makeRoots(native, folder, { python, shown, places: [STAGING] }, "best");
    const cgroups = new Cgroups(native, installersOf(instance), ZYGOTE_UID);
    const slots = new SlotPool(SLOTS, { native, cgroups, roots, makeNetwork: undefined });
    const poller = new native.Poller((event, token, value) => {
      if (event === "exit") this.#exits.get(token)?.(value as number);
    });
    return { native, poller, cgroups, roots, slots, tool, index, environment };
  }

  /**
   * Resolves when no process of the install lives. `tellUnseen` is called if the install was killed
   * and does not go away.
   */
  async #perform(
    job: ToolJob,
    folder: string,
    slot: Slot,
    timeoutUs: number,
    signal: AbortSignal,
    tellUnseen: (end: ChildEnd) => void,
  ): Promise<ChildEnd> {
    const { tool, index, environment, native, poller, cgroups } = this.#parts!;
    slot.root.show(folder, STAGING, false);
    const home = `/${STAGING}/${HOME_FOLDER}`;
    const command = toolCommand(tool, index, job, `/${STAGING}`);
    const env = installEnvironment(index, home, environment);
    const token = ++this.#lastToken;
    const [near, far] = native.socketPair(false);
    const said = collect(near);
    let ending: ChildEnd["ending"] = "exited";
    let grace: NodeJS.Timeout | undefined;
    const end = (how: ChildEnd["ending"]) => () => {
      ending = how;
      // Kill by the cgroup: the process id is unknown until the program runs.
      cgroups.killIn(slot.cgroup);
      poller.kill(token, SIGKILL);
      grace ??= setTimeout(() => tellUnseen({ ending, ...NOTHING_SAID }), KILL_GRACE_MS);
    };
    const abort = end("aborted");
    const exited = new Promise<number>((resolve) => this.#exits.set(token, resolve));
    const timer = setTimeout(end("timed-out"), timeoutUs / 1000);
    const watch = whenStopped(() => cgroups.processesIn(slot.cgroup), end("stopped"));
    signal.addEventListener("abort", abort, { once: true });
    try {
      const pid = await launch(native, [...SHELL, ...command], env, slot, far);
      poller.watchProcess(token, pid);
      // the earlier kill had no process to kill yet
      if (ending !== "exited") poller.kill(token, SIGKILL);
      const code = await exited;
      const err = slot.cgroup.wasOutOfMemory ? "ran out of memory and was killed" : await said;
      return { ending, exitCode: code < 0 ? null : code, out: "", err };
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
      clearInterval(watch);
      signal.removeEventListener("abort", abort);
      this.#exits.delete(token);
    }
  }
}

const NOTHING_SAID = { exitCode: null, out: "", err: "" };

/**
 * Calls back when all of these processes are stopped at two looks in a row, and at each further
 * look.
 */
function whenStopped(find: () => readonly number[], stopped: () => void): NodeJS.Timeout {
  let wasStopped = false;
  return setInterval(() => {
    const alive = find().flatMap((pid) => lookAt(pid) ?? []);
    const areStopped = alive.length > 0 && alive.every(isStopped);
    if (areStopped && wasStopped) stopped();
    wasStopped = areStopped;
  }, LOOK_EVERY_MS);
}

/** Resolves with the process id. Takes over the socket. */
function launch(
  native: Native,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  { root, cgroup, uid }: Slot,
  socket: number,
): Promise<number> {
  return native
    .launch({
      argv,
      environment: Object.entries(env).map(([name, value]) => `${name}=${value}`),
      root: root.fd,
      network: -1,
      kept: socket,
      tasks: cgroup.tasks,
      cgroup: cgroup.folder,
      uid,
      niceness: USUAL_PRIORITY,
      isGuest: true,
      flags: CLONE_NEWUTS + CLONE_NEWIPC + CLONE_NEWPID,
    })
    .finally(() => native.closeFd(socket));
}

/**
 * Resolves with the last part of what is written to a socket, when no process has its other end
 * open any more. Takes over the socket.
 */
function collect(fd: number): Promise<string> {
  const socket = new Socket({ fd, readable: true, writable: false });
  let text = "";
  socket.on("data", (chunk) => {
    text = (text + chunk.toString("utf8")).slice(-KEPT_CHARACTERS);
  });
  socket.on("error", () => {}); // "close" reports its end
  return new Promise((resolve) => socket.once("close", () => resolve(text)));
}

/** uv as the installer sees it, wherever it is on the machine. */
function showTool(tool: PackageTool, shown: Record<string, string>): PackageTool {
  if (tool.kind !== "uv") return tool;
  shown[UV] = dirname(tool.uv);
  return { ...tool, uv: `/${UV}/${basename(tool.uv)}` };
}

/** The index as the installer sees it. An index on this machine's disk is shown in the root. */
function showIndex(index: PackageIndex, shown: Record<string, string>): PackageIndex {
  const isFileUrl = index.kind === "url" && /^file:/i.test(index.url);
  if (index.kind !== "folder" && !isFileUrl) return index;
  const path = index.kind === "folder" ? index.path : fileURLToPath(index.url);
  if (!existsSync(path)) throw new Error(`the index ${path} is not a folder`);
  shown[INDEX] = realpathSync(path);
  return isFileUrl
    ? { kind: "url", url: `file:///${INDEX}` }
    : { kind: "folder", path: `/${INDEX}` };
}

/** The machine's configuration, and the files and folders that the installer's variables name. */
function showGiven(inherited: Readonly<NodeJS.ProcessEnv>, index: PackageIndex) {
  const shown: Record<string, string> = {};
  for (const path of CONFIGURATION) {
    if (existsSync(path)) shown[path.slice(1)] = realpathSync(path);
  }
  const environment: NodeJS.ProcessEnv = { ...inherited };
  for (const [name, value] of Object.entries(installVariables(index, inherited))) {
    if (!value.startsWith("/") || !existsSync(value)) continue;
    shown[`${GIVEN}/${name}`] = realpathSync(value);
    environment[name] = `/${GIVEN}/${name}`;
  }
  return { shown, environment };
}

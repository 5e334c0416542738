import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RandomStream } from "../../src/basics/random.js";
import { endProcess } from "../../src/real/host/end-process.js";
import type { WorkerStats } from "../../src/worker/worker.js";
import { type Client, invocationOf, type TokenRequest, uploadOf } from "./client.js";
import {
  type ChaosFunction,
  ENDS,
  FORK_BOMB,
  FRAME_WRITERS,
  LARGE,
  OTHERS,
  OVER_MEMORY,
  SLOW,
  SMALL_MEMORY,
  WITH_PACKAGES,
} from "./functions.js";
import { type GuestKind, guestsOf } from "./guest-processes.js";
import { PACKAGES } from "./stage.js";
import type { Worker } from "./worker.js";

/** What an act of a fault may use. */
export interface Scene {
  readonly worker: Worker;
  /** File system of the state folder. */
  readonly disk: string;
  readonly random: RandomStream;
  /** A client whose requests count like all others. */
  readonly client: Client;
}

export interface Fault {
  readonly name: string;
  readonly workerOptions: readonly string[];
  /** Functions in addition to the well-behaved ones. */
  readonly functions: readonly ChaosFunction[];
  /**
   * Makers of requests, with one client each, which sends requests during the load. Their requests
   * count as acts unless the fault has its own acts.
   */
  readonly badClients: readonly (() => TokenRequest)[];
  /** Reads the number of acts from the worker's own counts, after the load. */
  readonly countActs?: (stats: WorkerStats) => number;
  /** Called repeatedly during the load. Returns the number of acts. */
  readonly act?: (scene: Scene) => number | Promise<number>;
  readonly actEveryMs?: number;
  /** Size of a separate file system for the state folder; undefined: the machine's file system. */
  readonly diskBytes?: number;
}

const NONE = { workerOptions: [], functions: [], badClients: [] } as const;
/** Options that give every preset Zygotes, by SOCK's policy. */
const ZYGOTES = ["--set", "zygote=sock"];

/** Faults that act during a load of clients. */
export const FAULTS: readonly Fault[] = [
  {
    ...NONE,
    name: "killed-containers",
    functions: [SLOW],
    badClients: [asking([SLOW]), asking([SLOW])],
    act: (scene) => signalOne(scene, "container", "SIGKILL"),
    actEveryMs: 50,
  },
  {
    ...NONE,
    name: "killed-zygotes",
    workerOptions: ZYGOTES,
    functions: [...WITH_PACKAGES, ENDS],
    badClients: [asking([...WITH_PACKAGES, ENDS])],
    act: (scene) => signalOne(scene, "zygote", "SIGKILL"),
    actEveryMs: 500,
  },
  {
    ...NONE,
    name: "killed-installers",
    badClients: [installing(0), installing(1)],
    act: (scene) => signalOne(scene, "installer", "SIGKILL"),
    actEveryMs: 400,
  },
  {
    ...NONE,
    name: "stopped-zygote",
    workerOptions: ZYGOTES,
    functions: [...WITH_PACKAGES, ENDS],
    badClients: [asking([...WITH_PACKAGES, ENDS])],
    act: (scene) => signalOne(scene, "zygote", "SIGSTOP"),
    actEveryMs: 2_000,
  },
  {
    ...NONE,
    name: "stopped-containers",
    workerOptions: ["--timeout", "1s"],
    act: (scene) => signalOne(scene, "container", "SIGSTOP"),
    actEveryMs: 500,
  },
  { ...NONE, name: "full-disk", diskBytes: 24 << 20, act: fillDisk, actEveryMs: 200 },
  {
    ...NONE,
    name: "over-memory",
    workerOptions: ["--container-memory", "64MiB"],
    functions: [OVER_MEMORY],
    badClients: [asking([OVER_MEMORY]), asking([OVER_MEMORY])],
  },
  {
    ...NONE,
    name: "small-memory",
    workerOptions: ["--memory", SMALL_MEMORY],
    functions: LARGE,
    badClients: LARGE.map((each) => asking([each])),
    countActs: ({ tiers }) => tiers.handler.evictions,
  },
  {
    ...NONE,
    name: "fork-bomb",
    workerOptions: ["--timeout", "1s"],
    functions: [FORK_BOMB],
    badClients: [asking([FORK_BOMB])],
  },
  {
    ...NONE,
    name: "bad-frames",
    functions: FRAME_WRITERS,
    badClients: [asking(FRAME_WRITERS), asking(FRAME_WRITERS)],
  },
];

/** Requests that invoke functions in turn. */
function asking(functions: readonly ChaosFunction[]): () => TokenRequest {
  let asked = 0;
  return () => invocationOf(functions[asked++ % functions.length].name);
}

/**
 * Requests that upload functions, each of which needs another package. Two clients with `first` 0
 * and 1 use different packages.
 */
export function installing(first: number): () => TokenRequest {
  let next = first;
  return () => {
    const package_ = `p${next % PACKAGES}`;
    next += 2;
    return uploadOf(`install-${package_}`, OTHERS[0].source, `${package_}==1.0`);
  };
}

function signalOne({ worker, random }: Scene, kind: GuestKind, signal: NodeJS.Signals): number {
  const found = guestsOf(worker.instance, kind);
  if (found.length === 0) return 0;
  const pid = found[Math.floor(random.next() * found.length)];
  if (signal === "SIGKILL") endProcess(pid);
  else process.kill(pid, signal);
  return 1;
}

/** Fills the disk, uploads a function, makes room, and uploads the function again. */
async function fillDisk({ disk, client }: Scene): Promise<number> {
  const filler = join(disk, "filler");
  const { bavail, bsize } = statfsSync(disk);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
  await client.ask(uploadOf("stored", OTHERS[0].source));
  rmSync(filler);
  await client.ask(uploadOf("stored", OTHERS[0].source));
  await client.ask(invocationOf("stored"));
  return 1;
}

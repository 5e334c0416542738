import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { endProcess } from "../../host/end-process.js";
import type { Native } from "../../host/native.js";
import { handDown, makeCgroup } from "./delegation.js";
import { type CgroupLayout, CONTROLLERS, type Controller, detectCgroups } from "./layout.js";
import { type Limits, settings } from "./limits.js";
import { cgroupNameOf } from "./names.js";
import { removeCgroup } from "./remove-cgroup.js";

/** The weight of one process of ordinary priority, and the largest weight in cgroup v2. */
const V1_WEIGHT = 1024;
const V2_WEIGHT = 100;
const MAX_V2_WEIGHT = 10_000;

/** Less memory is noise: the kernel charges a cgroup 64 pages per core ahead of use. */
const LEFT_BYTES = 64 * 4096 * Math.max(4, 2 * cpus().length);

/** One cgroup in every hierarchy. It is created once, and one container after another uses it. */
export class Cgroup {
  readonly name: string;
  /** cgroup v1 `tasks` files, opened for writing. */
  readonly tasks: readonly number[];
  /** Descriptor of the v2 folder that children are born into; -1: there is none. */
  readonly folder: number;
  readonly #native: Native;
  readonly #freezer: number;
  readonly #words: readonly [frozen: string, thawed: string];
  readonly #usage: number;
  /** memory.stat; undefined: there is no memory controller. */
  readonly #stat: string | undefined;
  readonly #events: number;
  readonly #open: readonly number[];
  /** Bytes of the page cache that earlier users left charged. */
  #inheritedBytes = 0;
  #earlierKills = 0;
  #isFrozen = false;

  constructor(native: Native, name: string, layout: CgroupLayout, pathOf: PathOf) {
    this.name = name;
    this.#native = native;
    const v1 = [...layout.v1.keys()];
    const open = (controller: Controller, file: string, flags: number) =>
      layout.missing.includes(controller) ? -1 : openSync(join(pathOf(controller), file), flags);
    // Controllers that are mounted together are one hierarchy, which is joined once.
    const folders = [...new Set(v1.map(pathOf))];
    this.tasks = folders.map((each) => openSync(join(each, "tasks"), constants.O_WRONLY));
    const inV2 = layout.inV2[0];
    this.folder = inV2 === undefined ? -1 : openSync(pathOf(inV2), constants.O_RDONLY);
    const isOld = (controller: Controller) => layout.v1.has(controller);
    this.#words = isOld("freezer") ? ["FROZEN", "THAWED"] : ["1", "0"];
    this.#freezer = open(
      "freezer",
      isOld("freezer") ? "freezer.state" : "cgroup.freeze",
      constants.O_RDWR,
    );
    this.#usage = open(
      "memory",
      isOld("memory") ? "memory.usage_in_bytes" : "memory.current",
      constants.O_RDONLY,
    );
    this.#stat = layout.missing.includes("memory")
      ? undefined
      : join(pathOf("memory"), "memory.stat");
    this.#events = open(
      "memory",
      isOld("memory") ? "memory.oom_control" : "memory.events",
      constants.O_RDONLY,
    );
    this.#open = [...this.tasks, this.folder, this.#freezer, this.#usage, this.#events].filter(
      (fd) => fd >= 0,
    );
  }

  /** Begins a new use. What is charged and counted so far does not belong to the new user. */
  begin(): void {
    this.#inheritedBytes = this.#chargedBytes();
    this.#earlierKills = this.#kills();
  }

  /** Freezes its processes. In v2 they stop soon after this returns. */
  freeze(): void {
    this.#setFrozen(true);
  }

  thaw(): void {
    this.#setFrozen(false);
  }

  /** Writes the state only if it changes, since each write is a system call. */
  #setFrozen(isFrozen: boolean): void {
    if (this.#freezer < 0 || this.#isFrozen === isFrozen) return;
    this.#native.writeAt(this.#freezer, this.#words[isFrozen ? 0 : 1]);
    this.#isFrozen = isFrozen;
  }

  /**
   * Bytes that the user of the cgroup does not share with the Zygote it was forked from; -1: not
   * measured.
   */
  get usedBytes(): number {
    return this.#usage < 0 ? -1 : Math.max(0, this.#chargedBytes() - this.#inheritedBytes);
  }

  /**
   * Whether memory of earlier processes is charged, and no process is left here: children of a
   * Zygote share its pages, which stay charged to its cgroup until the last child ends. `begin`
   * would subtract this memory from a later use, and go on when it is free.
   */
  get isStillCharged(): boolean {
    if (this.#stat === undefined || this.usedBytes < LEFT_BYTES) return false;
    const stat = readFileSync(this.#stat, "utf8");
    return Number(/^(?:rss|anon) (\d+)$/m.exec(stat)?.[1] ?? 0) >= LEFT_BYTES;
  }

  /** Whether the kernel killed a process of this use because memory was short. */
  get wasOutOfMemory(): boolean {
    return this.#kills() > this.#earlierKills;
  }

  close(): void {
    for (const fd of this.#open) closeSync(fd);
  }

  #chargedBytes(): number {
    return this.#usage < 0 ? 0 : Number(this.#native.readAt(this.#usage));
  }

  #kills(): number {
    if (this.#events < 0) return 0;
    return Number(/^oom_kill (\d+)$/m.exec(this.#native.readAt(this.#events))?.[1] ?? 0);
  }
}

type PathOf = (controller: Controller) => string;

/** All cgroups of one run of socklab, below one folder `socklab-<instance>` in each hierarchy. */
export class Cgroups {
  readonly layout: CgroupLayout;
  readonly #native: Native;
  readonly #parent: string;
  readonly #zygoteUser: number;
  readonly #names: string[] = [];
  readonly #all: Cgroup[] = [];

  /** `zygoteUser` is the user that may put children into cgroups v2. */
  constructor(native: Native, instance: string, zygoteUser: number) {
    this.#zygoteUser = zygoteUser;
    this.layout = detectCgroups(readFileSync("/proc/self/mountinfo", "utf8"));
    this.#native = native;
    this.#parent = cgroupNameOf(instance);
    for (const controller of this.#present()) {
      makeCgroup(this.#pathOf(controller, ""));
    }
    const { v2, inV2 } = this.layout;
    if (v2 !== undefined) {
      const handedDown = inV2.filter((each) => each !== "freezer");
      for (const folder of [v2, join(v2, this.#parent)]) handDown(folder, handedDown);
      chownSync(join(v2, this.#parent, "cgroup.procs"), zygoteUser, zygoteUser);
    }
    this.#weighAsCores();
    this.#keepFreezerOn();
  }

  /** Creates a cgroup with these limits. */
  create(name: string, limits: Limits): Cgroup {
    this.#names.push(name);
    for (const controller of this.#present()) {
      const folder = this.#pathOf(controller, name);
      mkdirSync(folder, { recursive: true });
      for (const [file, value] of this.#settings(controller, folder, limits)) {
        writeFileSync(file, value);
      }
    }
    return this.#open(name);
  }

  /** Creates a cgroup on libuv's threads, since the kernel sometimes takes milliseconds for it. */
  async createInBackground(name: string, limits: Limits): Promise<Cgroup> {
    this.#names.push(name);
    for (const controller of this.#present()) {
      const folder = this.#pathOf(controller, name);
      await mkdir(folder, { recursive: true });
      for (const [file, value] of this.#settings(controller, folder, limits)) {
        await writeFile(file, value);
      }
    }
    return this.#open(name);
  }

  /** Removes a cgroup whose processes are gone. */
  remove(cgroup: Cgroup): void {
    cgroup.close();
    this.#all.splice(this.#all.indexOf(cgroup), 1);
    this.#names.splice(this.#names.indexOf(cgroup.name), 1);
    for (const controller of this.#present()) {
      const folder = this.#pathOf(controller, cgroup.name);
      if (existsSync(folder)) removeCgroup(folder); // controllers may share a folder
    }
  }

  /** Process ids in a cgroup, to find a process whose id its owner does not know. */
  processesIn(cgroup: Cgroup): number[] {
    const controller = this.#present()[0];
    if (controller === undefined) return [];
    const text = readFileSync(join(this.#pathOf(controller, cgroup.name), "cgroup.procs"), "utf8");
    return text.split("\n").filter(Boolean).map(Number);
  }

  /** Kills every process in a cgroup. It may take a moment until they are gone. */
  killIn(cgroup: Cgroup): void {
    for (const pid of this.processesIn(cgroup)) endProcess(pid);
  }

  /** Removes all cgroups. Every process in them must be gone. */
  close(): void {
    for (const cgroup of this.#all) cgroup.close();
    for (const controller of this.#present()) {
      const folders = [...this.#names, GUARD, ""].map((name) => this.#pathOf(controller, name));
      for (const folder of folders) if (existsSync(folder)) removeCgroup(folder);
    }
  }

  #open(name: string): Cgroup {
    const pathOf = (controller: Controller) => this.#pathOf(controller, name);
    const inV2 = this.layout.inV2[0];
    if (inV2 !== undefined) {
      chownSync(join(pathOf(inV2), "cgroup.procs"), this.#zygoteUser, this.#zygoteUser);
      chmodSync(join(pathOf(inV2), "cgroup.procs"), 0o644);
    }
    const cgroup = new Cgroup(this.#native, name, this.layout, pathOf);
    this.#all.push(cgroup);
    return cgroup;
  }

  /** Paths of the files to write, and their values. */
  #settings(controller: Controller, folder: string, limits: Limits): [string, string][] {
    return (
      settings(controller, this.layout.v1.has(controller), limits)
        .map(([file, value]): [string, string] => [join(folder, file), value])
        // A kernel may lack swap accounting. Memory is bounded without it too.
        .filter(([path]) => !SWAP_FILE.test(path) || existsSync(path))
    );
  }

  #present(): Controller[] {
    return CONTROLLERS.filter((each) => !this.layout.missing.includes(each));
  }

  #pathOf(controller: Controller, name: string): string {
    return join(this.layout.v1.get(controller) ?? this.layout.v2!, this.#parent, name);
  }

  /**
   * All containers together weigh as much as one busy process per core, not as a single process.
   */
  #weighAsCores(): void {
    if (!this.#present().includes("cpu")) return;
    const isV1 = this.layout.v1.has("cpu");
    const weight = (isV1 ? V1_WEIGHT : V2_WEIGHT) * cpus().length;
    const file = isV1 ? "cpu.shares" : "cpu.weight";
    writeFileSync(
      join(this.#pathOf("cpu", ""), file),
      String(isV1 ? weight : Math.min(weight, MAX_V2_WEIGHT)),
    );
  }

  /**
   * Keeps one empty cgroup frozen. While no cgroup is frozen, the kernel patches v1's freezer out
   * of its code, and patching it in again takes milliseconds per freeze.
   */
  #keepFreezerOn(): void {
    if (!this.layout.v1.has("freezer")) return;
    const guard = this.#pathOf("freezer", GUARD);
    mkdirSync(guard, { recursive: true });
    writeFileSync(join(guard, "freezer.state"), "FROZEN");
  }
}

const GUARD = "guard";
const SWAP_FILE = /\.(?:memsw|swap)\./;

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import type { Status } from "../../src/contract/backend.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type { FunctionProfile } from "../../src/contract/workload.js";
import type { InvocationEnd } from "../../src/real/guests/container-work.js";
import { GUEST_LIBRARY } from "../../src/real/host/native.js";
import { findPython } from "../../src/real/host/python.js";
import type { PackageStore } from "../../src/real/packages/package-store.js";
import { RealBackend } from "../../src/real/real-backend.js";
import type { RealOptions } from "../../src/real/real-setup.js";
import { newInstanceId } from "../../src/real/state/instance.js";
import { BackendDriver } from "../../src/run/backend-driver.js";

const MISSING = whatIsMissing();

/** A group of tests on real containers; it says why where they cannot run. */
export function describeReal(name: string, body: () => void): void {
  if (MISSING === undefined) describe(name, body);
  else describe.skip(`${name} [skipped: ${MISSING}]`, body);
}

function whatIsMissing(): string | undefined {
  if (process.platform !== "linux") return "not Linux";
  if (process.getuid?.() !== 0) return "not root";
  if (!existsSync(GUEST_LIBRARY)) return "no native addon: npm run build:native";
  if (spawnSync("python3", ["-c", ""]).status !== 0) return "no python3";
  return undefined;
}

/** How an invocation ended, with the value of its answer. */
export type Ran = Omit<InvocationEnd, "answer"> & { readonly answer: unknown };

/** A request with an event and an environment. */
function requestOf(event: unknown, env: Record<string, string>) {
  return { line: JSON.stringify({ env }), body: Buffer.from(JSON.stringify(event)) };
}

/** A JSON value, or the text of any other answer. */
function answerOf({ answer, http }: InvocationEnd, pieces: readonly Buffer[]): unknown {
  if (pieces.length > 0) return Buffer.concat(pieces).toString();
  if (answer === undefined) return null;
  return http === undefined ? JSON.parse(answer.toString()) : answer.toString();
}

/** Packages that are one module each; they are written, not installed. */
export class FolderStore implements PackageStore {
  readonly #folder: string;
  readonly #sources: readonly string[];

  constructor(folder: string, sources: readonly string[]) {
    this.#folder = folder;
    this.#sources = sources;
  }

  async install(id: number) {
    const files = join(this.#folder, `p${id}==1`, "site-packages");
    mkdirSync(files, { recursive: true });
    writeFileSync(join(files, `p${id}.py`), this.#sources[id]);
    return { us: 1, diskBytes: 1 };
  }

  async uninstall(id: number) {
    rmSync(join(this.#folder, `p${id}==1`), { recursive: true, force: true });
  }

  pathsOf(ids: Iterable<number>) {
    const all = [...ids];
    return {
      paths: all.map((id) => `/packages/p${id}==1/site-packages`),
      modules: all.map((id) => `p${id}`),
    };
  }

  async close() {}
}

export interface Stand {
  readonly backend: RealBackend;
  readonly driver: BackendDriver;
  /** Performs one operation; how it ended. */
  statusOf(begin: () => void): Promise<Status>;
  readonly folder: string;
  readonly ran: Map<number, Ran>;
  readonly problems: string[];
  /** Events of invocations by number, where they are not the default. */
  readonly events: Map<number, unknown>;
  /** Environments of invocations by number, where they are not empty. */
  readonly envs: Record<string, string>[];
  close(): Promise<void>;
}

/** Makes a container of function 0 from a Zygote and invokes it by its own number; how both ended. */
export async function askChild({ backend, statusOf }: Stand, container: number, zygote: number) {
  const nothing = new Int32Array(0);
  const created = await statusOf(() => backend.createContainer(container, 0, zygote, nothing));
  return [created, await statusOf(() => backend.run(container, container, 0, false))];
}

/** A backend in its own folder with these handlers (each the source of an `f.py`) and packages. */
export function stand(
  handlers: readonly string[],
  packages: readonly string[] = [],
  options: Partial<RealOptions> = {},
  folder: string = mkdtempSync(join(tmpdir(), "socklab-real-")),
  instance: string = newInstanceId(),
): Stand {
  const packagesFolder = join(folder, "packages");
  mkdirSync(packagesFolder);
  const codeOf = (id: number) => join(folder, "functions", `f${id}`);
  for (const [id, source] of handlers.entries()) {
    mkdirSync(codeOf(id), { recursive: true });
    writeFileSync(join(codeOf(id), "f.py"), source);
  }
  const ran = new Map<number, Ran>();
  const pieces: Buffer[] = [];
  const problems: string[] = [];
  const events = new Map<number, unknown>();
  const envs: Record<string, string>[] = [];
  const backend = new RealBackend({
    instance,
    folder,
    python: findPython(),
    packagesFolder,
    store: new FolderStore(packagesFolder, packages),
    functions: handlers.map((_, id) => profile(`f${id}`, packages.length)),
    codeOf,
    requestOf: (invocation, runUs) => ({
      ...requestOf(events.get(invocation) ?? { invocation, runUs }, envs[invocation] ?? {}),
      onPiece: ({ bytes, done }) => {
        pieces.push(bytes);
        done(true);
      },
    }),
    onRan: (invocation, each) =>
      ran.set(invocation, { ...each, answer: answerOf(each, pieces.splice(0)) }),
    onProblem: (text) => problems.push(text),
    options,
  });
  problems.splice(0); // what the machine lacks: `backend.warnings` has it, too
  const driver = new BackendDriver(backend);
  return {
    backend,
    driver,
    statusOf: async (begin) => (await driver.perform(begin)).status,
    folder,
    ran,
    problems,
    events,
    envs,
    close: async () => {
      await backend.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function profile(name: string, packages: number): FunctionProfile {
  const all = new PackageSet(Array.from({ length: packages }, (_, id) => id));
  return { name, app: 0, memoryBytes: 1, requirements: all, closure: all, weight: 1 };
}

/** What is left of instances of a process: cgroups, mounts, interpreters. */
export function leftovers(folder: string, pid = process.pid): string[] {
  const cgroups = ["cpu", "memory", "pids", "freezer", "unified", ""].flatMap((each) => {
    const root = join("/sys/fs/cgroup", each);
    return existsSync(root)
      ? readdirSync(root).filter((name) => name.startsWith(`socklab-${pid}-`))
      : [];
  });
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(folder));
  return [...new Set(cgroups), ...mounts, ...guestsOf(pid)];
}

const PARENT_FIELD = 1;

/** Live interpreters and zombies whose parent the process is. */
function guestsOf(parent: number): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const isGuest = /\(python3/.test(stat);
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return isGuest && Number(fields[PARENT_FIELD]) === parent;
    } catch {
      return false; // ended while we looked
    }
  });
}

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../../basics/errors.js";
import { NONE } from "../../basics/none.js";
import type { FunctionId } from "../../contract/workload.js";
import { requestWith } from "../../real/guests/guest-request.js";
import { type OpenState, openState, type StateSetup } from "../../real/open-state.js";
import { CataloguePackages } from "../../real/packages/catalogue-packages.js";
import type { PackageMeta } from "../../real/packages/package-metadata.js";
import { normaliseName, parsePinned } from "../../real/packages/package-names.js";
import { InstallError } from "../../real/packages/package-store.js";
import { RealBackend } from "../../real/real-backend.js";
import type { RealOptions } from "../../real/real-setup.js";
import { BackendDriver } from "../../run/backend-driver.js";
import { LiveWorkload } from "../../worker/live-workload.js";
import { PROBE_HANDLER } from "./probe-handler.js";

/** Requirements that one function has together. */
export interface ProbeSet {
  readonly name: string;
  /** As PEP 508 writes them. */
  readonly requirements: readonly string[];
}

/** What a Zygote with these packages is like. */
export interface ProbeVerdict {
  readonly name: string;
  /** The whole closure, `name==version`; the versions of the requirements themselves come first. */
  readonly packages: readonly string[];
  /** Why nothing could be examined; empty if it was. */
  readonly fault: string;
  readonly importUs: number;
  /** What the imports add to a fresh interpreter's memory. */
  readonly memoryBytes: number;
  readonly threads: number;
  readonly files: number;
  readonly generators: number;
  readonly hooks: number;
  /** Why a worker does not fork it; empty: it does. */
  readonly obstacle: string;
  /** What differs in its children from a fresh process, one sentence each. */
  readonly broken: readonly string[];
  /** Modules that cannot be imported, in a fresh process either. */
  readonly notes: readonly string[];
}

interface Told {
  readonly failed: readonly string[];
  readonly states: readonly string[];
}

export interface ProbeSetup extends Omit<StateSetup, "keepsPackages" | "installsAtOnce"> {
  readonly keepsPackages: boolean;
  readonly options: Partial<RealOptions>;
}

const INSTALLS_AT_ONCE = 2;
const INTERPRETER_BYTES = 13 * 1024 ** 2;
/** Every probe adds packages that no earlier one had. */
const PLACES = { functions: 1024, packages: 16_384 };
/** Zygotes and containers of one probe, which are gone before the next one. */
const BASE = 0;
const ZYGOTE = 1;
const CHILDREN = 2;
const NOTHING = new Int32Array(0);
const NOT_EXAMINED = {
  importUs: 0,
  memoryBytes: 0,
  threads: 0,
  files: 0,
  generators: 0,
  hooks: 0,
  obstacle: "",
  broken: [],
  notes: [],
};

/** Examines sets of packages in Zygotes of this machine, one set after another. */
export class Prober {
  readonly #state: OpenState;
  readonly #workload = new LiveWorkload(INTERPRETER_BYTES);
  readonly #backend: RealBackend;
  readonly #driver: BackendDriver;
  readonly #problems: string[] = [];
  readonly #answers = new Map<number, unknown>();
  /** Modules that are imported ahead: those of the set's own requirements. */
  #modules: readonly string[] = [];
  #invocation = 0;

  private constructor(setup: ProbeSetup, state: OpenState) {
    this.#state = state;
    const { functions, packages } = this.#workload;
    const store = new CataloguePackages(packages, state.installer);
    const { layout } = state;
    this.#backend = new RealBackend({
      ...state,
      folder: layout.containers,
      packagesFolder: layout.packages,
      store: {
        install: (id) => store.install(id),
        uninstall: (id) => store.uninstall(id),
        pathsOf: (ids) => ({ ...store.pathsOf(ids), modules: this.#modules }),
        close: () => store.close(),
      },
      functions,
      codeOf: () => join(layout.functions, "probe"),
      requestOf: () => requestWith({ modules: this.#modules }),
      onRan: (invocation, { status, answer }) => {
        if (status === "ok") this.#answers.set(invocation, JSON.parse(String(answer)));
      },
      onProblem: (text) => this.#problems.push(text),
      onWarning: () => {},
      options: setup.options,
    });
    this.#workload.makePlaces(PLACES);
    this.#driver = new BackendDriver(this.#backend);
  }

  /** Errors: those of `openState`. */
  static async open(setup: ProbeSetup): Promise<Prober> {
    const state = await openState({ ...setup, installsAtOnce: INSTALLS_AT_ONCE });
    try {
      const folder = join(state.layout.functions, "probe");
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, "f.py"), PROBE_HANDLER);
      const prober = new Prober(setup, state);
      await prober.#make(() => prober.#backend.createZygote(BASE, NONE, NOTHING));
      return prober;
    } catch (error) {
      await state.release();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#backend.close();
    await this.#state.release();
  }

  /** Installs a set's packages, imports them in a Zygote, and compares its children. */
  async probe({ name, requirements }: ProbeSet): Promise<ProbeVerdict> {
    let packages: readonly string[] = [];
    try {
      packages = await this.#state.installer.resolve(requirements, []);
      const installed = new Map<string, PackageMeta>();
      for (const { key, meta } of await Promise.all(
        packages.map((each) => this.#state.installer.install(each)),
      )) {
        installed.set(key, meta);
      }
      return await this.#examine(name, requirements, installed);
    } catch (error) {
      if (!(error instanceof InstallError)) throw error;
      return { name, packages, fault: error.message, ...NOT_EXAMINED };
    }
  }

  async #examine(
    name: string,
    requirements: readonly string[],
    installed: ReadonlyMap<string, PackageMeta>,
  ): Promise<ProbeVerdict> {
    const { functionId } = this.#workload.add(name, installed);
    const closure = this.#workload.functions[functionId].closure.ids;
    const wanted = new Set(requirements.map(nameOf));
    const isOwn = (key: string) => wanted.has(parsePinned(key)!.name);
    const keys = [...installed.keys()];
    const packages = [...keys.filter(isOwn), ...keys.filter((key) => !isOwn(key))];
    this.#modules = keys.filter(isOwn).flatMap((key) => installed.get(key)!.topLevel);
    this.#problems.length = 0;
    const made = await this.#make(() => this.#backend.createZygote(ZYGOTE, BASE, closure));
    if (made === undefined) {
      const obstacle = this.#problems.at(-1)?.replace(/^create-zygote \d+: /, "") ?? "it ended";
      return { name, packages, fault: "", ...NOT_EXAMINED, obstacle };
    }
    const notes = this.#problems.flatMap(notesOf);
    const zygote = this.#backend.zygoteOf(ZYGOTE);
    const { threads, files, generators, hooks } = zygote.examined;
    const broken = await this.#compare(functionId, closure);
    await this.#make(() => this.#backend.destroyZygote(ZYGOTE));
    return {
      ...{
        name,
        packages,
        fault: "",
        importUs: made.phaseUs.import,
        memoryBytes: made.measuredBytes,
      },
      ...{ threads, files: files.length, generators, hooks, obstacle: "", broken, notes },
    };
  }

  /** What children of the Zygote do differently from a fresh process. */
  async #compare(functionId: FunctionId, closure: Int32Array): Promise<readonly string[]> {
    const children: (Told | undefined)[] = [];
    while (children.length < CHILDREN) children.push(await this.#ask(functionId, ZYGOTE, NOTHING));
    const reason = this.#problems.at(-1) ?? "";
    if (children.includes(undefined)) return [`a child did not answer: ${reason}`];
    const fresh = await this.#ask(functionId, NONE, closure);
    if (fresh === undefined) return [`a fresh process did not answer: ${this.#problems.at(-1)}`];
    const [one, other] = children as Told[];
    const broken = one.failed
      .filter((each) => !fresh.failed.includes(each))
      .map((each) => `a child cannot import ${each}`);
    const same = one.states.filter((each) => other.states.includes(each));
    const shared = same.filter((each) => !fresh.states.includes(each)).length;
    if (shared > 0) broken.push(`${shared} generators give the same numbers in every child`);
    return broken;
  }

  /** Runs the handler in a new container; undefined: there was no answer. */
  async #ask(functionId: FunctionId, parent: number, missing: Int32Array) {
    const backend = this.#backend;
    const made = await this.#make(() => backend.createContainer(0, functionId, parent, missing));
    if (made === undefined) return undefined;
    const invocation = this.#invocation++;
    await this.#make(() => backend.run(0, invocation, 0, false));
    await this.#make(() => backend.destroyContainer(0));
    return this.#answers.get(invocation) as Told | undefined;
  }

  /** Performs an operation; undefined: it failed. */
  async #make(begin: () => void) {
    const ended = await this.#driver.perform(begin);
    return ended.status === "ok" ? ended : undefined;
  }
}

/** The name in a requirement that is written as in PEP 508. */
function nameOf(requirement: string): string {
  const name = /^\s*[A-Za-z0-9._-]+/.exec(requirement)?.[0].trim();
  assert(name !== undefined, `a requirement without a name: ${requirement}`);
  return normaliseName(name);
}

/** Failed imports in the note that a Zygote's creation left. */
function notesOf(problem: string): readonly string[] {
  const { notes = "" } = /^create-zygote \d+: (?<notes>.*)$/.exec(problem)?.groups ?? {};
  return notes.split("; ").filter((each) => /^import /.test(each));
}

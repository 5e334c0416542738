import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NONE } from "../../basics/none.js";
import type { Phase } from "../../contract/backend.js";
import { requestWith } from "../../real/guests/guest-request.js";
import { RealBackend } from "../../real/real-backend.js";
import type { RealOptions } from "../../real/real-setup.js";
import { newInstanceId } from "../../real/state/instance.js";
import { BackendDriver } from "../../run/backend-driver.js";
import type { InstalledPackages } from "./installed-packages.js";

/** One function: the text of its `f.py` and the packages it needs, by name. */
export interface RigFunction {
  readonly source: string;
  readonly packages: readonly string[];
}

/** One start, from the request for a container to its first answer. */
export interface Start {
  readonly firstAnswerUs: number;
  /** Until the handler was ready. */
  readonly readyUs: number;
  readonly phaseUs: Readonly<Record<Phase, number>>;
  /** Unshared memory after the answer; -1 where it is not measured. */
  readonly bytes: number;
  readonly answer: unknown;
}

export interface RigSetup {
  readonly installed: InstalledPackages;
  readonly functions: readonly RigFunction[];
  readonly options?: Partial<RealOptions>;
  /** What each function's first invocation is given. */
  readonly event?: unknown;
  /** Handlers are read as source, as without a compiled form beside them. */
  readonly uncompiled?: boolean;
}

const NOTHING = new Int32Array(0);

/** The real backend on installed packages, with Zygotes and one container at a time. */
export class Rig {
  readonly #backend: RealBackend;
  readonly #driver: BackendDriver;
  readonly #setup: RigSetup;
  readonly #folder: string;
  readonly #problems: string[] = [];
  readonly #profiles: ReturnType<InstalledPackages["functionOf"]>[];
  readonly #zygotes: Int32Array[] = [];
  /** What the next Zygote imports besides its packages. */
  readonly #modules: string[] = [];
  #answer: unknown;
  #invocation = 0;

  constructor(setup: RigSetup) {
    const { installed, functions, options = {} } = setup;
    const { layout, python } = installed.state;
    this.#setup = setup;
    this.#folder = join(layout.functions, newInstanceId());
    const codeOf = (id: number) => join(this.#folder, `f${id}`);
    functions.forEach(({ source }, id) => {
      mkdirSync(codeOf(id), { recursive: true });
      writeFileSync(join(codeOf(id), "f.py"), source);
    });
    this.#profiles = functions.map(({ packages }, id) => installed.functionOf(`f${id}`, packages));
    this.#backend = new RealBackend({
      instance: installed.state.instance,
      folder: layout.containers,
      python,
      packagesFolder: layout.packages,
      store: {
        ...installed.store,
        pathsOf: (ids) => {
          const { paths, modules } = installed.store.pathsOf(ids);
          return { paths, modules: [...modules, ...this.#modules.splice(0)] };
        },
      },
      functions: this.#profiles,
      codeOf,
      requestOf: () => requestWith(setup.event ?? {}),
      onRan: (_, { answer }) => {
        this.#answer = answer && JSON.parse(answer.toString());
      },
      onProblem: (text) => this.#problems.push(text),
      options,
    });
    this.#driver = new BackendDriver(this.#backend, { purpose: "bench", problems: this.#problems });
    if (setup.uncompiled) {
      for (const id of functions.keys()) rmSync(join(codeOf(id), "f.pyc"));
    }
  }

  /** A Zygote with these packages and what they depend on, and with more modules of them; its number. */
  async zygote(
    parent: number,
    packages: readonly string[],
    modules: readonly string[] = [],
  ): Promise<number> {
    this.#modules.push(...modules);
    const zygote = this.#zygotes.length;
    const inherited = parent === NONE ? NOTHING : this.#zygotes[parent];
    const added = this.#setup.installed
      .closureOf(packages)
      .ids.filter((id) => !inherited.includes(id));
    this.#zygotes.push(Int32Array.of(...inherited, ...added));
    await this.#driver.perform(() => this.#backend.createZygote(zygote, parent, added));
    return zygote;
  }

  /** Makes a container of the function, from a Zygote or cold (NONE), and takes its first answer. */
  async start(functionId: number, parent: number): Promise<Start> {
    const inherited = parent === NONE ? NOTHING : this.#zygotes[parent];
    const { closure } = this.#profiles[functionId];
    const missing = closure.ids.filter((id) => !inherited.includes(id));
    const startedUs = this.#backend.nowUs;
    const { phaseUs } = await this.#driver.perform(() =>
      this.#backend.createContainer(0, functionId, parent, missing),
    );
    const readyUs = this.#backend.nowUs - startedUs;
    const { measuredBytes } = await this.#driver.perform(() =>
      this.#backend.run(0, this.#invocation++, 0, false),
    );
    return {
      firstAnswerUs: this.#backend.nowUs - startedUs,
      readyUs,
      phaseUs,
      bytes: measuredBytes,
      answer: this.#answer,
    };
  }

  /** Ends the container of the last start. */
  async end(): Promise<void> {
    await this.#driver.perform(() => this.#backend.destroyContainer(0));
  }

  async close(): Promise<void> {
    await this.#backend.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** Runs `body` on a rig that is closed whatever happens. */
export async function withRig<T>(setup: RigSetup, body: (rig: Rig) => Promise<T>): Promise<T> {
  const rig = new Rig(setup);
  try {
    return await body(rig);
  } finally {
    await rig.close();
  }
}

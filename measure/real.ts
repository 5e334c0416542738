/**
 * Latency of the real backend: `npx tsx measure/real.ts [--samples 200] [--packages DIR] [--ready-slots N] [--network none]`.
 *
 * For each start kind it measures the time from the request for a container to the first answer,
 * with one client, first without pauses (dense), then with pauses of 30 ms (sparse). The same run
 * also measures a bare fork of the same Zygote, which is the least that a start can take. Finally it
 * counts starts per second with 1, 2, 4 and 8 clients.
 * DIR holds a `pip install --target` of numpy and pandas; without it only the base Zygote is measured.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import yargs from "yargs";
import { NONE } from "../src/basics/none.js";
import { PackageSet } from "../src/contract/package-set.js";
import { GuestProcess } from "../src/real/guests/guest-process.js";
import type { Zygote } from "../src/real/guests/zygote.js";
import { findPython } from "../src/real/host/python.js";
import type { PackageStore } from "../src/real/packages/package-store.js";
import { RealBackend } from "../src/real/real-backend.js";
import type { RealOptions } from "../src/real/real-setup.js";
import { NETWORKS, type Sandboxes } from "../src/real/sandboxes/sandboxes.js";
import { newInstanceId } from "../src/real/state/instance.js";
import { BackendDriver } from "../src/run/backend-driver.js";

const HANDLER = "def f(event):\n    return event\n";
const GAP_MS = 30;
const CLIENTS = [1, 2, 4, 8];
const THROUGHPUT_MS = 2_000;
const SPARES_AT_ONCE = 4;
const NOTHING = new Int32Array(0);

const { samples, packages, python, only, readySlots, network } = await yargs(process.argv.slice(2))
  .options({
    samples: { type: "number", default: 200 },
    packages: { type: "string" },
    python: { type: "string", default: "python3" },
    "ready-slots": { type: "number", describe: "instead of 8, and of 16 for starts per second" },
    network: { choices: NETWORKS, default: "host" as const },
    only: { choices: ["dense", "sparse", "spares", "throughput"] as const },
  })
  .strict()
  .parse();

/** What a Zygote has imported: a name, its modules. */
const CONTENTS: readonly (readonly [name: string, modules: readonly string[]])[] = [
  ["base", []],
  ...(packages === undefined
    ? []
    : ([
        ["numpy", ["numpy"]],
        ["pandas", ["pandas"]],
      ] as const)),
];

/** Everything in one folder of installed packages; package ids are indices of CONTENTS. */
const store: PackageStore = {
  install: async () => ({ us: 0, diskBytes: 0 }),
  uninstall: async () => {},
  pathsOf: (ids) => ({
    paths: packages === undefined ? [] : ["/packages"],
    modules: [...ids].flatMap((id) => CONTENTS[id][1]),
  }),
  close: async () => {},
};

class Bench {
  readonly backend: RealBackend;
  readonly driver: BackendDriver;
  readonly #folder: string;
  #invocation = 0;

  constructor(options: Partial<RealOptions>) {
    this.#folder = mkdtempSync(join(tmpdir(), "socklab-bench-"));
    const codeOf = (id: number) => join(this.#folder, `f${id}`);
    for (const [id, [, modules]] of CONTENTS.entries()) {
      mkdirSync(codeOf(id));
      const imports = modules.map((each) => `import ${each}\n`).join("");
      writeFileSync(join(codeOf(id), "f.py"), imports + HANDLER);
    }
    const problems: string[] = [];
    this.backend = new RealBackend({
      instance: newInstanceId(),
      folder: this.#folder,
      python: findPython(python),
      packagesFolder: packages ?? this.#folder,
      store,
      functions: CONTENTS.map(([name], id) => {
        const closure = new PackageSet([id]);
        return { name, app: id, memoryBytes: 1, requirements: closure, closure, weight: 1 };
      }),
      codeOf,
      onProblem: (text) => {
        problems.push(text);
        console.error(text);
      },
      options: { network, ...options },
    });
    this.driver = new BackendDriver(this.backend, { purpose: "measure/real", problems });
  }

  async zygote(id: number, parent: number): Promise<void> {
    const added = parent === NONE ? NOTHING : Int32Array.of(id);
    await this.driver.perform(() => this.backend.createZygote(id, parent, added));
  }

  /** A container's first answer, its phases appended to `rows`. */
  async firstAnswer(functionId: number, parent: number, rows: Rows): Promise<void> {
    const startedUs = this.backend.nowUs;
    const missing = parent === NONE ? Int32Array.of(functionId) : NOTHING;
    const { phaseUs, measuredBytes } = await this.driver.perform(() =>
      this.backend.createContainer(0, functionId, parent, missing),
    );
    const madeUs = this.backend.nowUs;
    await this.driver.perform(() => this.backend.run(0, this.#invocation++, 0, false));
    rows.add("first answer", this.backend.nowUs - startedUs);
    for (const phase of ["create", "fork", "import", "load"] as const) {
      rows.add(`  ${phase}`, phaseUs[phase]);
    }
    rows.add("  first request", this.backend.nowUs - madeUs);
    rows.add("  KiB unshared", measuredBytes / 1024);
  }

  async floor(zygoteId: number, rows: Rows): Promise<void> {
    const child = new BareFork(this.backend.sandboxes);
    const startedUs = this.backend.nowUs;
    await child.begin(this.backend.zygoteOf(zygoteId));
    rows.add("floor: bare fork", this.backend.nowUs - startedUs);
    await child.end();
  }

  async request(resumes: boolean): Promise<number> {
    const startedUs = this.backend.nowUs;
    await this.driver.perform(() => this.backend.run(0, this.#invocation++, 0, resumes));
    return this.backend.nowUs - startedUs;
  }

  async destroy(): Promise<void> {
    await this.driver.perform(() => this.backend.destroyContainer(0));
  }

  async close(): Promise<void> {
    await this.backend.close();
    rmSync(this.#folder, { recursive: true });
  }
}

/** A child that answers as soon as it runs, unconfined: the floor of every fork of a Zygote. */
class BareFork extends GuestProcess {
  readonly kind = "bare";
  #heard: (() => void) | undefined;
  #over: (() => void) | undefined;

  constructor(machine: Sandboxes) {
    super(machine, machine.containerSlots);
  }

  /** Resolves at its word. */
  async begin(zygote: Zygote): Promise<void> {
    const [near, far] = this.sandboxes.native.socketPair(false);
    this.sandboxes.poller.watchStream(this.token, near, 16);
    const word = new Promise<void>((resolve) => {
      this.#heard = resolve;
    });
    zygote.fork(this, far);
    this.sandboxes.native.closeFd(far);
    await word;
  }

  async end(): Promise<void> {
    if (!this.isGone) await new Promise<void>((resolve) => (this.#over = resolve));
  }

  override onStartFailed(): void {
    throw new Error("no fork");
  }

  protected onMessage(): void {
    this.#heard!();
  }

  protected onEnd(): void {
    this.#over?.();
  }
}

/** Samples by name, printed as a table. */
class Rows {
  readonly #values = new Map<string, number[]>();

  add(name: string, value: number): void {
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
  }

  print(title: string): void {
    console.log(`\n${title}`);
    for (const [name, values] of this.#values) {
      const sorted = values.toSorted((a, b) => a - b);
      const at = (share: number) =>
        sorted[Math.floor((sorted.length - 1) * share)].toFixed(0).padStart(8);
      console.log(
        `${name.padEnd(24)} n=${String(sorted.length).padEnd(5)} p1${at(0.01)}  p50${at(0.5)}  p90${at(0.9)}  p99${at(0.99)} us`,
      );
    }
  }
}

const pauseFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const spacing = (gapMs: number) => (gapMs === 0 ? "dense" : `${gapMs} ms apart`);

async function latency(gapMs: number): Promise<void> {
  const bench = new Bench({ readySlots: readySlots ?? 8 });
  await bench.zygote(0, NONE);
  for (let id = 1; id < CONTENTS.length; id++) await bench.zygote(id, 0);
  for (const [id, [name]] of CONTENTS.entries()) {
    const rows = new Rows();
    for (let i = 0; i < samples; i++) {
      await pauseFor(gapMs);
      await bench.firstAnswer(id, id, rows);
      await bench.destroy();
      await pauseFor(gapMs);
      await bench.floor(id, rows);
    }
    rows.print(`fork of the ${name} Zygote, ${spacing(gapMs)}`);
  }
  const fresh = new Rows();
  for (let i = 0; i < samples; i++) {
    await pauseFor(gapMs);
    await bench.firstAnswer(0, NONE, fresh);
    await bench.destroy();
  }
  fresh.print(`fresh interpreter, ${spacing(gapMs)}`);
  const kept = new Rows();
  await bench.firstAnswer(0, 0, new Rows());
  for (let i = 0; i < samples; i++) {
    await pauseFor(gapMs);
    kept.add("warm", await bench.request(false));
    await bench.driver.perform(() => bench.backend.pause(0));
    await pauseFor(gapMs);
    kept.add("resumed", await bench.request(true));
  }
  kept.print(`kept container, ${spacing(gapMs)}`);
  await bench.close();
}

/** Spare children `gapMs` apart, or all that are ready back to back, again and again. */
async function spares(gapMs: number): Promise<void> {
  const perZygote = gapMs === 0 ? SPARES_AT_ONCE : 2;
  const bench = new Bench({
    readySlots: readySlots ?? 8,
    sparesPerZygote: perZygote,
  });
  await bench.zygote(0, NONE);
  for (let id = 1; id < CONTENTS.length; id++) await bench.zygote(id, 0);
  for (const [id, [name]] of CONTENTS.entries()) {
    const rows = new Rows();
    for (let i = 0; i < samples; i++) {
      if (gapMs > 0) await pauseFor(gapMs);
      else if (i % perZygote === 0) {
        while (bench.backend.sparesOf(id) < perZygote) await pauseFor(1);
      }
      if (bench.backend.sparesOf(id) === 0) throw new Error("no spare child is ready");
      await bench.firstAnswer(id, id, rows);
      await bench.destroy();
    }
    rows.print(`spare child of the ${name} Zygote, ${spacing(gapMs)}`);
  }
  await bench.close();
}

/** Starts a second: each client makes a container, asks once, sends it to its end, and begins again. */
async function throughput(): Promise<void> {
  console.log("\nstarts a second (create, first answer, destroy)");
  for (const [id, [name]] of CONTENTS.entries()) {
    for (const clients of CLIENTS) {
      const bench = new Bench({ readySlots: readySlots ?? 16 });
      const { backend } = bench;
      await bench.zygote(0, NONE);
      if (id > 0) await bench.zygote(id, 0);
      const begun = new Map<number, number>();
      const rows = new Rows();
      let starts = 0;
      const begin = () => {
        begun.set(starts, backend.nowUs);
        backend.createContainer(starts++, id, id, NOTHING);
      };
      const startedUs = backend.nowUs;
      const endUs = startedUs + THROUGHPUT_MS * 1000;
      for (let client = 0; client < clients; client++) begin();
      let answers = 0;
      for (let destroyed = 0; destroyed < starts; ) {
        const { operation, id: container } = await bench.driver.next();
        if (operation === "create-container") backend.run(container, answers, 0, false);
        else if (operation === "run") {
          answers++;
          rows.add("  first answer", backend.nowUs - begun.get(container)!);
          backend.destroyContainer(container);
          // The next start does not wait for the last one's end, as none does in a run.
          if (backend.nowUs < endUs) begin();
        } else destroyed++;
      }
      const perSecond = (answers * 1e6) / (backend.nowUs - startedUs);
      rows.print(`${name}, ${clients} clients: ${perSecond.toFixed(0)} a second`);
      await bench.close();
    }
  }
}

if (packages !== undefined && !existsSync(packages)) throw new Error(`${packages}: no such folder`);
if (only === undefined || only === "dense") await latency(0);
if (only === undefined || only === "sparse") await latency(GAP_MS);
if (only === undefined || only === "spares") {
  await spares(0);
  await spares(GAP_MS);
}
if (only === undefined || only === "throughput") await throughput();

import { NONE } from "../../src/basics/none.js";
import type { Future } from "../../src/contract/future.js";
import type { InstallsView } from "../../src/contract/installs-view.js";
import type { MemoryView } from "../../src/contract/memory-view.js";
import { PackageSet } from "../../src/contract/package-set.js";
import type {
  ContainerId,
  ContainersView,
  Family,
  PolicyFamilies,
  PolicySpec,
  View,
  ZygotesView,
} from "../../src/contract/policy.js";
import type { PolicyContext } from "../../src/contract/policy-context.js";
import type { Catalogue, FunctionProfile, Package } from "../../src/contract/workload.js";
import { parseChoice } from "../../src/policies/parse.js";

export interface FakeContainer {
  functionId: number;
  zygote: number;
  state: "making" | "idle" | "busy" | "gone";
  uses: number;
  createdAtUs: number;
  lastUsedUs: number;
  provisionUs: number;
  bytes: number;
}

export interface FakeZygote {
  parent: number;
  packages: PackageSet;
  state: "ready" | "creating" | "gone";
  isPinned: boolean;
  forks: number;
  createdAtUs: number;
  lastUsedUs: number;
  bytes: number;
  containers: number;
}

/** A package with round figures; `dependencies` are ids. */
export function fakePackage(name: string, figures: Partial<Package> = {}): Package {
  return {
    name,
    version: "1",
    dependencies: [],
    installUs: 1000,
    downloadBytes: 100,
    diskBytes: 100,
    importUs: 100,
    memoryBytes: 100,
    popularity: 1,
    ...figures,
  };
}

export function fakeFunction(
  closure: readonly number[],
  figures: Partial<FunctionProfile> = {},
): FunctionProfile {
  const set = new PackageSet(closure);
  return {
    name: `f(${closure.join()})`,
    app: 0,
    memoryBytes: 1000,
    requirements: set,
    closure: set,
    weight: 1,
    ...figures,
  };
}

/** An engine's state, every part of which a test sets by hand. */
export class FakeView implements View {
  nowUs = 0;
  readonly functions: readonly FunctionProfile[];
  readonly packages: readonly Package[];
  readonly memory: { -readonly [K in keyof MemoryView]: number };
  /** All containers by slot, and idle ones in the order in which `fallIdle` was called. */
  readonly containerSlots: FakeContainer[] = [];
  readonly zygoteSlots: FakeZygote[] = [];
  readonly waiting = new Map<number, number>();
  readonly #idle = new Set<ContainerId>();
  readonly #liveZygotes: number[] = [];
  #zygoteVersion = 0;
  readonly installed = new Map<number, { isPinned: boolean; lastUsedUs: number; uses: number }>();
  diskLimitBytes = Number.POSITIVE_INFINITY;
  /** The arrivals that an oracle knows. */
  future: Future | null = null;
  /** The next number of a policy's random stream. */
  random = () => 0.5;
  readonly containers: ContainersView;
  readonly zygotes: ZygotesView;
  readonly installs: InstallsView;

  constructor(functions: readonly FunctionProfile[], packages: readonly Package[] = []) {
    this.functions = functions;
    this.packages = packages;
    this.memory = {
      limitBytes: 1000,
      usedBytes: 0,
      freeBytes: 1000,
      runningBytes: 0,
      handlerBytes: 0,
      zygoteBytes: 0,
    };
    this.containers = this.#containersView();
    this.zygotes = this.#zygotesView();
    this.installs = this.#installsView();
  }

  /** The context with which a policy is made; its memory limit is that of the view. */
  get context(): PolicyContext {
    const catalogue: Catalogue = { source: "test", packages: this.packages };
    return {
      functions: this.functions,
      catalogue,
      memoryLimitBytes: this.memory.limitBytes,
      diskLimitBytes: this.diskLimitBytes,
      cores: 1,
      trained: this.functions,
      future: this.future,
      footprint: { interpreterBytes: 10, forkPrivateBytes: 1 },
      random: { next: () => this.random() },
      packageSet: (ids) => new PackageSet(ids),
      readText: (path) => {
        throw new Error(`no file ${path}`);
      },
    };
  }

  /** Makes a policy with parameters written as on the command line. */
  make<F extends Family>(spec: PolicySpec<F>, settings = ""): PolicyFamilies[F] {
    const text = settings === "" ? spec.name : `${spec.name}:${settings}`;
    return spec.create(parseChoice(spec.family, text, [spec], "test").parameters, this.context);
  }

  addContainer(figures: Partial<FakeContainer> = {}): ContainerId {
    const container: FakeContainer = {
      functionId: 0,
      zygote: NONE,
      state: "busy",
      uses: 0,
      createdAtUs: this.nowUs,
      lastUsedUs: this.nowUs,
      provisionUs: 100,
      bytes: 10,
      ...figures,
    };
    return this.containerSlots.push(container) - 1;
  }

  fallIdle(container: ContainerId): void {
    const slot = this.containerSlots[container];
    slot.state = "idle";
    slot.lastUsedUs = this.nowUs;
    this.#idle.add(container);
  }

  beginRun(container: ContainerId): void {
    const slot = this.containerSlots[container];
    slot.state = "busy";
    slot.uses++;
    slot.lastUsedUs = this.nowUs;
    this.#idle.delete(container);
  }

  removeContainer(container: ContainerId): void {
    this.containerSlots[container].state = "gone";
    this.#idle.delete(container);
  }

  addZygote(packages: readonly number[], figures: Partial<FakeZygote> = {}): number {
    const zygote: FakeZygote = {
      parent: NONE,
      packages: new PackageSet(packages),
      state: "ready",
      isPinned: false,
      forks: 0,
      createdAtUs: this.nowUs,
      lastUsedUs: this.nowUs,
      bytes: 10,
      containers: 0,
      ...figures,
    };
    this.#zygoteVersion++;
    this.#liveZygotes.push(this.zygoteSlots.length);
    return this.zygoteSlots.push(zygote) - 1;
  }

  removeZygote(zygote: number): void {
    this.zygoteSlots[zygote].state = "gone";
    this.#liveZygotes.splice(this.#liveZygotes.indexOf(zygote), 1);
    this.#zygoteVersion++;
  }

  install(id: number, lastUsedUs = 0): void {
    this.installed.set(id, { isPinned: false, lastUsedUs, uses: 1 });
  }

  #containersView(): ContainersView {
    const slots = this.containerSlots;
    const count = (functionId: number, state: string) =>
      slots.filter((slot) => slot.functionId === functionId && slot.state === state).length;
    const idle = () => [...this.#idle];
    const idleOf = (functionId: number) =>
      idle().filter((id) => slots[id].functionId === functionId);
    const makingOf = (functionId: number) =>
      [...slots.keys()].filter(
        (id) => slots[id].functionId === functionId && slots[id].state === "making",
      );
    const view = this;
    return {
      functionOf: (id) => slots[id].functionId,
      zygoteOf: (id) => slots[id].zygote,
      isIdle: (id) => slots[id].state === "idle",
      usesOf: (id) => slots[id].uses,
      createdAtUs: (id) => slots[id].createdAtUs,
      lastUsedUs: (id) => slots[id].lastUsedUs,
      provisionUsOf: (id) => slots[id].provisionUs,
      remakeUsOf: (id) => slots[id].provisionUs,
      reclaimableBytes: (id) => slots[id].bytes,
      get idleCount() {
        return view.#idle.size;
      },
      oldestIdle: () => idle()[0] ?? NONE,
      nextIdle: (id) => idle()[idle().indexOf(id) + 1] ?? NONE,
      idleCountOf: (functionId) => count(functionId, "idle"),
      busyCountOf: (functionId) => count(functionId, "busy") + count(functionId, "making"),
      makingCountOf: (functionId) => count(functionId, "making"),
      oldestMakingOf: (functionId) => makingOf(functionId)[0] ?? NONE,
      nextMaking: (id) => {
        const all = makingOf(slots[id].functionId);
        return all[all.indexOf(id) + 1] ?? NONE;
      },
      newestIdleOf: (functionId) => idleOf(functionId).at(-1) ?? NONE,
      oldestIdleOf: (functionId) => idleOf(functionId)[0] ?? NONE,
      waitingOf: (functionId) => this.waiting.get(functionId) ?? 0,
      waitingForBusyOf: (functionId) => this.waiting.get(functionId) ?? 0,
      outstandingOf: (functionId) =>
        (this.waiting.get(functionId) ?? 0) + count(functionId, "busy"),
    };
  }

  #zygotesView(): ZygotesView {
    const slots = this.zygoteSlots;
    const live = this.#liveZygotes;
    const view = this;
    return {
      live,
      get version() {
        return view.#zygoteVersion;
      },
      isReady: (id) => slots[id].state === "ready",
      packagesOf: (id) => slots[id].packages,
      addedPackagesOf: (id) => {
        const { parent, packages } = slots[id];
        return parent === NONE ? packages : packages.minus(slots[parent].packages);
      },
      parentOf: (id) => slots[id].parent,
      childZygotesOf: (id) => live.filter((child) => slots[child].parent === id).length,
      liveContainersOf: (id) => slots[id].containers,
      isPinned: (id) => slots[id].isPinned,
      forksOf: (id) => slots[id].forks,
      createdAtUs: (id) => slots[id].createdAtUs,
      lastUsedUs: (id) => slots[id].lastUsedUs,
      bytesOf: (id) => slots[id].bytes,
      reclaimableBytes: (id) => slots[id].bytes,
    };
  }

  #installsView(): InstallsView {
    const { installed, packages } = this;
    const view = this;
    return {
      get diskLimitBytes() {
        return view.diskLimitBytes;
      },
      get usedBytes() {
        return [...installed.keys()].reduce((sum, id) => sum + packages[id].diskBytes, 0);
      },
      isInstalled: (id) => installed.has(id),
      isPinned: (id) => installed.get(id)?.isPinned ?? false,
      lastUsedUs: (id) => installed.get(id)?.lastUsedUs ?? 0,
      usesOf: (id) => installed.get(id)?.uses ?? 0,
      get installed() {
        return new Set(installed.keys());
      },
    };
  }
}

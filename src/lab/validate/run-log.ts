import { US_PER_SECOND } from "../../basics/units.js";
import type { ReplayListener } from "../../contract/listener.js";
import {
  type InvocationRecord,
  type Observer,
  SILENT_OBSERVER,
  type Tier,
} from "../../contract/observer.js";
import type { PolicyHooks, View } from "../../contract/policy.js";

/**
 * What a comparison needs from each run in addition to its result: what happened to each
 * invocation, and when.
 */
export interface RunLog {
  /** Index in START_KINDS by invocation number; -1 if the invocation never started. */
  readonly startKinds: readonly number[];
  /** Mean bytes charged in each whole second of the run. */
  readonly memoryBytes: readonly number[];
  /**
   * What was evicted, in order: functions of containers, packages of Zygotes, and installed
   * packages.
   */
  readonly evictions: Readonly<Record<Tier, readonly string[]>>;
}

const nothing = (): void => {};
const OPERATIONS_UNHEARD: Omit<ReplayListener, "comes"> = {
  completed: nothing,
  install: nothing,
  uninstall: nothing,
  createZygote: nothing,
  createContainer: nothing,
  run: nothing,
  pause: nothing,
  destroyContainer: nothing,
  destroyZygote: nothing,
};

/** Makes the log of a run from its replay, by its observer, its listener and its policy hooks. */
export class RunLogger {
  readonly observer: Observer;
  readonly listener: ReplayListener;
  readonly hooks: PolicyHooks;
  readonly #startKinds: number[] = [];
  readonly #evictions: Readonly<Record<Tier, string[]>> = { handler: [], import: [], install: [] };
  readonly #memory = new MemoryBySecond();
  #packageGone = "";

  constructor() {
    this.observer = {
      ...SILENT_OBSERVER,
      ended: (_atUs, record) => this.#ended(record),
      left: (_atUs, tier, evicted) => {
        if (tier === "install" && evicted) this.#evictions.install.push(this.#packageGone);
      },
    };
    this.listener = {
      ...OPERATIONS_UNHEARD,
      comes: (atUs, { memory }) => this.#memory.until(atUs, memory.usedBytes),
    };
    this.hooks = {
      onContainerGone: ({ containers, functions }, container, evicted) => {
        if (!evicted) return;
        this.#evictions.handler.push(functions[containers.functionOf(container)].name);
      },
      onZygoteGone: (view, zygote, evicted) => {
        if (evicted) this.#evictions.import.push(zygoteName(view, zygote));
      },
      onPackageGone: ({ packages }, id) => {
        const { name, version } = packages[id];
        this.#packageGone = `${name}==${version}`;
      },
    };
  }

  /** The log of a run that ended at `endUs`. */
  finish(endUs: number): RunLog {
    return {
      startKinds: this.#startKinds,
      memoryBytes: this.#memory.finish(endUs),
      evictions: this.#evictions,
    };
  }

  #ended({ invocation, startKind }: InvocationRecord): void {
    while (this.#startKinds.length < invocation) this.#startKinds.push(-1);
    this.#startKinds[invocation] = startKind;
  }
}

/**
 * Mean bytes of each second. The mean is exact, because the charge is constant between two events.
 */
class MemoryBySecond {
  readonly #byteUs: number[] = [];
  #nowUs = 0;
  #bytes = 0;

  /** Records that `bytes` were charged from the last event until `atUs`. */
  until(atUs: number, bytes: number): void {
    this.#bytes = bytes;
    while (this.#nowUs < atUs) {
      const second = Math.floor(this.#nowUs / US_PER_SECOND);
      const toUs = Math.min(atUs, (second + 1) * US_PER_SECOND);
      this.#byteUs[second] = (this.#byteUs[second] ?? 0) + bytes * (toUs - this.#nowUs);
      this.#nowUs = toUs;
    }
  }

  /** The charge after the last event lasts until the end. An incomplete last second is left out. */
  finish(endUs: number): number[] {
    this.until(endUs, this.#bytes);
    const seconds = Math.floor(this.#nowUs / US_PER_SECOND);
    return this.#byteUs.slice(0, seconds).map((byteUs) => byteUs / US_PER_SECOND);
  }
}

function zygoteName({ zygotes, packages }: View, zygote: number): string {
  const names = [...zygotes.packagesOf(zygote).ids].map(
    (id) => `${packages[id].name}==${packages[id].version}`,
  );
  return names.length === 0 ? "(no packages)" : names.join(" ");
}

import { NONE } from "../../basics/none.js";
import { type Completion, PHASES } from "../../contract/backend.js";
import type { ReplayListener } from "../../contract/listener.js";
import type { PackageId } from "../../contract/package-set.js";
import type { ContainerId, View, ZygoteId } from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { type Group, TraceTracks } from "./trace-tracks.js";

/**
 * Writes a run as a trace for Perfetto and chrome://tracing while its journal is replayed. Each slot
 * of a container or Zygote is one track, whose outermost slices are the containers that used it,
 * one after another; inside are their creation with its phases, runs, pauses and destruction. Each
 * package is a track of installations. Memory by tier is a chart.
 */
export class ChromeTrace implements ReplayListener {
  readonly #tracks: TraceTracks;
  /** When the last operation on each container, Zygote and package began. */
  readonly #since = new Map<string, number>();
  #view: View | undefined;
  #nowUs = 0;
  #memory = "";

  constructor(write: (text: string) => void) {
    this.#tracks = new TraceTracks(write);
  }

  comes(atUs: number, view: View): void {
    this.#view = view;
    this.#countMemory();
    this.#nowUs = atUs;
  }

  install(id: PackageId): void {
    this.#begins("packages", id);
  }

  uninstall(id: PackageId): void {
    this.#begins("packages", id);
  }

  createZygote(zygote: ZygoteId, parent: ZygoteId, added: Int32Array): void {
    const name = added.length === 0 ? "root Zygote" : `Zygote of ${added.length} packages`;
    this.#create("Zygotes", zygote, name, { packages: added.length, ...parentOf(parent) });
  }

  createContainer(container: ContainerId, functionId: FunctionId, parent: ZygoteId): void {
    const name = this.#view?.functions[functionId].name ?? `function ${functionId}`;
    this.#create("containers", container, name, parentOf(parent));
  }

  run(container: ContainerId, invocation: number, _runUs: number, resumes: boolean): void {
    this.#begins("containers", container);
    // a paused container resumes
    this.#tracks.endTo(1, "containers", container, this.#nowUs);
    this.#tracks.begin("containers", container, this.#nowUs, "run", { invocation, resumes });
  }

  pause(container: ContainerId): void {
    this.#tracks.begin("containers", container, this.#nowUs, "paused");
  }

  destroyContainer(container: ContainerId): void {
    this.#destroy("containers", container);
  }

  destroyZygote(zygote: ZygoteId): void {
    this.#destroy("Zygotes", zygote);
  }

  completed(completion: Completion): void {
    const { operation, id, status } = completion;
    const isOk = status === "ok";
    switch (operation) {
      case "install":
      case "uninstall":
        this.#endPackage(completion);
        break;
      case "create-zygote":
      case "create-container":
        this.#phases(groupOf(completion), completion);
        this.#tracks.endTo(isOk ? 1 : 0, groupOf(completion), id, this.#nowUs, { status });
        break;
      case "run":
        this.#phases("containers", completion);
        this.#tracks.endTo(1, "containers", id, this.#nowUs, { status });
        break;
      case "pause":
        if (!isOk) this.#tracks.endTo(1, "containers", id, this.#nowUs, { status });
        break;
      case "destroy-container":
      case "destroy-zygote":
        // a destruction that failed is tried again
        this.#tracks.endTo(isOk ? 0 : 1, groupOf(completion), id, this.#nowUs, { status });
        break;
    }
  }

  /** Writes the end of the trace. Call it after the replay. */
  end(): void {
    this.#countMemory();
    this.#tracks.end(this.#nowUs);
  }

  #begins(group: Group, id: number): void {
    this.#since.set(`${group} ${id}`, this.#nowUs);
  }

  /** Phases of a creation or a run, one after another from its beginning, at most to its end. */
  #phases(group: Group, { id, phaseUs }: Completion): void {
    let atUs = this.#since.get(`${group} ${id}`) ?? this.#nowUs;
    for (const [at, phase] of PHASES.entries()) {
      const durationUs = Math.min(phaseUs[at], this.#nowUs - atUs);
      if (durationUs <= 0) continue;
      this.#tracks.slice(group, id, atUs, durationUs, phase);
      atUs += durationUs;
    }
  }

  #endPackage({ operation, id }: Completion): void {
    const sinceUs = this.#since.get(`packages ${id}`) ?? this.#nowUs;
    const { name, version } = this.#view!.packages[id];
    this.#tracks.nameTrack("packages", id, `${name}==${version}`);
    this.#tracks.slice("packages", id, sinceUs, this.#nowUs - sinceUs, operation);
  }

  /** A chart of memory has a point only if it has changed. */
  #countMemory(): void {
    if (this.#view === undefined) return;
    const { runningBytes, handlerBytes, zygoteBytes } = this.#view.memory;
    const memory = `${runningBytes} ${handlerBytes} ${zygoteBytes}`;
    if (memory === this.#memory) return;
    this.#memory = memory;
    const tiers = { running: runningBytes, handler: handlerBytes, zygote: zygoteBytes };
    this.#tracks.counter("memory", this.#nowUs, "bytes by tier", tiers);
  }

  #create(
    group: Group,
    slot: number,
    name: string,
    details: Readonly<Record<string, number>>,
  ): void {
    // a Zygote that died is forgotten without a destruction, and its slot is used again
    this.#tracks.endTo(0, group, slot, this.#nowUs);
    this.#tracks.nameTrack(group, slot, `${group.slice(0, -1)} ${slot}`);
    this.#tracks.begin(group, slot, this.#nowUs, name, details);
    this.#tracks.begin(group, slot, this.#nowUs, "creation");
    this.#begins(group, slot);
  }

  #destroy(group: Group, slot: number): void {
    this.#tracks.endTo(1, group, slot, this.#nowUs);
    this.#tracks.begin(group, slot, this.#nowUs, "destruction");
  }
}

function groupOf({ operation }: Completion): Group {
  return operation.endsWith("zygote") ? "Zygotes" : "containers";
}

function parentOf(parent: ZygoteId): Readonly<Record<string, number>> {
  return parent === NONE ? {} : { zygote: parent };
}

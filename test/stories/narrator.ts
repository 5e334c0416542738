import { NONE } from "../../src/basics/none.js";
import { STATUSES } from "../../src/contract/backend.js";
import {
  type InvocationRecord,
  type Lookups,
  OUTCOMES,
  type PrewarmEvent,
  START_KINDS,
  type Tier,
} from "../../src/contract/observer.js";
import type { View } from "../../src/contract/policy.js";
import type { Engine } from "../../src/engine/engine.js";
import type { InstallTable } from "../../src/engine/tables/install-table.js";
import type { Ledger } from "../../src/engine/tables/ledger.js";
import { type Listener, MIB, Recording, SECOND } from "../engine/harness.js";
import type { StoryFile } from "./story.js";

/**
 * Writes a run as text: one line per event, and below it what the event caused, in order:
 * operations (`>`), facts reported to the observer (`-`), and the ledgers if they changed (`=`).
 */
export class Narrator extends Recording implements Listener {
  readonly #story: StoryFile;
  readonly #lines: string[] = [];
  #engine: Engine | undefined;
  #event = "the run begins";
  #caused: string[] = [];
  #ledgers = "";
  readonly #functionOf = new Map<string, string>();

  constructor(story: StoryFile) {
    super();
    this.#story = story;
  }

  get recording(): Recording {
    return this;
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  begin(engine: Engine): void {
    this.#engine = engine;
  }

  /** Receives a line of the journal. */
  line(text: string): void {
    if (this.#engine === undefined) return; // the header
    if (text.startsWith("  > ")) {
      this.#caused.push(`    > ${this.#operation(text.slice(4).split(" "))}`);
      return;
    }
    this.#flush();
    this.#event = this.#eventOf(text.split(" "));
  }

  override started(_atUs: number, functionId: number, startKind: number): void {
    this.#fact(`${this.#functionName(functionId)} starts ${START_KINDS[startKind]}`);
  }
  override ended(atUs: number, record: InvocationRecord): void {
    super.ended(atUs, record);
    const { invocation, functionId, outcome, startKind, queueUs, provisionUs, runUs } = record;
    if (record.lookups !== null) this.#lookups(record.lookups);
    const start = startKind === NONE ? "never started" : START_KINDS[startKind];
    this.#fact(
      `invocation ${invocation} of ${this.#functionName(functionId)}: ${OUTCOMES[outcome]}, ${start}; queue ${seconds(queueUs)}, provision ${seconds(provisionUs)}, run ${seconds(runUs)}`,
    );
  }
  override inserted(_atUs: number, tier: Tier): void {
    this.#fact(`enters the ${tier} cache`);
  }
  override left(_atUs: number, tier: Tier, evicted: boolean): void {
    this.#fact(`leaves the ${tier} cache${evicted ? ", evicted" : ""}`);
  }
  override prewarmed(event: PrewarmEvent, count: number): void {
    this.#fact(`pre-warming: ${count} ${event}`);
  }
  override warned(code: string): void {
    this.#fact(`warning ${code}`);
  }

  #lookups(lookups: Lookups): void {
    const { importHit, packagesNeeded, packagesFound, installHits, installMisses } = lookups;
    if (packagesNeeded > 0) {
      const found = `${packagesFound} of ${packagesNeeded} packages`;
      this.#fact(`import cache: ${importHit ? "hit" : "miss"}, ${found}`);
    }
    if (installHits + installMisses > 0)
      this.#fact(`install cache: ${installHits} hit, ${installMisses} missed`);
  }

  #fact(text: string): void {
    this.#caused.push(`    - ${text}`);
  }

  /** Writes the event that is over, except a wake-up that caused nothing. */
  #flush(): void {
    const ledgers = this.#ledgersNow();
    if (ledgers !== this.#ledgers) this.#caused.push(`    = ${ledgers}`);
    this.#ledgers = ledgers;
    if (this.#caused.length > 0 || !this.#event.endsWith("wake-up"))
      this.#lines.push(this.#event, ...this.#caused);
    this.#caused = [];
  }

  #ledgersNow(): string {
    const view = this.#engine!.view as View & { memory: Ledger; installs: InstallTable };
    const { memory, installs } = view;
    const { runningBytes, handlerBytes, zygoteBytes, freeingBytes, promisedBytes, owedBytes } =
      memory;
    const parts = [
      `running ${mib(runningBytes)}`,
      `handler ${mib(handlerBytes)}`,
      `zygote ${mib(zygoteBytes)}`,
      ...named("coming free", freeingBytes),
      ...named("promised", promisedBytes),
      ...named("owed", owedBytes),
    ];
    const disk = `disk ${mib(installs.usedBytes)}`;
    const diskParts = [disk, ...named("coming free", installs.freeingBytes)];
    return `memory ${mib(memory.usedBytes)} MiB (${parts.join(", ")}); ${diskParts.join(", ")}`;
  }

  #eventOf([at, what, ...words]: readonly string[]): string {
    const time = seconds(Number(at));
    switch (what) {
      case "arrived":
        return `${time}: arrival of ${this.#functionName(Number(words[0]))}, which runs ${seconds(Number(words[1]))}`;
      case "completed":
        return `${time}: ${this.#completion(words)}`;
      case "drained":
        return `${time}: the run is over, nothing is kept`;
      default:
        return `${time}: wake-up`;
    }
  }

  #completion([operation, id, status, , bytes]: readonly string[]): string {
    const subject = this.#subject(operation, id);
    const ended = STATUSES.find((each) => each === status)!;
    const size = Number(bytes) < 0 ? "" : `, measured at ${mib(Number(bytes))} MiB`;
    return `${operation} ${subject} ended: ${ended}${size}`;
  }

  #operation([operation, id, ...words]: readonly string[]): string {
    if (operation === "create-container") this.#functionOf.set(id, words[1]);
    const subject = `${operation} ${this.#subject(operation, id)}`;
    switch (operation) {
      case "create-container":
        return `${subject} from ${zygoteName(words[3])}, importing ${this.#packageNames(words[5])}`;
      case "create-zygote":
        return `${subject} from ${zygoteName(words[1])}, importing ${this.#packageNames(words[3])}`;
      case "run":
        return `${subject}: invocation ${words[1]} for ${seconds(Number(words[3]))}${words[4] === undefined ? "" : ", resuming it"}`;
      default:
        return subject;
    }
  }

  #subject(operation: string, id: string): string {
    if (operation.endsWith("install")) return this.#packageNames(id);
    if (operation.endsWith("zygote")) return zygoteName(id);
    return `c${id} (${this.#functionName(Number(this.#functionOf.get(id)))})`;
  }

  #functionName(id: number): string {
    return this.#story.functions[id].name;
  }

  #packageNames(ids: string): string {
    if (ids === "nothing") return ids;
    return ids
      .split(",")
      .map((id) => this.#story.packages[Number(id)].name)
      .join(", ");
  }
}

const seconds = (us: number) => `${us / SECOND} s`;
const mib = (bytes: number) => `${bytes / MIB}`;
const named = (name: string, bytes: number) => (bytes === 0 ? [] : [`${name} ${mib(bytes)}`]);
const zygoteName = (id: string) => (Number(id) === NONE ? "nothing" : `z${id}`);

import { NONE } from "../basics/none.js";
import type { PackageId } from "../contract/package-set.js";
import type { ZygoteId } from "../contract/policy.js";
import type { CreationEnd } from "./guests/creation-times.js";
import type { SpareChildren } from "./guests/spare-children.js";
import { Zygote } from "./guests/zygote.js";
import type { ImportsAhead } from "./imports-ahead.js";
import type { PackageStore } from "./packages/package-store.js";
import type { RefusedZygotes } from "./refused-zygotes.js";
import type { Sandboxes } from "./sandboxes/sandboxes.js";

/**
 * Growth follows this long after something was learned, so that it does not delay the request that
 * taught it, or those that come with it.
 */
const GROW_AFTER_MS = 10;
/** Names of modules in one order. A packet must fit into a socket's buffer. */
const MOST_ORDER_CHARS = 32 * 1024;

interface Entry {
  readonly zygote: Zygote;
  /** All its packages, including those of its parents. */
  readonly packages: readonly PackageId[];
  /** Modules that it was asked to import. */
  readonly asked: Set<string>;
}

export interface ZygotesSetup {
  readonly sandboxes: Sandboxes;
  readonly store: PackageStore;
  readonly spares: SpareChildren;
  readonly refused: RefusedZygotes;
  /** undefined: a Zygote imports every module of its packages that has one name. */
  readonly ahead: ImportsAhead | undefined;
  readonly makeTimeoutMs: number;
}

/** The Zygotes of a backend, and what each imports. */
export class Zygotes {
  readonly #setup: ZygotesSetup;
  readonly #entries = new Map<ZygoteId, Entry>();
  #growth: NodeJS.Timeout | undefined;

  constructor(setup: ZygotesSetup) {
    this.#setup = setup;
  }

  get all(): readonly Zygote[] {
    return [...this.#entries.values()].map(({ zygote }) => zygote);
  }

  get(id: ZygoteId): Zygote {
    return this.#entries.get(id)!.zygote;
  }

  /** A Zygote to fork; undefined if it has died, and then its spare children end too. */
  alive(id: ZygoteId): Zygote | undefined {
    const zygote = this.#entries.get(id)?.zygote;
    if (zygote?.isGone !== true) return zygote;
    this.#setup.spares.drop(zygote);
    return undefined;
  }

  delete(id: ZygoteId): void {
    this.#entries.delete(id);
  }

  /**
   * Creates a Zygote that adds packages to a live parent's (NONE: to a fresh interpreter's). Returns
   * why it must not be created; undefined: `onEnd` will be called.
   */
  create(
    id: ZygoteId,
    parent: ZygoteId,
    added: Int32Array,
    onEnd: (creation: CreationEnd, zygote: Zygote) => void,
  ): string | undefined {
    const { store, refused, sandboxes, makeTimeoutMs } = this.#setup;
    const from = parent === NONE ? undefined : this.#entries.get(parent);
    const { paths: newPaths, modules } = store.pathsOf(added);
    const paths = [...(from?.zygote.imports.paths ?? []), ...newPaths];
    const reason = refused.reasonFor(paths);
    if (reason !== undefined) return reason;
    const packages = [...(from?.packages ?? []), ...added];
    const asked = new Set(from?.asked);
    const zygote = new Zygote(
      sandboxes,
      from?.zygote,
      { paths: newPaths, modules: this.#nextModules(packages, asked, modules) },
      makeTimeoutMs,
      (creation) => {
        if (creation.status === "ok") this.growSoon();
        else this.#entries.delete(id);
        if (creation.status === "failed") this.#setup.ahead?.distrust(packages);
        onEnd(creation, zygote);
      },
      (why) => this.#refuse(packages, paths, why),
    );
    this.#entries.set(id, { zygote, packages, asked });
    return undefined;
  }

  /** Lets Zygotes import what has been learned since they were created. */
  growSoon(): void {
    if (this.#setup.ahead === undefined) return;
    this.#growth ??= setTimeout(() => {
      this.#growth = undefined;
      for (const entry of this.#entries.values()) this.#grow(entry);
    }, GROW_AFTER_MS);
  }

  close(): void {
    clearTimeout(this.#growth);
  }

  #grow({ zygote, packages, asked }: Entry): void {
    const { spares, ahead, makeTimeoutMs } = this.#setup;
    if (!zygote.isReady) return; // it is asked again when it is
    const modules = this.#nextModules(packages, asked, []);
    if (modules.length === 0) return;
    zygote.grow(modules, makeTimeoutMs, (isFit) => {
      spares.drop(zygote);
      if (!isFit) ahead?.distrust(packages);
      else {
        spares.fill(zygote);
        this.growSoon();
      }
    });
  }

  /** What a Zygote imports next, in one order's length; `usual`: if nothing is known of functions. */
  #nextModules(
    packages: readonly PackageId[],
    asked: Set<string>,
    usual: readonly string[],
  ): readonly string[] {
    const wanted = this.#setup.ahead?.modulesFor(packages) ?? usual;
    const next: string[] = [];
    let chars = 0;
    for (const each of wanted) {
      if (asked.has(each)) continue;
      chars += each.length;
      if (chars > MOST_ORDER_CHARS) break;
      asked.add(each);
      next.push(each);
    }
    return next;
  }

  /** What functions import may be at fault, and not the packages. */
  #refuse(packages: readonly PackageId[], paths: readonly string[], why: string): void {
    if (this.#setup.ahead?.distrust(packages) !== true) this.#setup.refused.refuse(paths, why);
  }
}

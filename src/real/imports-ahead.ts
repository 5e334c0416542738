import { type PackageId, PackageSet } from "../contract/package-set.js";
import type { FunctionId, FunctionProfile } from "../contract/workload.js";
import { type NamedImports, parseSeen, type SeenImport } from "./guests/named-imports.js";
import type { InstalledModules } from "./packages/package-store.js";

/** What one function imports. */
interface Plan {
  readonly named: readonly string[];
  readonly learns: boolean;
  /** By module. */
  readonly seen: Map<string, SeenImport>;
  /** How many of its starts were watched. */
  starts: number;
}

/** An event may lead a function to modules that its first start did not need. */
const WATCHED_STARTS = 3;
const MOST_SEEN = 4096;
/** What a set of packages is imported by if all that functions import there is not trusted. */
const NOTHING_TRUSTED = 2;

/**
 * Knows what Zygotes import: what the code of their functions names, and what these functions were
 * seen to import. A Zygote imports only modules of its packages, so a function cannot bring code
 * into a Zygote that its other functions do not require. Modules of the standard library are
 * imported by Zygotes of exactly the function's packages. If imports leave a Zygote unfit to be
 * forked, the next ones of its packages do without what was seen, and then without what is named.
 */
export class ImportsAhead {
  readonly #functions: readonly FunctionProfile[];
  readonly #packages: InstalledModules;
  readonly #plans = new Map<FunctionId, Plan>();
  readonly #distrusted: { readonly set: PackageSet; level: number }[] = [];

  /** `functions` may grow at its end. */
  constructor(functions: readonly FunctionProfile[], packages: InstalledModules) {
    this.#functions = functions;
    this.#packages = packages;
  }

  /** Records what a function's code imports; undefined: unknown. */
  add(functionId: FunctionId, named: NamedImports | undefined): void {
    const { modules, learns } = named ?? { modules: [], learns: true };
    this.#plans.set(functionId, { named: modules, learns, seen: new Map(), starts: 0 });
  }

  /** Forgets a function that is not started any more. */
  remove(functionId: FunctionId): void {
    this.#plans.delete(functionId);
  }

  /** Whether the next start of a function is to tell what it imports. Each answer counts as a start. */
  watches(functionId: FunctionId): boolean {
    const plan = this.#plans.get(functionId);
    return plan?.learns === true && plan.starts++ < WATCHED_STARTS;
  }

  /** Records modules that a start was seen to import, as native/guest/ahead.py writes them. */
  learn(functionId: FunctionId, modules: readonly unknown[]): void {
    const seen = this.#plans.get(functionId)?.seen;
    if (seen === undefined) return;
    for (const text of modules) {
      const found = parseSeen(text);
      if (found !== undefined && seen.size < MOST_SEEN) seen.set(found.module, found);
    }
  }

  /**
   * What a Zygote with these packages, which are installed, imports: `a.b` or `a.b:c`, in the order
   * of functions and of their imports. If no function's imports are known, its packages' modules.
   */
  modulesFor(ids: Iterable<PackageId>): readonly string[] {
    const set = new PackageSet(ids);
    if (set.size === 0) return [];
    const topLevel = new Set(Array.from(set.ids, (id) => this.#packages.topLevelOf(id)).flat());
    const level = this.#levelOf(set);
    const modules = new Set<string>();
    for (const [functionId, plan] of this.#plans) {
      const { closure } = this.#functions[functionId];
      if (!set.isSubsetOf(closure) || level >= NOTHING_TRUSTED) continue;
      const isWhole = set.size === closure.size;
      for (const name of plan.named) {
        if (isWhole || topLevel.has(/^\w+/.exec(name)![0])) modules.add(name);
      }
      if (level === 0) this.#addSeen(modules, plan, set, isWhole);
    }
    return modules.size === 0 ? [...topLevel] : [...modules];
  }

  #addSeen(modules: Set<string>, { seen }: Plan, set: PackageSet, isWhole: boolean): void {
    const keys = new Set(Array.from(set.ids, (id) => this.#packages.keyOf(id)));
    for (const { key, module } of seen.values()) {
      if (key === undefined ? isWhole : keys.has(key)) modules.add(module);
    }
  }

  /**
   * Trusts less of what functions import with these packages. Returns false if there is nothing
   * less: the packages themselves are unfit.
   */
  distrust(ids: Iterable<PackageId>): boolean {
    const set = new PackageSet(ids);
    const level = this.#levelOf(set);
    const isKnown = [...this.#plans.keys()].some((id) =>
      set.isSubsetOf(this.#functions[id].closure),
    );
    if (level >= NOTHING_TRUSTED || !isKnown) return false;
    this.#distrusted.push({ set, level: level + 1 });
    return true;
  }

  /** 0: what was seen and what is named is imported; 1: what is named; 2: neither. */
  #levelOf(set: PackageSet): number {
    const levels = this.#distrusted.filter((each) => each.set.isSubsetOf(set));
    return Math.max(0, ...levels.map(({ level }) => level));
  }
}

import type { EvictPolicy, PolicySpec } from "../../../src/contract/policy.js";
import { KnownFuture } from "../../../src/policies/known-future.js";
import { FakeView, fakeFunction } from "../fake-view.js";

/** What a hand-worked case says about its cache. Objects are called A, B, C, ... */
export interface CacheCase {
  readonly settings?: string;
  /** Bytes of the cache. */
  readonly room: number;
  /** Bytes of one container, by name; 1 for those that are not listed. */
  readonly bytes?: Readonly<Record<string, number>>;
  /** Time to make one container, by name; 100 us for those that are not listed. */
  readonly costUs?: Readonly<Record<string, number>>;
  readonly random?: () => number;
  /** The calls that an oracle knows: all that will be served. */
  readonly future?: string;
}

/**
 * A cache of containers that serve invocations of no duration, one per microsecond. Each function
 * has one container at most, and a container is evicted before another one is made.
 */
export class EvictCache {
  readonly view: FakeView;
  readonly policy: EvictPolicy;
  readonly #case: CacheCase;
  readonly #names = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("");
  readonly #live = new Map<string, number>();

  constructor(spec: PolicySpec<"evict">, { ...cacheCase }: CacheCase) {
    this.#case = cacheCase;
    this.view = new FakeView(this.#names.map(() => fakeFunction([])));
    this.view.memory.limitBytes = cacheCase.room;
    this.view.random = cacheCase.random ?? (() => 0.5);
    if (cacheCase.future !== undefined) this.view.future = this.#futureOf(cacheCase.future);
    this.policy = this.view.make(spec, cacheCase.settings);
  }

  /** Serves the invocations and returns the victims: "D:B" if the start of D evicted B. */
  serve(calls: string): string {
    const victims: string[] = [];
    for (const name of calls.replaceAll(" ", ""))
      victims.push(...this.#serve(name).map((victim) => `${name}:${victim}`));
    return victims.join(" ");
  }

  /** The names of the containers in the cache, in alphabetical order. */
  get contents(): string {
    return [...this.#live.keys()].toSorted().join("");
  }

  /** Its container goes without being evicted. */
  expire(name: string): void {
    const container = this.#live.get(name)!;
    this.policy.onContainerGone?.(this.view, container, false);
    this.view.removeContainer(container);
    this.#live.delete(name);
  }

  /** The nth of the calls is served at n microseconds, from 1. */
  #futureOf(calls: string): KnownFuture {
    const all = calls.replaceAll(" ", "").split("");
    return new KnownFuture(
      this.#names.map((name) => {
        const times = all.flatMap((call, at) => (call === name ? [at + 1] : []));
        return { atUs: Float64Array.from(times), runUs: new Float64Array(times.length) };
      }),
    );
  }

  #serve(name: string): readonly string[] {
    const { view, policy } = this;
    view.nowUs++;
    policy.onArrival?.(view, this.#names.indexOf(name));
    const live = this.#live.get(name);
    const victims = live === undefined ? this.#makeRoom(this.#bytesOf(name)) : [];
    const container = live ?? this.#create(name);
    view.beginRun(container);
    policy.onStart?.(view, container, "warm", 0);
    policy.onEnd?.(view, container, 0, "completed");
    view.fallIdle(container);
    policy.onIdle?.(view, container);
    return victims;
  }

  #create(name: string): number {
    const container = this.view.addContainer({
      functionId: this.#names.indexOf(name),
      bytes: this.#bytesOf(name),
      provisionUs: this.#case.costUs?.[name] ?? 100,
    });
    this.#live.set(name, container);
    this.policy.onContainerReady?.(this.view, container);
    return container;
  }

  #makeRoom(bytes: number): readonly string[] {
    const victims: string[] = [];
    for (;;) {
      const used = [...this.#live.keys()].reduce((sum, name) => sum + this.#bytesOf(name), 0);
      if (used + bytes <= this.#case.room) return victims;
      const victim = this.policy.victim(this.view, used + bytes - this.#case.room);
      if (victim?.tier !== "handler") throw new Error("no container was evicted");
      const name = this.#names[this.view.containerSlots[victim.container].functionId];
      this.policy.onContainerGone?.(this.view, victim.container, true);
      this.view.removeContainer(victim.container);
      this.#live.delete(name);
      victims.push(name);
    }
  }

  #bytesOf(name: string): number {
    return this.#case.bytes?.[name] ?? 1;
  }
}

/** The victims of a hand-worked case, from an empty cache. */
export function victimsOf(spec: PolicySpec<"evict">, cacheCase: CacheCase, calls: string): string {
  const future = spec.needsFuture ? { future: calls } : {};
  return new EvictCache(spec, { ...cacheCase, ...future }).serve(calls);
}

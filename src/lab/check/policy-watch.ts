import { FAMILIES } from "../../contract/policy.js";
import { NOTICES, QUESTIONS } from "../../contract/policy-methods.js";
import { type CodePlaces, type OwnSpec, placesOf } from "../../policies/own-spec.js";
import { placeInPolicy } from "../policy/known-places.js";

type Method = (...args: readonly unknown[]) => unknown;

const ASKED: ReadonlySet<string> = new Set(Object.values(QUESTIONS).flatMap(Object.keys));
const WATCHED: ReadonlySet<string> = new Set([...ASKED, ...NOTICES]);

/** What makes two runs differ, as an author writes it, by the object that has it. */
const CHANCE: readonly (readonly [object: object, name: string, written: string])[] = [
  [Math, "random", "Math.random()"],
  [Date, "now", "Date.now()"],
  [performance, "now", "performance.now()"],
  [process, "hrtime", "process.hrtime()"],
  [crypto, "randomUUID", "crypto.randomUUID()"],
  [crypto, "getRandomValues", "crypto.getRandomValues()"],
];

/** Counts the questions to a user's policies, and finds where they read a clock or draw chance. */
export class PolicyWatch {
  /** How often each question was asked, by its name. */
  readonly asked = new Map<string, number>();
  /** What was read, and where, as `Date.now() at file:line`. */
  readonly read = new Set<string>();
  /** Calls of a policy's code that have not returned. */
  #inside = 0;
  readonly #originals = new WeakMap<object, unknown>();

  /** The same policy, watched. */
  watch(spec: OwnSpec): OwnSpec {
    const places = placesOf(spec);
    const watched: CodePlaces = {
      ofError: places.ofError,
      ofMethod: (method) =>
        places.ofMethod(this.#originals.get(Object(method) as object) ?? method),
    };
    return {
      ...spec,
      places: watched,
      create: (...args) => this.#during(() => this.#wrap(spec.create(...args) as object)) as never,
    };
  }

  /** Loads the file, whose code runs meanwhile. */
  async duringLoad<T>(load: () => Promise<T>): Promise<T> {
    this.#inside++;
    try {
      return await load();
    } finally {
      this.#inside--;
    }
  }

  /** From now on, clocks and chance of this thread report that a policy uses them. */
  trapChance(): void {
    for (const [object, name, written] of CHANCE) {
      const holder = object as Record<string, Method>;
      const original = holder[name];
      const noted: Method = (...args) => {
        this.#note(written);
        return original.apply(object, [...args]);
      };
      // process.hrtime has a method
      Object.defineProperty(holder, name, { value: Object.assign(noted, original) });
    }
    const note = () => this.#note("new Date()");
    globalThis.Date = new Proxy(Date, {
      construct(target, args, made) {
        if (args.length === 0) note();
        return Reflect.construct(target, args, made) as object;
      },
    });
  }

  #during<T>(call: () => T): T {
    this.#inside++;
    try {
      return call();
    } finally {
      this.#inside--;
    }
  }

  #note(written: string): void {
    if (this.#inside === 0) return;
    const place = placeInPolicy(new Error());
    if (place !== undefined) this.read.add(`${written} at ${place}`);
  }

  #wrap(made: object): object {
    if (typeof made !== "object" || made === null) return made; // the guard refuses it
    const methods = new Map<string | symbol, unknown>();
    return new Proxy(
      {},
      {
        get: (_, name) => {
          if (!methods.has(name)) methods.set(name, this.#wrapMember(made, name));
          return methods.get(name);
        },
      },
    );
  }

  #wrapMember(target: object, name: string | symbol): unknown {
    const value: unknown = Reflect.get(target, name, target);
    if (typeof name === "symbol") return value;
    const isPart = (FAMILIES as readonly string[]).includes(name);
    if (isPart && typeof value === "object" && value !== null) return this.#wrap(value);
    const isWatched = WATCHED.has(name) && typeof value === "function";
    // the guard knows an async method by its constructor
    if (!isWatched || value.constructor.name === "AsyncFunction") return value;
    const isQuestion = ASKED.has(name);
    const method: Method = (...args) => {
      if (isQuestion) this.asked.set(name, (this.asked.get(name) ?? 0) + 1);
      return this.#during(() => (value as Method).apply(target, [...args]));
    };
    this.#originals.set(method, value);
    return method;
  }
}

import { InputError } from "../basics/errors.js";
import type {
  Family,
  Policies,
  PolicyFamilies,
  PolicyHooks,
  PolicySpec,
} from "../contract/policy.js";
import { guardPolicy } from "./guard.js";
import { CLOSE, originOf, placesOf } from "./own-spec.js";

/** Makes the policies of a user for one run. A policy that serves several families is made once. */
export class OwnPolicies {
  readonly #made = new Map<object, unknown>();
  readonly #parts = new Set<unknown>();

  /**
   * The objects that receive notices, under names that are not families. An object that serves
   * several families is one of them, so it receives each notice once.
   */
  get listeners(): Readonly<Record<string, PolicyHooks>> {
    const objects = [...new Set([...this.#parts, ...this.#made.values()])].map((part, at) => [
      `own ${at}`,
      part as PolicyHooks,
    ]);
    return Object.fromEntries(objects);
  }

  /** Errors: InputError with the message of what `create` threw, or with what the policy lacks. */
  make<F extends Family>(spec: PolicySpec, family: F, create: () => unknown): PolicyFamilies[F] {
    const where = `policy ${family}=${spec.name}`;
    const places = placesOf(spec);
    const origin = originOf(spec);
    if (!this.#made.has(origin)) {
      try {
        this.#made.set(origin, create());
      } catch (error) {
        if (error instanceof InputError) throw error;
        const place = places.ofError(error);
        throw new InputError(
          `${where}: create threw: ${error instanceof Error ? error.message : String(error)}${place === undefined ? "" : `, at ${place}`}`,
        );
      }
    }
    const part = partOf(this.#made.get(origin), family);
    const guarded = guardPolicy(family, part, where, places);
    this.#parts.add(part);
    return guarded;
  }
}

/** Ends what policies hold of the machine. */
export function closePolicies(policies: Policies): void {
  for (const policy of Object.values<object>(policies)) {
    const { [CLOSE]: close } = policy as { readonly [CLOSE]?: () => void };
    close?.();
  }
}

/** A policy may consist of one object per family. */
function partOf(made: unknown, family: Family): unknown {
  const part = (Object(made) as Readonly<Record<string, unknown>>)[family];
  return typeof part === "object" && part !== null ? part : made;
}

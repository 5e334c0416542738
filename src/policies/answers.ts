import type { KeepAliveDecision } from "../contract/keep-alive-decision.js";
import { PackageSet } from "../contract/package-set.js";
import type { View, ZygotePlan } from "../contract/policy.js";

/**
 * Reads the answer of a user's method and returns it in the form that the engine expects. `refuse`
 * ends the run; its text says what was answered and what is expected.
 */
export type ReadAnswer = (
  answer: unknown,
  refuse: (why: string) => never,
  view: View,
  first: unknown,
  second: unknown,
) => unknown;

/** How the answer to each question is read, by `family.method`. */
export const ANSWERS: Readonly<Record<string, ReadAnswer>> = {
  "zygote.choose": readPlan,
  "evict.victim": (answer, refuse) => {
    if (answer === null) return answer;
    const { tier, container, zygote } = Object(answer) as Readonly<Record<string, unknown>>;
    if ((tier === "handler" && isId(container)) || (tier === "import" && isId(zygote)))
      return answer;
    return refuse(expected(answer, "null, a container of tier handler or a Zygote of tier import"));
  },
  "evict.reserveBytes": readBytes,
  "keep-alive.decide": (answer, refuse, _view, _container, decision) => {
    if (answer !== undefined)
      refuse(expected(answer, "nothing: decide sets the fields of its third argument"));
    const wrong = roundWindows(decision as KeepAliveDecision);
    if (wrong !== undefined) refuse(wrong);
  },
  "install.preinstalled": (answer, refuse, view) => {
    if (!isIterable(answer)) return refuse(expected(answer, "package ids"));
    return readIds([...answer], "named package", refuse, view);
  },
  "install.budgetBytes": readBytes,
  "install.victim": (answer, refuse) =>
    isId(answer) ? answer : refuse(expected(answer, "a package's id or -1")),
  "install.keepUnused": readFlag,
  "dispatch.pick": (answer, refuse, { containers }, functionId) => {
    const canServe =
      isId(answer) && containers.isIdle(answer) && containers.functionOf(answer) === functionId;
    return canServe
      ? answer
      : refuse(expected(answer, `an idle container of function ${show(functionId)}`));
  },
  "dispatch.waitForBusyUs": (answer, refuse) =>
    isAmount(answer) ? answer : refuse(expected(answer, "microseconds from 0 to Infinity")),
  "queue.key": (answer, refuse) =>
    typeof answer === "number" && !Number.isNaN(answer)
      ? answer
      : refuse(expected(answer, "a number")),
};

const PROMISED = "answered a promise; a policy must answer at once";

/** The packages may be a set of the engine, a set of another copy of socklab, or plain ids. */
function readPlan(
  answer: unknown,
  refuse: (why: string) => never,
  view: View,
): ZygotePlan | undefined {
  const { forkFrom, create } = Object(answer) as Readonly<Record<string, unknown>>;
  if (!isId(forkFrom))
    return refuse(
      isPromise(answer)
        ? PROMISED
        : `answered forkFrom ${show(forkFrom)}, expected a Zygote's id or -1`,
    );
  if (create === null) return answer as ZygotePlan;
  const { parent, packages } = Object(create) as Readonly<Record<string, unknown>>;
  if (isId(parent) && packages instanceof PackageSet) return answer as ZygotePlan;
  const ids = (Object(packages) as { readonly ids?: unknown }).ids ?? packages;
  if (!isId(parent) || !isIterable(ids))
    return refuse(
      `answered create ${show(create)}, expected null, or a parent's id and packages from context.packageSet(ids)`,
    );
  const known = readIds([...ids], "create has package", refuse, view);
  return { forkFrom, create: { parent, packages: new PackageSet(known) } };
}

function readIds(
  ids: readonly unknown[],
  what: string,
  refuse: (why: string) => never,
  { packages }: View,
): readonly number[] {
  const stray = ids.find((id) => !isId(id) || id < 0 || id >= packages.length);
  if (stray !== undefined)
    refuse(`${what} ${show(stray)}, expected ids from 0 to ${packages.length - 1}`);
  return ids as readonly number[];
}

function readFlag(answer: unknown, refuse: (why: string) => never): unknown {
  return typeof answer === "boolean" ? answer : refuse(expected(answer, "true or false"));
}

function readBytes(answer: unknown, refuse: (why: string) => never): unknown {
  return isAmount(answer) ? answer : refuse(expected(answer, "bytes from 0 to Infinity"));
}

/** Rounds the windows to whole microseconds, and says which value is not a time. */
function roundWindows(decision: KeepAliveDecision): string | undefined {
  for (const name of ["keepUs", "pauseAfterUs", "prewarmAfterUs"] as const) {
    if (!isAmount(decision[name]))
      return `set ${name} to ${show(decision[name])}, expected microseconds from 0 to Infinity`;
    decision[name] = Math.round(decision[name]);
  }
  const { prewarmCount, limitsOthers } = decision;
  if (!Number.isInteger(prewarmCount) || prewarmCount < 1)
    return `set prewarmCount to ${show(prewarmCount)}, expected a whole number of at least 1`;
  if (typeof limitsOthers !== "boolean")
    return `set limitsOthers to ${show(limitsOthers)}, expected true or false`;
  return undefined;
}

function expected(answer: unknown, what: string): string {
  return isPromise(answer) ? PROMISED : `answered ${show(answer)}, expected ${what}`;
}

function isPromise(value: unknown): boolean {
  return typeof (Object(value) as { readonly then?: unknown }).then === "function";
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= -1;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && value >= 0;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (Object(value) as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
}

/** A value in a message, cut if it is long. */
export function show(value: unknown): string {
  if (typeof value === "number" || typeof value === "undefined") return String(value);
  try {
    return JSON.stringify(value)?.slice(0, 60) ?? typeof value;
  } catch {
    return typeof value; // a bigint, or an object that contains itself
  }
}

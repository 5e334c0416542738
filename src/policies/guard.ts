import { InputError } from "../basics/errors.js";
import type { KeepAliveDecision } from "../contract/keep-alive-decision.js";
import { PackageSet } from "../contract/package-set.js";
import type { Family, PolicyFamilies, View } from "../contract/policy.js";

/** The questions that a family's policy must answer, in addition to the notices it may receive. */
const QUESTIONS: Readonly<Record<Family, readonly string[]>> = {
  zygote: ["choose"],
  evict: ["victim"],
  "keep-alive": ["decide"],
  install: ["preinstalled", "budgetBytes", "victim", "keepUnused"],
  dispatch: ["pick", "waitForBusyUs"],
  queue: ["key"],
};

type Method = (...args: readonly unknown[]) => unknown;
/** Says what is wrong with an answer; undefined if nothing is. `args` begins with the view. */
type Check = (answer: unknown, args: readonly unknown[]) => string | undefined;

/**
 * Wraps a user's policy. If it throws or gives a wrong answer, the run ends with one line that
 * names it: an InputError that begins with `where`. Answers that are merely not allowed (a fork
 * outside the closure, a busy victim) are refused by the engine.
 */
export function guardPolicy<F extends Family>(
  family: F,
  policy: unknown,
  where: string,
): PolicyFamilies[F] {
  if (typeof policy !== "object" || policy === null)
    throw new InputError(`${where}: create returned ${show(policy)}, expected a policy object`);
  const source = policy as Readonly<Record<string, unknown>> & {
    readonly startsWithRoot?: unknown;
    readonly bypasses?: unknown;
  };
  const missing = QUESTIONS[family].find((name) => typeof source[name] !== "function");
  if (missing !== undefined)
    throw new InputError(
      `${where}: the policy has no method ${missing}, which a ${family} policy needs`,
    );
  if (family === "zygote" && typeof source.startsWithRoot !== "boolean")
    throw new InputError(
      `${where}: startsWithRoot is ${show(source.startsWithRoot)}, expected true or false`,
    );
  if (family === "queue" && typeof source.bypasses !== "boolean")
    throw new InputError(`${where}: bypasses is ${show(source.bypasses)}, expected true or false`);
  return new Proxy(source, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return guardMethod(
        value.bind(target) as Method,
        CHECKS[`${family}.${String(name)}`],
        `${where}: ${String(name)}`,
      );
    },
  }) as unknown as PolicyFamilies[F];
}

function guardMethod(method: Method, check: Check | undefined, where: string): Method {
  return (...args) => {
    let answer: unknown;
    try {
      answer = method(...args);
    } catch (error) {
      throw new InputError(
        `${where} threw: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
    const wrong = check?.(answer, args);
    if (wrong !== undefined) throw new InputError(`${where}: ${wrong}`);
    return answer;
  };
}

const isId = (value: unknown) => Number.isInteger(value) && (value as number) >= -1;
const isAmount = (value: unknown) => typeof value === "number" && value >= 0;
const isFlag: Check = (answer) =>
  typeof answer === "boolean" ? undefined : `answered ${show(answer)}, expected true or false`;
const isBytes: Check = (answer) =>
  isAmount(answer) ? undefined : `answered ${show(answer)}, expected bytes from 0 to Infinity`;

const CHECKS: Readonly<Record<string, Check>> = {
  "zygote.choose": (answer) => {
    const { forkFrom, create } = Object(answer) as {
      forkFrom?: unknown;
      create?: { parent?: unknown; packages?: unknown } | null;
    };
    if (!isId(forkFrom)) return `answered forkFrom ${show(forkFrom)}, expected a Zygote's id or -1`;
    if (create === null) return undefined;
    if (isId(create?.parent) && create?.packages instanceof PackageSet) return undefined;
    return `answered create ${show(create)}, expected null or a parent's id and a PackageSet`;
  },
  "evict.victim": (answer) => {
    if (answer === null) return undefined;
    const { tier, container, zygote } = Object(answer) as {
      tier?: unknown;
      container?: unknown;
      zygote?: unknown;
    };
    const isVictim = (tier === "handler" && isId(container)) || (tier === "import" && isId(zygote));
    return isVictim
      ? undefined
      : `answered ${show(answer)}, expected null, a container of tier handler or a Zygote of tier import`;
  },
  "evict.reserveBytes": isBytes,
  "keep-alive.decide": (_answer, args) => checkDecision(args[2] as KeepAliveDecision),
  "install.preinstalled": (answer, args) => {
    const count = (args[0] as View).packages.length;
    if (typeof Object(answer)[Symbol.iterator] !== "function")
      return `answered ${show(answer)}, expected package ids`;
    const stray = [...(answer as Iterable<unknown>)].find(
      (id) => !isId(id) || (id as number) < 0 || (id as number) >= count,
    );
    return stray === undefined
      ? undefined
      : `named package ${show(stray)}, expected ids from 0 to ${count - 1}`;
  },
  "install.budgetBytes": isBytes,
  "install.victim": (answer) =>
    isId(answer) ? undefined : `answered ${show(answer)}, expected a package's id or -1`,
  "install.keepUnused": isFlag,
  "dispatch.pick": (answer, args) => {
    const { containers } = args[0] as View;
    const canServe =
      isId(answer) &&
      containers.isIdle(answer as number) &&
      containers.functionOf(answer as number) === args[1];
    return canServe
      ? undefined
      : `answered ${show(answer)}, expected an idle container of function ${show(args[1])}`;
  },
  "dispatch.waitForBusyUs": (answer) =>
    isAmount(answer)
      ? undefined
      : `answered ${show(answer)}, expected microseconds from 0 to Infinity`,
  "queue.key": (answer) =>
    typeof answer === "number" && !Number.isNaN(answer)
      ? undefined
      : `answered ${show(answer)}, expected a number`,
};

/** Rounds the windows to whole microseconds, and refuses values that are not times. */
function checkDecision(decision: KeepAliveDecision): string | undefined {
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

function show(value: unknown): string {
  if (typeof value === "number" || typeof value === "undefined") return String(value);
  return JSON.stringify(value)?.slice(0, 60) ?? typeof value;
}

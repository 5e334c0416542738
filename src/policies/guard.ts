import { InputError } from "../basics/errors.js";
import type { Family, PolicyFamilies, View } from "../contract/policy.js";
import { FLAGS, NOTICES, QUESTIONS } from "../contract/policy-methods.js";
import { ANSWERS, type ReadAnswer, show } from "./answers.js";
import { type CodePlaces, NO_PLACES } from "./own-spec.js";

type Method = (view: View, first: unknown, second: unknown) => unknown;

/** A user's policy in its wrapping. */
export interface Guarded {
  /** The policy's name and the place of the method, for a message about its answers. */
  whereIs(method: string): string;
}

/** What the guard wraps: methods by name, and other values of the author. */
type Source = Readonly<Record<string, unknown>>;

/**
 * Wraps the questions of a user's policy, each once. If the policy throws or gives a wrong answer,
 * the run ends with one line: an InputError that begins with `where` and ends with the place in the
 * code. Answers that are merely not allowed (a fork outside the closure, a busy victim) are refused
 * by the engine.
 *
 * Notices are not part of what is returned: the policy itself receives them, because they have no
 * answer and come several times per invocation.
 */
export function guardPolicy<F extends Family>(
  family: F,
  policy: unknown,
  where: string,
  places: CodePlaces = NO_PLACES,
): PolicyFamilies[F] & Guarded {
  if (typeof policy !== "object" || policy === null)
    throw new InputError(`${where}: create returned ${show(policy)}, expected a policy object`);
  const source = policy as Source;
  const questions = Object.entries(QUESTIONS[family]);
  const missing = questions.find(
    ([name, { isOptional }]) => !isOptional && typeof source[name] !== "function",
  );
  if (missing !== undefined)
    throw new InputError(
      `${where}: the policy has no method ${missing[0]}, which a ${family} policy needs`,
    );
  const flags = FLAGS[family];
  const unset = flags.find((name) => typeof source[name] !== "boolean");
  if (unset !== undefined)
    throw new InputError(`${where}: ${unset} is ${show(source[unset])}, expected true or false`);
  const place = (found: string | undefined) => (found === undefined ? "" : `, at ${found}`);
  const guarded: Record<string, unknown> = {
    ...Object.fromEntries(flags.map((name) => [name, source[name]])),
    whereIs: (name: string) => `${where}${place(places.ofMethod(source[name]))}`,
  };
  const known = [...questions.map(([name]) => name), ...NOTICES];
  for (const name of known) {
    const wrong = faultOf(source[name]);
    if (wrong !== undefined)
      throw new InputError(`${where}: ${name} ${wrong}${place(places.ofMethod(source[name]))}`);
  }
  for (const [name] of questions) {
    const method = source[name];
    if (method === undefined) continue;
    const threw = (error: unknown) =>
      new InputError(`${where}: ${name} threw: ${describe(error)}${place(places.ofError(error))}`);
    const refuse = (why: string): never => {
      throw new InputError(`${where}: ${name}: ${why}${place(places.ofMethod(method))}`);
    };
    const read = ANSWERS[`${family}.${name}`];
    guarded[name] = guardMethod(method as Method, source, read, threw, refuse);
  }
  return guarded as unknown as PolicyFamilies[F] & Guarded;
}

/** All methods have at most three parameters, of which the view is the first. */
function guardMethod(
  method: Method,
  source: Source,
  read: ReadAnswer,
  threw: (error: unknown) => InputError,
  refuse: (why: string) => never,
): Method {
  return (view, first, second) => {
    let answer: unknown;
    try {
      answer = method.call(source, view, first, second);
    } catch (error) {
      throw threw(error);
    }
    return read(answer, refuse, view, first, second);
  };
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // the name of an InputError says nothing to the author of a policy
  const isPlain = error.name === "Error" || error instanceof InputError;
  return isPlain ? error.message : `${error.name}: ${error.message}`;
}

function faultOf(method: unknown): string | undefined {
  if (method === undefined) return undefined;
  if (typeof method !== "function") return `is ${show(method)}, expected a method`;
  if (method.constructor.name !== "AsyncFunction") return undefined;
  return "is async and answers with a promise, but a policy must answer at once";
}

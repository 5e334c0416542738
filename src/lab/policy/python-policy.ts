import { relative, resolve } from "node:path";
import { InputError } from "../../basics/errors.js";
import type { Act } from "../../contract/act.js";
import type { Family, PolicySpec, View } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import { FLAGS, NOTICES, QUESTIONS, VIEW_PARTS } from "../../contract/policy-methods.js";
import { CLOSE, type CodePlaces } from "../../policies/own-spec.js";
import type { ImportedModule } from "./import-module.js";
import { remember } from "./known-places.js";
import { PythonError, PythonProcess, type Reply } from "./python-process.js";

/** What Python reports about one object of a policy. */
interface Part {
  /** Where each of its methods begins, by the name of the method. */
  readonly methods: Readonly<Record<string, string | null>>;
  /** Values that are not methods, by name. */
  readonly flags: Readonly<Record<string, unknown>>;
}

type Method = (view: View, ...args: readonly unknown[]) => unknown;

const placeOfMethod = new WeakMap<object, string>();

const PLACES: CodePlaces = {
  ofError: (error) =>
    error instanceof PythonError && error.place !== undefined ? shown(error.place) : undefined,
  ofMethod: (method) => (typeof method === "function" ? placeOfMethod.get(method) : undefined),
};

/**
 * Loads a policy that is written in Python. Its specification has a `create` that starts another
 * process, so each run has its own. Errors: PythonError, MachineError.
 */
export function importPython(path: string): ImportedModule {
  remember(PLACES);
  const process = new PythonProcess(path);
  try {
    const [, spec] = process.receive(nothingYet);
    const { family } = spec as { readonly family: Family | readonly Family[] };
    const create: PolicySpec["create"] = (parameters, context) =>
      createIn(path, [family].flat(), parameters, context) as never;
    return {
      exported: { departures: [], parameters: {}, ...(spec as object), create },
      places: PLACES,
    };
  } finally {
    process.end();
  }
}

function createIn(
  path: string,
  families: readonly Family[],
  parameters: unknown,
  context: PolicyContext,
): object {
  const { random, future, ...known } = context;
  if (future !== null)
    throw new InputError(`${path}: needsFuture: only policies in JavaScript or TypeScript have it`);
  const process = new PythonProcess(path);
  process.receive(nothingYet);
  const questions = families.flatMap((family) => Object.keys(QUESTIONS[family] ?? {}));
  const flags = families.flatMap((family) => FLAGS[family] ?? []);
  process.send([parameters, known, VIEW_PARTS, [...questions, ...NOTICES], flags]);
  const [, made] = process.receive(replier(undefined, random));
  let act: Act | undefined; // the engine hands it over when the run begins
  let sentFunctions = context.functions.length;
  const ask = (part: string, name: string, view: View, given: readonly unknown[]): unknown => {
    const args = given.filter((arg) => arg !== undefined); // a wrapped method gets all that any has
    if (name === "onBegin") act = args[0] as Act;
    const added = view.functions.slice(sentFunctions);
    sentFunctions = view.functions.length;
    process.send([part, name, view.nowUs, args, added]);
    const [, answer, changed] = process.receive(replier(view, random, act));
    for (const [at, fields] of (changed as readonly (object | null)[]).entries())
      if (fields !== null) Object.assign(args[at] as object, fields);
    return answer ?? (name === "victim" ? null : undefined);
  };
  const parts = Object.entries(made as Readonly<Record<string, Part>>).map(
    ([part, described]) => [part, proxyOf(part, described, ask)] as const,
  );
  const [[name, first]] = parts;
  return { ...(name === "" ? first : Object.fromEntries(parts)), [CLOSE]: () => process.end() };
}

function proxyOf(
  part: string,
  { methods, flags }: Part,
  ask: (part: string, name: string, view: View, args: readonly unknown[]) => unknown,
): object {
  const proxies = Object.entries(methods).map(([name, place]) => {
    // the property's name becomes the function's, which a stack shows
    const { [name]: method }: Record<string, Method> = {
      [name]: (view, ...args) => ask(part, name, view, args),
    };
    if (place !== null) placeOfMethod.set(method, shown(place));
    return [name, method] as const;
  });
  return { ...flags, ...Object.fromEntries(proxies) };
}

function replier(view: View | undefined, random: PolicyContext["random"], act?: Act): Reply {
  return (part, member, args) => {
    if (part === "random") return random.next();
    if (part === "act") return act?.[member as keyof Act](...(args as readonly [never, never]));
    const kind = (VIEW_PARTS as Readonly<Record<string, Readonly<Record<string, string>>>>)[part]?.[
      member
    ];
    if (view === undefined || kind === undefined) return null;
    const members = view[part as keyof typeof VIEW_PARTS] as unknown as Record<string, unknown>;
    const value = members[member];
    return typeof value === "function" ? value.apply(members, args) : value;
  };
}

const nothingYet: Reply = () => null;

function shown(place: string): string {
  const near = relative(globalThis.process.cwd(), resolve(place));
  return near.startsWith("..") ? place : near;
}

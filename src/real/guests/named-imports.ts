import type { GuestMessage } from "./messages.js";

/** What a function's code imports, as native/guest/ahead.py reads it. */
export interface NamedImports {
  /** `a.b`, or `a.b:c,d` for `from a.b import c, d`, in the order of the code. */
  readonly modules: readonly string[];
  /** Whether modules that the function was seen to import may be imported ahead, too. */
  readonly learns: boolean;
}

const IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";
const MODULE = `${IDENTIFIER}(?:\\.${IDENTIFIER})*`;
const NAMED = new RegExp(`^${MODULE}(?::${IDENTIFIER}(?:,${IDENTIFIER})*)?$`);
const SEEN = new RegExp(`^([a-z0-9][a-z0-9._!+=-]*==[^ ]+)? (${MODULE})$`, "i");
const MOST_MODULES = 4096;
const MOST_CHARS = 1024;

/** The imports in a frame that a function's code may have sent; undefined: there are none. */
export function namedImportsOf({ imports, learns }: GuestMessage): NamedImports | undefined {
  if (!Array.isArray(imports)) return undefined;
  const modules = imports.filter((each) => isShaped(each, NAMED)).slice(0, MOST_MODULES);
  return { modules, learns: learns === true };
}

/** A module that a function was seen to import. */
export interface SeenImport {
  /** `name==version` of its package; undefined: it is in the standard library. */
  readonly key: string | undefined;
  readonly module: string;
}

/** undefined: the text is not one. A function's code may have sent it. */
export function parseSeen(text: unknown): SeenImport | undefined {
  if (!isShaped(text, SEEN)) return undefined;
  const [, key, module] = SEEN.exec(text)!;
  return { key, module };
}

function isShaped(text: unknown, shape: RegExp): text is string {
  return typeof text === "string" && text.length <= MOST_CHARS && shape.test(text);
}

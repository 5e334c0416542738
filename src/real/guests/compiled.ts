import type { NamedImports } from "./named-imports.js";

/** The result of compiling a handler: the bytes of an `f.pyc`, or why there are none. */
export interface Compiled {
  readonly bytes: Buffer | undefined;
  /** What the code imports; undefined: unknown. */
  readonly named?: NamedImports | undefined;
  /** Why there are no bytes; empty if there are. */
  readonly message: string;
  /** True if Python refused the source; false if something else failed. */
  readonly isSourceFault: boolean;
  /** True if the container's Zygote died before it forked it: another attempt may succeed. */
  readonly hasLostParent: boolean;
}

export function uncompiled(
  message: string,
  isSourceFault: boolean,
  hasLostParent = false,
): Compiled {
  return { bytes: undefined, message, isSourceFault, hasLostParent };
}

import type { PackageSet } from "./package-set.js";
import type { FunctionProfile, Package } from "./workload.js";

/** Memory of a process in addition to its packages and its handler. */
export interface Footprint {
  /** A bare interpreter: the root Zygote and every cold container pay for it. */
  readonly interpreterBytes: number;
  /** Bytes that a forked process dirties at once and never shares. */
  readonly forkPrivateBytes: number;
}

/** Bytes that a process gains by importing a set of packages. */
export function importedBytes(set: PackageSet, packages: readonly Package[]): number {
  let bytes = 0;
  for (const id of set.ids) bytes += packages[id].memoryBytes;
  return bytes;
}

/**
 * Bytes that a container does not share. A cold container pays for all its memory. A forked one
 * inherits the interpreter and the Zygote's packages, and dirties `forkPrivateBytes` of them.
 */
export function containerBytes(
  profile: FunctionProfile,
  inheritedBytes: number,
  footprint: Footprint,
): number {
  if (inheritedBytes === 0) return profile.memoryBytes;
  return Math.max(profile.memoryBytes - inheritedBytes, 0) + footprint.forkPrivateBytes;
}

/** Bytes that a Zygote adds to its parent, or to the machine if it has no parent. */
export function zygoteBytes(addedBytes: number, hasParent: boolean, footprint: Footprint): number {
  return addedBytes + (hasParent ? footprint.forkPrivateBytes : footprint.interpreterBytes);
}

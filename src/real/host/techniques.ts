/**
 * What makes a start fast or safe and can be left out, so that `socklab bench provision` can say what
 * each is worth. For measurements only: no command line offers it. docs/design/lean-containers.md has the
 * reason for each.
 */
export const TECHNIQUES = [
  /** One clone3 makes a child; without: a helper forks it and ends, as OpenLambda's Zygotes do. */
  "single-fork",
  "seccomp",
  /** UTS, IPC and PID namespaces. */
  "namespaces",
  /** A Zygote's heap is out of the collector's sight, so that a collection in a child copies nothing. */
  "frozen-heap",
  /** A Zygote has walked the path of a start some times before it is forked. */
  "warmed-zygotes",
  /** A Zygote that is forked often is put into huge pages. */
  "huge-pages",
  /** Python's own fork hooks are not run in a child. */
  "skipped-fork-hooks",
] as const;
export type Technique = (typeof TECHNIQUES)[number];

/** As native/guest/fork-request.h has them. */
const FORK_BITS: Partial<Record<Technique, number>> = { seccomp: 1, "single-fork": 2 };

/** What a fork request leaves out, as its bits. */
export function forkBits(disabled: readonly Technique[]): number {
  return disabled.reduce((bits, technique) => bits | (FORK_BITS[technique] ?? 0), 0);
}

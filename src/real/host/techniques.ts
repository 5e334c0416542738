/**
 * Techniques that make a start fast or safe and that can be left out, so that `socklab bench
 * provision` can measure each one. They exist for measurements only: no command line offers them.
 * docs/design/lean-containers.md gives the reason for each.
 */
export const TECHNIQUES = [
  /**
   * One clone3 creates a child. Without it a helper forks the child and ends, as OpenLambda's
   * Zygotes do.
   */
  "single-fork",
  "seccomp",
  /** UTS, IPC and PID namespaces. */
  "namespaces",
  /** The collector does not see a Zygote's heap, so that a collection in a child copies no page. */
  "frozen-heap",
  /** A Zygote performs the steps of a start a few times before it is forked. */
  "warmed-zygotes",
  /** A Zygote that is forked often is moved to huge pages. */
  "huge-pages",
  /** A child does not run Python's own fork hooks. */
  "skipped-fork-hooks",
] as const;
export type Technique = (typeof TECHNIQUES)[number];

/** The bits that native/guest/fork-request.h defines. */
const FORK_BITS: Partial<Record<Technique, number>> = { seccomp: 1, "single-fork": 2 };

/** The bits of a fork request for the techniques that it leaves out. */
export function forkBits(disabled: readonly Technique[]): number {
  return disabled.reduce((bits, technique) => bits | (FORK_BITS[technique] ?? 0), 0);
}

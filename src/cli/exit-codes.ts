/** Exit codes that scripts may rely on. 0: the command did its work. */
export const DONE = 0;
/**
 * A replay diverged, a validation broke a bound, a run of a sweep failed, no memory meets the goals of
 * `size`, a policy file has a fault, or real packages answer differently from plain Python.
 */
export const CHECK_FAILED = 1;
/** The command line or a file is wrong: one line says what, where, and the remedy. */
export const BAD_INPUT = 2;
/** This machine lacks something: one line says what, and how to get it. */
export const MACHINE_CANNOT = 3;
/** Ended by Ctrl-C, as shells number it: 128 + SIGINT. */
export const INTERRUPTED = 130;
/** An invariant of ours broke; EX_SOFTWARE of sysexits.h. */
export const BROKEN = 70;

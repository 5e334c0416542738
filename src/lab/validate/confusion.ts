import { START_KINDS } from "../../contract/observer.js";
import type { RunLog } from "./run-log.js";

/**
 * Rows and columns of a confusion matrix: the start kinds, and `none` for invocations that never
 * started.
 */
export const FATES = [...START_KINDS, "none"] as const;
const NOT_STARTED = FATES.indexOf("none");

/**
 * Counts how the invocations started in two runs of one workload. `[a][b]` is the number of
 * invocations that started as FATES[a] in the first run and as FATES[b] in the second.
 */
export function confusionOf(a: RunLog, b: RunLog): number[][] {
  const matrix = FATES.map(() => FATES.map(() => 0));
  const count = Math.max(a.startKinds.length, b.startKinds.length);
  for (let invocation = 0; invocation < count; invocation++) {
    matrix[fateOf(a, invocation)][fateOf(b, invocation)]++;
  }
  return matrix;
}

/** Share of the counts on the diagonal; 1 if the matrix is empty. */
export function agreementShare(matrix: readonly (readonly number[])[]): number {
  const all = sum(matrix.map(sum));
  return all === 0 ? 1 : sum(matrix.map((row, kind) => row[kind])) / all;
}

/**
 * Cohen's kappa (1960): how far the agreement exceeds that of two runs with the same shares of
 * kinds but a random order. 1 is perfect agreement, 0 is chance. null: each run has only one kind,
 * or there is no invocation.
 */
export function cohensKappa(matrix: readonly (readonly number[])[]): number | null {
  const all = sum(matrix.map(sum));
  if (all === 0) return null;
  const byChance = matrix.map(
    (row, kind) => (sum(row) / all) * (sum(matrix.map((each) => each[kind])) / all),
  );
  const expected = sum(byChance);
  return expected === 1 ? null : (agreementShare(matrix) - expected) / (1 - expected);
}

function fateOf({ startKinds }: RunLog, invocation: number): number {
  const kind = startKinds[invocation] ?? -1;
  return kind < 0 ? NOT_STARTED : kind;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

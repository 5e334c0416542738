import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { MachineError } from "../../../basics/errors.js";
import { BUILD_COMMAND, PRIMITIVES_PROGRAM } from "../../../real/host/native.js";
import { runProgram } from "../../../real/host/run-program.js";
import type { Measurement } from "../../../results/bench-result.js";
import { type Case, measured, missed } from "../../../results/measurements.js";
import type { BenchContext } from "../bench.js";

/** A step of native/primitives to repeat, with its options. */
export interface Step {
  readonly step: string;
  readonly options: Readonly<Record<string, string | number>>;
  readonly clients?: number;
  /** Number of repetitions over all rounds; or instead `durationUs`, the time per round. */
  readonly samples?: number;
  readonly durationUs?: number;
}

/** A step, and the cases to which its samples belong. */
export interface PrimitiveCase extends Step {
  /** The case of the time per step; undefined: times are not reported. */
  readonly time?: Case;
  /** The case of the steps per second, with one sample per round; undefined: not reported. */
  readonly rate?: Case;
  /** Why it cannot be measured on this machine. */
  readonly absent?: string;
}

/** The smallest number of rounds whose median has a 95 % interval. */
const ROUNDS = 6;
const TIMEOUT_US = 60_000_000;

const outShape = z.object({ us: z.array(z.number()), wallUs: z.number() });

/**
 * Measures cells in rounds, all in turn, so noise affects all alike. A cell that fails becomes a
 * row.
 */
export async function measureCells(
  cells: readonly PrimitiveCase[],
  context: BenchContext,
): Promise<readonly Measurement[]> {
  if (!existsSync(PRIMITIVES_PROGRAM)) {
    throw new MachineError(`${PRIMITIVES_PROGRAM} is not built: ${BUILD_COMMAND}`);
  }
  const counts = cells.map(() => ({ us: [] as number[], perSecond: [] as number[], broke: "" }));
  const rounds = roundsOf(context);
  for (let round = 0; round < rounds; round++) {
    for (const [at, cell] of cells.entries()) {
      const count = counts[at];
      if (cell.absent !== undefined || count.broke !== "") continue;
      try {
        const { us, wallUs } = await repeat(cell, context);
        count.us.push(...us);
        count.perSecond.push((us.length * 1e6) / wallUs);
      } catch (error) {
        context.signal.throwIfAborted();
        count.broke = (error as Error).message;
      }
    }
  }
  return cells.flatMap((cell, at) => {
    const { us, perSecond, broke } = counts[at];
    const tell = (of: Case | undefined, samples: readonly number[]) => {
      if (of === undefined) return [];
      if (cell.absent !== undefined) return [missed(of, "skipped", cell.absent)];
      return [broke === "" ? measured(of, samples) : missed(of, "failed", broke)];
    };
    return [...tell(cell.time, us), ...tell(cell.rate, perSecond)];
  });
}

/** The number of rounds, at most one per sample. */
function roundsOf({ samples = ROUNDS }: BenchContext): number {
  return Math.min(ROUNDS, samples);
}

/** Performs one round of a cell in a new process. Errors: Error with what the process printed. */
async function repeat(
  cell: PrimitiveCase,
  context: BenchContext,
): Promise<z.infer<typeof outShape>> {
  const { step, options, clients = 1, samples, durationUs } = cell;
  const out = join(context.folder, "samples.json");
  const extent: Record<string, number> =
    durationUs === undefined
      ? { count: Math.ceil((context.samples ?? samples!) / roundsOf(context)) }
      : { durationUs };
  const pairs = { ...options, ...extent, clients, out };
  const args = Object.entries(pairs).map(([key, value]) => `${key}=${value}`);
  const { exitCode, ending, err } = await runProgram(PRIMITIVES_PROGRAM, [step, ...args], {
    cwd: "/",
    env: {},
    timeoutUs: TIMEOUT_US,
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  if (exitCode !== 0) throw new Error(`${step}: ${ending}: ${err.trim()}`);
  return outShape.parse(JSON.parse(readFileSync(out, "utf8")));
}

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { MachineError } from "../../../basics/errors.js";
import { BUILD_COMMAND, PRIMITIVES_PROGRAM } from "../../../real/host/native.js";
import { runProgram } from "../../../real/host/run-program.js";
import type { Measurement } from "../../../results/bench-result.js";
import { type Case, measured, missed } from "../../../results/measurements.js";
import type { BenchContext } from "../bench.js";

/** What is repeated: a step of native/primitives, with its options. */
export interface Step {
  readonly step: string;
  readonly options: Readonly<Record<string, string | number>>;
  readonly clients?: number;
  /** How many, in all rounds; or for how long, in each round. */
  readonly samples?: number;
  readonly durationUs?: number;
}

/** A step and what its samples are called. */
export interface PrimitiveCase extends Step {
  /** Each sample's time; undefined: not asked for. */
  readonly time?: Case;
  /** Steps a second, a sample a round. */
  readonly rate?: Case;
  /** Why it cannot be measured here. */
  readonly absent?: string;
}

/** The least number of rounds that gives a median of theirs a 95 % interval. */
const ROUNDS = 6;
const TIMEOUT_US = 60_000_000;

const outShape = z.object({ us: z.array(z.number()), wallUs: z.number() });

/** Measures cells in rounds, each in turn, so that noise hits all alike. One that breaks is a row. */
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

/** No more than samples are asked for. */
function roundsOf({ samples = ROUNDS }: BenchContext): number {
  return Math.min(ROUNDS, samples);
}

/** One round of a cell, by a process of its own. Errors: with what it said. */
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

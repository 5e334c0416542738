import type { Measurement } from "../../../results/bench-result.js";
import type { BenchFindings } from "../findings.js";
import type { Start } from "../rig.js";
import type { ImageAnswer } from "./handler.js";

/** The contender whose cold starts are measured. */
export interface Starter {
  readonly name: string;
  readonly title: string;
  readonly does: string;
  /** null or undefined for our own containers. */
  readonly version?: string | null;
}

/** What is known about one cold start, of our containers or others. */
export type ColdStart = Pick<Start, "firstAnswerUs" | "answer"> & Partial<Pick<Start, "phaseUs">>;

/** Parts of a cold start. Their sum is the whole. */
const PARTS = ["platform", "imports", "S3 client", "store", "resizing"] as const;
const WHOLE = "image: cold start to answer";
/** Indexes of the compared measurements: the whole, the platform, the imports. */
const COMPARED = [0, 1, 2];
const PLATFORM = 1;
/**
 * The factor that the SOCK paper reports against OpenWhisk, whose functions ran in Docker (2.8
 * against AWS Lambda).
 */
const PAPER_PLATFORM = 5.3;

/** Adds the whole of the cold starts, then each part in the order of PARTS. */
export function addParts(
  findings: BenchFindings,
  starter: Starter,
  starts: readonly ColdStart[],
): readonly Measurement[] {
  const parts = starts.map(partsOf);
  const whole = wholeOf(starter);
  return [
    findings.add(
      whole,
      starts.map(({ firstAnswerUs }) => firstAnswerUs),
    ),
    ...PARTS.map((part) =>
      findings.add(
        { ...whole, metric: `image: ${part}` },
        parts.map((each) => each[part]),
      ),
    ),
  ];
}

/** The case of a contender's whole cold start. */
export function wholeOf({ title: contender, does, version = null }: Starter) {
  return { contender, version, does, metric: WHOLE, unit: "us" } as const;
}

/**
 * Splits a start into its parts, in microseconds. The platform's part is what remains after the
 * others.
 */
export function partsOf(start: ColdStart): Readonly<Record<(typeof PARTS)[number], number>> {
  const answer = start.answer as ImageAnswer;
  const imports = (start.phaseUs?.import ?? 0) + answer.importsUs;
  const store = answer.getUs + answer.putUs;
  const { clientUs, resizeUs } = answer;
  const platform = Math.max(0, start.firstAnswerUs - imports - clientUs - store - resizeUs);
  return { platform, imports, "S3 client": clientUs, store, resizing: resizeUs };
}

/** Compares our best contender with all others. Measurements have the order of `addParts`. */
export function compareParts(
  findings: BenchFindings,
  ours: readonly Measurement[],
  others: ReadonlyMap<string, readonly Measurement[]>,
): void {
  for (const [name, peer] of others) {
    for (const at of COMPARED) {
      const goal = name === "docker" && at === PLATFORM ? { paper: PAPER_PLATFORM } : {};
      findings.compare({ title: ours[at].metric, ...goal }, ours[at], peer[at]);
    }
  }
}

import type { Measurement } from "../../../results/bench-result.js";
import type { BenchFindings } from "../findings.js";
import type { Start } from "../rig.js";
import type { ImageAnswer } from "./handler.js";

/** Whose cold starts they are. */
export interface Starter {
  readonly name: string;
  readonly title: string;
  readonly does: string;
  /** null or undefined: ours. */
  readonly version?: string | null;
}

/** What is known of one cold start, ours or not. */
export type ColdStart = Pick<Start, "firstAnswerUs" | "answer"> & Partial<Pick<Start, "phaseUs">>;

/** Parts of a cold start and what makes them up, beside the whole. */
const PARTS = ["platform", "imports", "S3 client", "store", "resizing"] as const;
const WHOLE = "image: cold start to answer";
/** Of the whole and its parts: the whole, the platform, the imports. */
const COMPARED = [0, 1, 2];
const PLATFORM = 1;
/** The paper's factor against OpenWhisk, whose functions ran in Docker (2.8 against AWS Lambda). */
const PAPER_PLATFORM = 5.3;

/** The whole of cold starts and each part, in the order of PARTS. */
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

/** The whole cold start of one, as a case. */
export function wholeOf({ title: contender, does, version = null }: Starter) {
  return { contender, version, does, metric: WHOLE, unit: "us" } as const;
}

/** A start in its parts, in microseconds; platform is what the others leave. */
export function partsOf(start: ColdStart): Readonly<Record<(typeof PARTS)[number], number>> {
  const answer = start.answer as ImageAnswer;
  const imports = (start.phaseUs?.import ?? 0) + answer.importsUs;
  const store = answer.getUs + answer.putUs;
  const { clientUs, resizeUs } = answer;
  const platform = Math.max(0, start.firstAnswerUs - imports - clientUs - store - resizeUs);
  return { platform, imports, "S3 client": clientUs, store, resizing: resizeUs };
}

/** Sets the best of ours against all others, by their measurements in the order of `addParts`. */
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

import { setTimeout as sleep } from "node:timers/promises";
import type { StartKind } from "../../contract/observer.js";
import { CheckWorker, type CheckWorkerSetup } from "./check-worker.js";
import type { Answer } from "./compare-answers.js";

/** The ways in which a set's handler is started, in the order of the table. */
export const WAYS = ["cold", "resumed", "first child", "second child", "spare", "warm"] as const;
export type Way = (typeof WAYS)[number];

/** The kind of start that the worker must name for each way. */
const EXPECTED: Readonly<Record<Way, StartKind>> = {
  cold: "cold",
  resumed: "resumed",
  "first child": "zygote-built",
  "second child": "zygote",
  spare: "zygote",
  warm: "warm",
};

/** Kinds of start after which the process has answered one call already. */
const SECOND_CALLS: readonly (string | undefined)[] = ["warm", "resumed"];

export interface WayEnd {
  readonly answer: Answer;
  /** The number of the call in its process, from 0, which plain Python must answer too. */
  readonly call: number;
  /** How it started instead, and perhaps why; undefined: as it should. */
  readonly otherStart: string | undefined;
}

/** A worker for some of the ways. The second function has the code and packages of the first one. */
interface Stage {
  readonly set: readonly string[];
  readonly spares: number;
  readonly calls: readonly { readonly way: Way; readonly of: "f" | "g" }[];
}

const STAGES: readonly Stage[] = [
  {
    set: ["zygote=none", "keep-alive=fixed:keep=unlimited,pauseAfter=0"],
    spares: 0,
    calls: [
      { way: "cold", of: "f" },
      { way: "resumed", of: "f" },
    ],
  },
  {
    set: ["zygote=sock", "keep-alive=fixed:keep=unlimited"],
    spares: 0,
    calls: [
      { way: "first child", of: "f" },
      { way: "second child", of: "g" },
    ],
  },
  {
    set: ["zygote=sock", "keep-alive=fixed:keep=unlimited"],
    spares: 1,
    calls: [
      { way: "first child", of: "f" },
      { way: "spare", of: "g" },
      { way: "warm", of: "g" },
    ],
  },
];

export interface WaysOfSet {
  /** The packages that the worker installed, as `name==version`. */
  readonly installed: readonly string[];
  readonly ends: ReadonlyMap<Way, WayEnd>;
}

/** Time in which a Zygote's spare child should be ready. */
const SPARE_MS = 20_000;
const LOOK_EVERY_MS = 50;

/**
 * Starts a handler in every way, each time in a worker that has not run it before. Errors:
 * InstallError, InputError if the worker refuses the function.
 */
export async function startInEveryWay(setup: CheckWorkerSetup, upload: Buffer): Promise<WaysOfSet> {
  const ends = new Map<Way, WayEnd>();
  let installed: readonly string[] = [];
  for (const stage of STAGES) {
    const worker = await CheckWorker.open(setup, stage.set, stage.spares);
    try {
      installed = await worker.register("f", upload);
      if (stage.calls.some((call) => call.of === "g")) await worker.register("g", upload);
      for (const { way, of } of stage.calls) {
        if (way === "spare") await untilSpareIsReady(worker);
        const end = await worker.call(of);
        if (!ends.has(way)) ends.set(way, await endOf(worker, way, end));
      }
    } finally {
      await worker.close();
    }
  }
  return { installed, ends };
}

async function endOf(
  worker: CheckWorker,
  way: Way,
  { answer, start }: { answer: Answer; start: string | undefined },
): Promise<WayEnd> {
  const call = SECOND_CALLS.includes(start) ? 1 : 0;
  if (start === EXPECTED[way]) return { answer, call, otherStart: undefined };
  const isLost = "error" in answer && SECOND_CALLS.includes(EXPECTED[way]);
  const why = isLost ? "a failed call ends its container" : await worker.whyNoZygote();
  return {
    answer,
    call,
    otherStart: `${start ?? "not started"}${why === undefined ? "" : `: ${why}`}`,
  };
}

async function untilSpareIsReady(worker: CheckWorker): Promise<void> {
  const deadlineMs = performance.now() + SPARE_MS;
  while (performance.now() < deadlineMs && (await worker.hasZygoteWithoutSpare())) {
    await sleep(LOOK_EVERY_MS);
  }
}

import { unreachable } from "../../basics/errors.js";
import type { RandomStream, RandomStreams } from "../../basics/random.js";
import { TimeHeap } from "../../basics/time-heap.js";
import { US_PER_MINUTE } from "../../basics/units.js";
import type { ArrivalBatch, ArrivalBatches } from "../../contract/workload.js";
import { packageKey } from "../packages/catalogue.js";
import type { PackageCatalogue } from "../packages/package-catalogue.js";
import { RequirementDraw } from "../packages/requirements.js";
import type { ArrivalOptions, Trace } from "../trace.js";
import type { GenerateOptions } from "./generate-options.js";
import { type PlannedFunction, planFunctions } from "./plan-functions.js";

const ARRIVALS_A_BATCH = 4_096;

/**
 * A workload drawn from distributions, as a trace. Its arrivals are drawn when a run reads them.
 */
export function generatedTrace(
  name: string,
  options: GenerateOptions,
  catalogue: PackageCatalogue,
  streams: RandomStreams,
): Trace {
  const planned = planFunctions(options, streams);
  const { directMu: mu, directSigma: sigma } = options;
  const draw = new RequirementDraw(catalogue, { mu, sigma });
  const spanUs = options.minutes * US_PER_MINUTE;
  return {
    path: name,
    format: "generated",
    functions: planned.map((each) => ({
      name: each.name,
      app: each.app,
      trigger: each.trigger,
      memoryBytes: each.memoryBytes,
      runTimes: each.runTimes,
      requirements: Array.from(draw.draw(streams.get(`packages/${each.name}`)).direct.ids, (id) =>
        packageKey(catalogue.packages[id]),
      ),
      invocations: undefined,
    })),
    spanUs,
    expectedInvocations: undefined,
    arrivals: (arrivalOptions) => new GeneratedArrivals(planned, spanUs, arrivalOptions),
  };
}

/**
 * Arrivals of all functions. A heap of each function's next arrival merges them, so memory grows
 * only with the number of functions. Each function has its own streams.
 */
class GeneratedArrivals implements ArrivalBatches {
  readonly #functions: readonly PlannedFunction[];
  readonly #spanUs: number;
  readonly #runTimeMode: ArrivalOptions["runTimes"];
  readonly #gaps: readonly RandomStream[];
  readonly #runs: readonly RandomStream[];
  readonly #next: TimeHeap;
  readonly #batch: ArrivalBatch = {
    count: 0,
    atUs: new Float64Array(ARRIVALS_A_BATCH),
    functionId: new Int32Array(ARRIVALS_A_BATCH),
    runUs: new Float64Array(ARRIVALS_A_BATCH),
  };

  constructor(
    functions: readonly PlannedFunction[],
    spanUs: number,
    { streams, runTimes }: ArrivalOptions,
  ) {
    this.#functions = functions;
    this.#spanUs = spanUs;
    this.#runTimeMode = runTimes;
    this.#gaps = functions.map(({ name }) => streams.get(`arrivals/${name}`));
    this.#runs = functions.map(({ name }) => streams.get(`run-times/${name}`));
    this.#next = new TimeHeap(functions.length);
    functions.forEach(({ arrivals }, id) => {
      this.#push(arrivals.firstUs(this.#gaps[id]), id);
    });
  }

  next(): ArrivalBatch | null {
    const batch = this.#batch;
    let count = 0;
    while (count < ARRIVALS_A_BATCH && this.#next.size > 0) {
      const atUs = this.#next.minKey;
      const id = this.#next.pop();
      batch.atUs[count] = Math.floor(atUs);
      batch.functionId[count] = id;
      batch.runUs[count] = this.#runUs(id);
      count++;
      this.#push(atUs + this.#functions[id].arrivals.gapUs(this.#gaps[id]), id);
    }
    batch.count = count;
    return count === 0 ? null : batch;
  }

  #push(atUs: number, id: number): void {
    if (atUs < this.#spanUs) this.#next.push(atUs, id);
  }

  #runUs(id: number): number {
    const { runTimes } = this.#functions[id];
    switch (this.#runTimeMode) {
      case "trace":
        return runTimes.quantileUs(this.#runs[id].next());
      case "mean":
        return runTimes.meanUs;
      case "zero":
        return 0;
      default:
        return unreachable(this.#runTimeMode);
    }
  }
}

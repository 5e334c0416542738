import { US_PER_MINUTE } from "../../basics/units.js";
import type {
  ContainerId,
  KeepAliveDecision,
  KeepAlivePolicy,
  PolicyContext,
  PolicySpec,
  View,
} from "../../contract/policy.js";
import type { FunctionId } from "../../contract/workload.js";
import { BINS, IdleTimes } from "./idle-times.js";

const HEAD = 0.05;
const TAIL = 0.99;
const HISTOGRAM_MARGIN = 0.1;
const FORECAST_MARGIN = 0.15;
const REPRESENTATIVE_CV = 2;
const TOO_MANY_OUT_OF_RANGE = 0.5;

export const hybridHistogram: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "hybrid-histogram",
  summary: "Unloads and pre-warms each application by the histogram of its idle times.",
  source: "Shahrad et al., Serverless in the Wild, USENIX ATC 2020, section 4.2",
  departures: [
    "a first-order autoregression replaces ARIMA, which the paper needs for 0.64 % of invocations",
    "forecasts are used from half of the idle times out of range, as in DSLab and OpenDC; the paper names no threshold",
    "the histogram never ages; the paper keeps two weeks of daily ones",
    "times are rounded down to microseconds, and the function that ran last is pre-warmed",
  ],
  parameters: {},
  create: (_, context) => new HybridHistogram(context),
};

interface Windows {
  /** 0: the application stays loaded. */
  readonly prewarmUs: number;
  readonly keepUs: number;
}

interface App {
  readonly functions: FunctionId[];
  readonly idleTimes: IdleTimes;
  /** When its last execution ended; NaN while one runs. */
  idleSinceUs: number;
  /** null: they must be computed again. */
  windows: Windows | null;
}

class HybridHistogram implements KeepAlivePolicy {
  readonly #appOf: readonly App[];

  constructor({ functions }: PolicyContext) {
    const apps = new Map<number, App>();
    this.#appOf = functions.map(({ app: id }, functionId) => {
      const app = apps.get(id) ?? {
        functions: [],
        idleTimes: new IdleTimes(),
        idleSinceUs: Number.NaN,
        windows: null,
      };
      app.functions.push(functionId);
      apps.set(id, app);
      return app;
    });
  }

  onArrival({ nowUs }: View, functionId: FunctionId): void {
    const app = this.#appOf[functionId];
    if (Number.isNaN(app.idleSinceUs)) return;
    app.idleTimes.add(nowUs - app.idleSinceUs);
    app.idleSinceUs = Number.NaN;
    app.windows = null;
  }

  decide({ nowUs, containers }: View, container: ContainerId, decision: KeepAliveDecision): void {
    const app = this.#appOf[containers.functionOf(container)];
    app.windows ??= windowsOf(app.idleTimes);
    const { prewarmUs, keepUs } = app.windows;
    if (containers.usesOf(container) === 0) {
      decision.keepUs = keepUs; // it was pre-warmed: its window opens now
      return;
    }
    if (app.functions.every((functionId) => containers.busyCountOf(functionId) === 0))
      app.idleSinceUs = nowUs;
    decision.keepUs = prewarmUs === 0 ? keepUs : 0;
    if (prewarmUs > 0) decision.prewarmAfterUs = prewarmUs;
  }
}

function windowsOf(idleTimes: IdleTimes): Windows {
  if (idleTimes.outOfRangeRatio >= TOO_MANY_OUT_OF_RANGE) {
    const forecastUs = idleTimes.forecastUs();
    return {
      prewarmUs: Math.floor(forecastUs * (1 - FORECAST_MARGIN)),
      keepUs: Math.floor(forecastUs * 2 * FORECAST_MARGIN),
    };
  }
  if (idleTimes.binCountCv() < REPRESENTATIVE_CV)
    return { prewarmUs: 0, keepUs: BINS * US_PER_MINUTE };
  const headUs = idleTimes.percentileBin(HEAD) * US_PER_MINUTE;
  const tailUs = (idleTimes.percentileBin(TAIL) + 1) * US_PER_MINUTE;
  const prewarmUs = Math.floor(headUs * (1 - HISTOGRAM_MARGIN));
  return { prewarmUs, keepUs: Math.floor(tailUs * (1 + HISTOGRAM_MARGIN)) - prewarmUs };
}

import { US_PER_MINUTE } from "../../basics/units.js";
import type { KeepAliveDecision } from "../../contract/keep-alive-decision.js";
import type { ContainerId, KeepAlivePolicy, PolicySpec, View } from "../../contract/policy.js";
import type { PolicyContext } from "../../contract/policy-context.js";
import type { FunctionId } from "../../contract/workload.js";
import { BINS, IdleTimes } from "./idle-times.js";

const HEAD = 0.05;
const TAIL = 0.99;
const HISTOGRAM_MARGIN = 0.1;
const FORECAST_MARGIN = 0.15;
const REPRESENTATIVE_CV = 2;
const TOO_MANY_OUT_OF_RANGE = 0.5;
const RANGE_US = BINS * US_PER_MINUTE;

export const hybridHistogram: PolicySpec<"keep-alive"> = {
  family: "keep-alive",
  name: "hybrid-histogram",
  summary: "Unloads and pre-warms each function by the histogram of its idle times.",
  source: "Shahrad et al., Serverless in the Wild, USENIX ATC 2020, section 4.2",
  departures: [
    "functions are loaded and unloaded, since a container serves one function; with --unit application it serves an application, as in the paper",
    "a function may have several containers, of which the paper says nothing: an idle one beside a busy one is kept until all are idle (at most four hours), and then for the function's window; one is pre-warmed",
    "a first-order autoregression replaces ARIMA, which the paper needs for 0.64 % of invocations",
    "forecasts are used from half of the idle times out of range, as in DSLab and OpenDC; the paper names no threshold",
    "the histogram never ages; the paper keeps two weeks of daily ones",
    "times are rounded down to microseconds",
  ],
  parameters: {},
  create: (_, context) => new HybridHistogram(context),
};

interface Windows {
  /** 0: the unit stays loaded. */
  readonly prewarmUs: number;
  readonly keepUs: number;
}

interface Unit {
  readonly idleTimes: IdleTimes;
  /** When its last execution ended; NaN while one runs. */
  idleSinceUs: number;
  /** null: they must be computed again. */
  windows: Windows | null;
}

class HybridHistogram implements KeepAlivePolicy {
  /** By function: the engine's functions are the units. */
  readonly #units: readonly Unit[];

  constructor({ functions }: PolicyContext) {
    this.#units = functions.map(() => ({
      idleTimes: new IdleTimes(),
      idleSinceUs: Number.NaN,
      windows: null,
    }));
  }

  onArrival({ nowUs }: View, functionId: FunctionId): void {
    const unit = this.#units[functionId];
    if (Number.isNaN(unit.idleSinceUs)) return;
    unit.idleTimes.add(nowUs - unit.idleSinceUs);
    unit.idleSinceUs = Number.NaN;
    unit.windows = null;
  }

  decide({ nowUs, containers }: View, container: ContainerId, decision: KeepAliveDecision): void {
    const functionId = containers.functionOf(container);
    if (containers.busyCountOf(functionId) > 0) {
      decision.keepUs = RANGE_US;
      return;
    }
    const unit = this.#units[functionId];
    unit.windows ??= windowsOf(unit.idleTimes);
    const { prewarmUs, keepUs } = unit.windows;
    const hasRun = Number.isNaN(unit.idleSinceUs); // if not, it was pre-warmed
    if (hasRun) unit.idleSinceUs = nowUs;
    decision.limitsOthers = true;
    decision.keepUs = hasRun && prewarmUs > 0 ? 0 : keepUs;
    if (hasRun && prewarmUs > 0) decision.prewarmAfterUs = prewarmUs;
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
  if (idleTimes.binCountCv() < REPRESENTATIVE_CV) return { prewarmUs: 0, keepUs: RANGE_US };
  const headUs = idleTimes.percentileBin(HEAD) * US_PER_MINUTE;
  const tailUs = (idleTimes.percentileBin(TAIL) + 1) * US_PER_MINUTE;
  const prewarmUs = Math.floor(headUs * (1 - HISTOGRAM_MARGIN));
  return { prewarmUs, keepUs: Math.floor(tailUs * (1 + HISTOGRAM_MARGIN)) - prewarmUs };
}

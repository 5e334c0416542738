import type { Contention, Correlation, Cost, CostName } from "../../sim/costs/costs.js";

/** What a family of measurements adds to a cost file. */
export interface CostFindings {
  readonly costs: Partial<Readonly<Record<CostName, Cost>>>;
  readonly observed?: Readonly<Record<string, Cost>>;
  readonly contention?: Partial<Contention>;
  readonly correlation?: Correlation;
}

import type { RunSettings } from "../run/run-settings.js";

/** One point of a grid. */
export interface GridPoint {
  /** Its value on each axis that has more than one value. */
  readonly varying: Readonly<Record<string, string>>;
  readonly settings: RunSettings;
}

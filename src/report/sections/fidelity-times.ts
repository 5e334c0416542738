import type { Fidelity, FidelityRun } from "../../results/fidelity-result.js";
import type { Section } from "../section.js";
import type { Cell, Column } from "../table.js";

const TIMES = [
  "startup",
  "queue",
  "provision",
  "install",
  "create",
  "fork",
  "import",
  "load",
  "resume",
  "run",
] as const;
const QUANTILES = ["mean", "p50", "p90", "p99"] as const;

/** Startup, its phases and the run: real next to simulated. */
export function fidelityTimesSection({ policies }: Fidelity): Section {
  return {
    id: "times",
    title: "Times by phase",
    text: "Means over the runs of each backend. The mean of a phase is over the starts that had it: if the numbers of starts differ, different starts are compared.",
    figures: [],
    table: {
      id: "times",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "time", title: "time", unit: "text" },
        { name: "realCount", title: "starts, real", unit: "count" },
        { name: "simCount", title: "simulated", unit: "count" },
        ...QUANTILES.flatMap((quantile): Column[] => [
          { name: `${quantile}Real`, title: `${quantile}, real`, unit: "microseconds" },
          { name: `${quantile}Sim`, title: "simulated", unit: "microseconds" },
        ]),
      ],
      rows: policies.flatMap(({ label, real, sim }) =>
        TIMES.filter((time) => meanOf([...real, ...sim], time, "count") !== 0).map((time) => [
          label,
          time,
          meanOf(real, time, "count"),
          meanOf(sim, time, "count"),
          ...QUANTILES.flatMap((quantile): Cell[] => [
            meanOf(real, time, quantile),
            meanOf(sim, time, quantile),
          ]),
        ]),
      ),
    },
    isTableOpen: true,
    hasFilter: true,
  };
}

function meanOf(
  runs: readonly FidelityRun[],
  time: (typeof TIMES)[number],
  field: (typeof QUANTILES)[number] | "count",
): number {
  return runs.reduce((sum, { timesUs }) => sum + timesUs[time][field], 0) / runs.length;
}

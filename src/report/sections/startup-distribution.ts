import { lineChart } from "../charts/line-chart.js";
import type { Dataset } from "../dataset.js";
import { formatValue } from "../format-cell.js";
import type { Section } from "../section.js";

/** The log axis begins here; what took less, zero included, stands at its beginning. */
const FIRST_US = 1;

/** The distribution of startup times, a curve a run. */
export function startupDistributionSection({ details, detailText }: Dataset): Section {
  const lines = details.map(({ label, style, result }) => {
    const all = result.timesUs.startup.count;
    const points = result.startupEcdfUs.map(({ atMostUs, count }) => ({
      x: Math.max(FIRST_US, atMostUs),
      y: count / all,
      tip: `${label}: ${formatValue(count / all, "ratio")} of starts took at most ${formatValue(atMostUs, "microseconds")}`,
    }));
    return { label, style, points };
  });
  const longestUs = Math.max(10, ...details.map(({ result }) => result.timesUs.startup.max));
  return {
    id: "startup-distribution",
    title: "Startup time",
    text: `${detailText} Share of the starts that took at most a time; a curve further up and left is better. A curve begins at the share that waited for nothing.`,
    figures: [
      {
        caption: null,
        draw: (width) =>
          lineChart(lines, {
            width,
            label: "Empirical distribution of startup times, a curve a policy",
            shape: "steps",
            x: {
              title: "startup time (log scale)",
              kind: "log",
              domain: [FIRST_US, longestUs],
              format: (us) => formatValue(us, "microseconds"),
            },
            y: {
              title: "share of starts (%)",
              kind: "linear",
              domain: [0, 1],
              format: (share) => formatValue(share, "ratio"),
            },
          }),
      },
    ],
    table: {
      id: "startup-distribution",
      columns: [
        { name: "policy", title: "policy", unit: "text" },
        { name: "atMostUs", title: "startup at most", unit: "microseconds" },
        { name: "starts", title: "starts", unit: "count" },
        { name: "share", title: "share of starts", unit: "ratio" },
      ],
      rows: details.flatMap(({ label, result }) =>
        result.startupEcdfUs.map(({ atMostUs, count }) => [
          label,
          atMostUs,
          count,
          count / result.timesUs.startup.count,
        ]),
      ),
    },
    isTableOpen: false,
  };
}

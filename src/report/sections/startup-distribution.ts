import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";
import { longestStartupUs, startupChart } from "../startup-chart.js";

/** The distribution of startup times, one curve per run. */
export function startupDistributionSection({ details, detailText }: Dataset): Section {
  const curves = details.map(({ label, style, result }) => ({ label, style, run: result }));
  const longestUs = longestStartupUs(details.map(({ result }) => result));
  return {
    id: "startup-distribution",
    title: "Startup time",
    text: `${detailText} Share of the starts that took at most a given time; a curve further up and left is better. A curve begins at the share that did not wait.`,
    figures: [
      {
        caption: null,
        draw: (width) =>
          startupChart(curves, {
            width,
            label: "Empirical distribution of startup times, one curve per policy",
            longestUs,
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

import type { Dataset } from "../dataset.js";
import type { Section } from "../section.js";
import { startupChart, startupRange } from "../startup-chart.js";

/** The distribution of startup times, one curve per run. */
export function startupDistributionSection({ details, detailText }: Dataset): Section {
  const curves = details.map(({ label, style, result }) => ({ label, style, run: result }));
  const range = startupRange(details.map(({ result }) => result));
  return {
    id: "startup-distribution",
    title: "Startup time",
    text: `${detailText} Share of the starts that took longer than a given time; a lower curve is better. A curve begins at the share that waited at all. The table has the shares that took at most a given time.`,
    figures: [
      {
        id: "startup-distribution",
        caption: null,
        chart: startupChart(
          curves,
          range,
          "Complementary distribution of startup times, one curve per policy",
        ),
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

import { METRICS } from "../../results/metrics.js";
import { configurationCells, configurationColumns, estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatValue } from "../format-cell.js";
import type { Section } from "../section.js";

const TIERS = [
  { title: "handler cache", tier: "handler" },
  { title: "import cache (Zygotes)", tier: "import" },
  { title: "install cache", tier: "install" },
] as const;
const RATIOS = METRICS.filter(({ name }) => name.endsWith("HitRatio"));

/**
 * The hit ratio of each of the three caches at the one memory size; undefined: there are several, and
 * the curves show them.
 */
export function hitRatiosSection({
  configurations,
  details,
  detailText,
}: Dataset): Section | undefined {
  if (new Set(configurations.map(({ memoryBytes }) => memoryBytes)).size > 1) return undefined;
  const groups = TIERS.map(({ title, tier }) => ({
    title,
    bars: details.flatMap(({ label, style, result }) => {
      const value = result.tiers[tier].hitRatio;
      return value === null ? [] : [{ label, style, value }];
    }),
  })).filter(({ bars }) => bars.length > 0);
  return {
    id: "hit-ratios",
    title: "Cache hit ratios",
    text: `${detailText} Every invocation looks up the handler cache. One for which a container is begun looks up the import cache once, and the install cache once for each package that it needs from disk. The table has the means over the seeds of every configuration.`,
    figures: [
      {
        id: "hit-ratios",
        caption: null,
        chart: {
          kind: "groups",
          data: groups,
          options: {
            label: "Hit ratios of the three caches, one bar per policy",
            x: {
              title: "hits (% of lookups)",
              kind: "linear",
              domain: [0, 1],
              format: (ratio) => formatValue(ratio, "ratio"),
            },
          },
        },
      },
    ],
    table: {
      id: "hit-ratios",
      columns: [
        ...configurationColumns,
        ...RATIOS.map(({ name, title, unit }) => ({ name, title, unit })),
      ],
      rows: configurations.map((each) => [
        ...configurationCells(each),
        ...RATIOS.map((metric) => estimate(each, metric)),
      ]),
    },
    isTableOpen: false,
  };
}

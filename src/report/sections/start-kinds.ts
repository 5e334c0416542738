import type { Metric, ResultHead } from "../../results/metrics.js";
import { configurationCells, configurationColumns, estimate } from "../configuration-cells.js";
import type { Dataset } from "../dataset.js";
import { formatMemory, formatValue } from "../format-cell.js";
import { areaStyle } from "../palette.js";
import type { Section } from "../section.js";

/**
 * The largest number of memory sizes of which each has its drawing. If there are more, only the
 * size of the first run shown in detail is drawn.
 */
const MAX_DRAWN = 3;

type Starts = ResultHead["invocations"];

const COLD = kind("cold", areaStyle(1), ({ cold }) => cold);
const KINDS = [
  kind("warm", areaStyle(5), ({ warm }) => warm),
  kind("resumed", areaStyle(0, "rising"), ({ resumed }) => resumed),
  kind("delayed-warm", areaStyle(2), ({ delayedWarm }) => delayedWarm),
  kind("zygote", areaStyle(4, "falling"), ({ zygote }) => zygote),
  kind("zygote-built", areaStyle(3, "rising"), ({ zygoteBuilt }) => zygoteBuilt),
  kind("root-zygote", areaStyle(6, "dotted"), ({ rootZygote }) => rootZygote),
  COLD,
  kind("not started", areaStyle(7, "crossed"), ({ total, ...ends }) => {
    const { warm, resumed, delayedWarm, zygote, zygoteBuilt, rootZygote, cold } = ends;
    return total - warm - resumed - delayedWarm - zygote - zygoteBuilt - rootZygote - cold;
  }),
];

/** How invocations started, one bar per configuration. */
export function startKindsSection({ configurations, groups, details }: Dataset): Section {
  const detailed = groups.filter((group) =>
    group.some(({ results }) => results.includes(details[0].result)),
  );
  const drawn = groups.length <= MAX_DRAWN ? groups : detailed;
  const present = KINDS.filter(({ metric }) =>
    drawn.flat().some((each) => (estimate(each, metric)?.value ?? 0) > 0),
  );
  const layers = present.map(({ name, style }) => ({ name, style }));
  return {
    id: "start-kinds",
    title: "How invocations started",
    text:
      "Shares of all invocations, as means over the seeds. Warm: in an idle container; resumed: in a paused one; delayed-warm: waited " +
      "for a busy one; zygote: forked from a ready Zygote with packages; zygote-built: waited until a Zygote was made; root-zygote: from the root Zygote, which has none; cold: in a new interpreter, without a Zygote.",
    figures: drawn.map((group, at) => ({
      id: `start-kinds-${at}`,
      caption: `memory ${[...new Set(group.map((each) => formatMemory(each.memoryBytes)))].join(", ")}`,
      chart: {
        kind: "stacks",
        data: group.map((configuration) => {
          const parts = present.map(({ metric }) => estimate(configuration, metric)?.value ?? 0);
          const cold = estimate(configuration, COLD.metric)?.value ?? 0;
          const note = `${formatValue(cold, "ratio")} cold`;
          return { label: configuration.label, note, parts };
        }),
        options: {
          label: "Share of invocations by how they started, one bar per policy",
          layers,
          x: {
            title: "share of invocations (%)",
            kind: "linear",
            domain: [0, 1],
            format: (share) => formatValue(share, "ratio"),
          },
        },
      },
    })),
    table: {
      id: "start-kinds",
      columns: [
        ...configurationColumns,
        ...KINDS.map(({ name }) => ({ name, title: name, unit: "ratio" as const })),
      ],
      rows: configurations.map((configuration) => [
        ...configurationCells(configuration),
        ...KINDS.map(({ metric }) => estimate(configuration, metric)),
      ]),
    },
    isTableOpen: false,
  };
}

function kind(
  name: string,
  style: ReturnType<typeof areaStyle>,
  count: (starts: Starts) => number,
) {
  const metric: Metric = {
    name,
    title: name,
    unit: "ratio",
    better: "lower",
    of: ({ invocations }) =>
      invocations.total === 0 ? null : count(invocations) / invocations.total,
  };
  return { name, style, metric };
}

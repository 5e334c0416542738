import type { BenchResult } from "../../results/bench-result.js";
import { formatValue } from "../format-cell.js";
import type { Section } from "../section.js";
import type { Cell } from "../table.js";

/** Our contenders compared with others, for all benches, with the paper's values. */
export function ratiosSection(results: readonly BenchResult[]): Section {
  const ratios = results.flatMap(({ bench, ratios: each }) =>
    each.map((ratio) => ({ bench, ...ratio })),
  );
  const bars = ratios.flatMap(({ title, ours, peer, ratio, low, high, paper }, style) =>
    ratio === null || low === null || high === null
      ? []
      : [
          {
            label: `${title}: ${ours} against ${peer}`,
            style: results.findIndex(({ bench }) => bench === ratios[style].bench),
            value: ratio,
            low,
            high,
            mark: paper ?? undefined,
            note: formatValue(ratio, "factor"),
            tip: `${title}: ${formatValue(ratio, "factor")} (${formatValue(low, "factor")} to ${formatValue(high, "factor")})${paper === null ? "" : `; the paper: ${paper}x`}`,
          },
        ],
  );
  const ends = bars.flatMap(({ low, high }) => [low, high]).filter((end) => end > 0);
  const papers = bars.flatMap(({ mark }) => mark ?? []);
  const domain = [Math.min(0.9, ...ends, ...papers), Math.max(2, ...ends, ...papers)] as const;
  return {
    id: "ratios",
    title: "How many times better",
    text:
      "The peer's median divided by ours, or ours divided by the peer's if more is better. Above 1 ours is better. Whiskers show the range that " +
      "the 95 % intervals of both medians allow. A triangle below a bar is the paper's value (SOCK, Oakes et al., USENIX ATC 2018), measured on the paper's machine.",
    figures:
      bars.length === 0
        ? []
        : [
            {
              id: "ratios",
              caption: null,
              chart: {
                kind: "whiskers",
                data: bars,
                options: {
                  origin: 1,
                  label: "How many times better ours is, one bar per comparison",
                  x: {
                    title: "times better (log scale)",
                    kind: "log",
                    domain,
                    format: (value) => formatValue(value, "factor"),
                  },
                },
              },
            },
          ],
    table: {
      id: "ratios",
      columns: [
        { name: "bench", title: "bench", unit: "text" },
        { name: "title", title: "times better", unit: "text" },
        { name: "ours", title: "ours", unit: "text" },
        { name: "peer", title: "against", unit: "text" },
        { name: "ratio", title: "ratio", unit: "factor" },
        { name: "low", title: "at least", unit: "factor" },
        { name: "high", title: "at most", unit: "factor" },
        { name: "paper", title: "paper", unit: "factor" },
        { name: "aim", title: "aim", unit: "factor" },
      ],
      rows: ratios.map(({ bench, title, ours, peer, ratio, low, high, paper, aim }): Cell[] => [
        bench,
        title,
        ours,
        peer,
        ratio,
        low,
        high,
        paper,
        aim,
      ]),
    },
    isTableOpen: true,
  };
}

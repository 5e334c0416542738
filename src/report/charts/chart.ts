import { type AreaOptions, type AreaPanel, areaPanels } from "./area-panels.js";
import { type BarGroup, type BarOptions, barGroups } from "./bar-groups.js";
import { type HeatOptions, type HeatRow, heatMap } from "./heat-map.js";
import { type Line, type LineOptions, lineChart } from "./line-chart.js";
import type { Paper } from "./paper.js";
import { type StackedBar, type StackedOptions, stackedBars } from "./stacked-bars.js";
import { type ChartNode, type TreeOptions, treeChart } from "./tree-chart.js";
import { type WhiskerBar, type WhiskerOptions, whiskerBars } from "./whisker-bars.js";

/** What a drawing shows, as data: it can be drawn on any paper, and described to other programs. */
export type Chart =
  | { readonly kind: "lines"; readonly data: readonly Line[]; readonly options: LineOptions }
  | { readonly kind: "areas"; readonly data: readonly AreaPanel[]; readonly options: AreaOptions }
  | { readonly kind: "heat"; readonly data: readonly HeatRow[]; readonly options: HeatOptions }
  | { readonly kind: "groups"; readonly data: readonly BarGroup[]; readonly options: BarOptions }
  | {
      readonly kind: "stacks";
      readonly data: readonly StackedBar[];
      readonly options: StackedOptions;
    }
  | {
      readonly kind: "whiskers";
      readonly data: readonly WhiskerBar[];
      readonly options: WhiskerOptions;
    }
  | { readonly kind: "tree"; readonly data: readonly ChartNode[]; readonly options: TreeOptions };

export function drawChart(chart: Chart, paper: Paper): string {
  switch (chart.kind) {
    case "lines":
      return lineChart(chart.data, chart.options, paper);
    case "areas":
      return areaPanels(chart.data, chart.options, paper);
    case "heat":
      return heatMap(chart.data, chart.options, paper);
    case "groups":
      return barGroups(chart.data, chart.options, paper);
    case "stacks":
      return stackedBars(chart.data, chart.options, paper);
    case "whiskers":
      return whiskerBars(chart.data, chart.options, paper);
    case "tree":
      return treeChart(chart.data, chart.options, paper);
  }
}

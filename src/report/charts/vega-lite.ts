import { LIGHT_COLOURS, lineColour } from "../palette.js";
import type { AreaOptions, AreaPanel } from "./area-panels.js";
import { type AxisOptions, labelledTicks } from "./axis.js";
import type { BarGroup, BarOptions } from "./bar-groups.js";
import type { Chart } from "./chart.js";
import type { HeatOptions, HeatRow } from "./heat-map.js";
import type { Line, LineOptions } from "./line-chart.js";
import type { StackedBar, StackedOptions } from "./stacked-bars.js";
import type { ChartNode, TreeOptions } from "./tree-chart.js";
import type { WhiskerBar, WhiskerOptions } from "./whisker-bars.js";

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

type Values = readonly Readonly<Record<string, unknown>>[];
type Spec = Readonly<Record<string, unknown>>;

/**
 * A chart as a Vega-Lite specification with its data inside, for changes that an SVG does not
 * allow. Numbers are in the units of the data: microseconds, bytes, ratios.
 */
export function vegaLite(chart: Chart): Spec {
  const { label } = chart.options;
  return { $schema: SCHEMA, description: label, width: 480, height: 280, ...specOf(chart) };
}

function specOf(chart: Chart): Spec {
  switch (chart.kind) {
    case "lines":
      return linesSpec(chart.data, chart.options);
    case "areas":
      return areasSpec(chart.data, chart.options);
    case "heat":
      return heatSpec(chart.data, chart.options);
    case "groups":
      return groupsSpec(chart.data, chart.options);
    case "stacks":
      return stacksSpec(chart.data, chart.options);
    case "whiskers":
      return whiskersSpec(chart.data, chart.options);
    case "tree":
      return treeSpec(chart.data, chart.options);
  }
}

function linesSpec(lines: readonly Line[], { x, y, shape, guide = [] }: LineOptions): Spec {
  const values = lines.flatMap(({ label, points }) =>
    points.map(({ x: at, y: value, low = null, high = null, isBroken = false }) => ({
      ...{ series: label, x: at, y: value, low, high, isComparable: !isBroken },
    })),
  );
  const colour = colourOf(
    "series",
    lines.map(({ label, style }) => [label, lineColour(style)] as const),
  );
  const at = { x: axisOf("x", x), color: colour };
  const line = {
    transform: [{ filter: "datum.isComparable" }],
    mark: { type: "line", interpolate: shape === "steps" ? "step-after" : "linear" },
    encoding: { ...at, y: axisOf("y", y) },
  };
  const marks = {
    mark: { type: "point", size: 40 },
    encoding: {
      ...at,
      y: axisOf("y", y),
      shape: { field: "series" },
      fillOpacity: { condition: { test: "datum.isComparable", value: 1 }, value: 0 },
      fill: colour,
    },
  };
  const intervals = {
    transform: [{ filter: "isValid(datum.low)" }],
    mark: "rule",
    encoding: { ...at, y: { ...axisOf("y", y), field: "low" }, y2: { field: "high" } },
  };
  const frontier = {
    data: { values: guide.map((point) => ({ x: point.x, y: point.y })) },
    mark: { type: "line", strokeDash: [5, 4], color: "black" },
    encoding: { x: axisOf("x", x), y: axisOf("y", y) },
  };
  return {
    data: { values },
    layer: [
      ...(guide.length === 0 ? [] : [frontier]),
      ...(shape === "marks" ? [] : [line]),
      ...(shape === "steps" ? [] : [intervals, marks]),
    ],
  };
}

function areasSpec(panels: readonly AreaPanel[], { layers, x, y, limit }: AreaOptions): Spec {
  const values = panels.flatMap(({ label, points }) =>
    points.flatMap(({ x: at, parts }) =>
      parts.map((value, layer) => ({ ...{ panel: label, x: at, layer, value } })),
    ),
  );
  const names = layers.map(({ name }) => name);
  const rule = { mark: { type: "rule", strokeDash: [5, 4] }, encoding: { y: { datum: limit } } };
  const area = {
    mark: "area",
    encoding: {
      x: axisOf("x", x),
      y: { ...axisOf("value", y), stack: "zero" },
      color: { field: "part", type: "nominal", title: null, sort: names },
      order: { field: "layer" },
    },
  };
  return {
    width: undefined,
    height: undefined,
    data: { values: values.map((each) => ({ ...each, part: names[each.layer] })) },
    facet: { field: "panel", type: "nominal", title: null, sort: panels.map(({ label }) => label) },
    columns: 3,
    spec: { width: 200, height: 110, layer: limit === null ? [area] : [area, rule] },
  };
}

function heatSpec(rows: readonly HeatRow[], { columns, title, better }: HeatOptions): Spec {
  const values = rows.flatMap(({ label, cells }) =>
    cells.flatMap((cell, at) =>
      cell === undefined
        ? []
        : [{ row: label, column: columns[at], value: cell.value, text: cell.text }],
    ),
  );
  const place = {
    x: { field: "column", type: "nominal", title: null, sort: columns },
    y: { field: "row", type: "nominal", title: null, sort: rows.map(({ label }) => label) },
  };
  const scale = { scheme: "blues", reverse: better === "lower" };
  const colour = { field: "value", type: "quantitative", title, scale };
  return {
    height: undefined,
    data: { values },
    encoding: place,
    layer: [
      { mark: "rect", encoding: { color: colour } },
      { mark: { type: "text" }, encoding: { text: { field: "text" } } },
    ],
  };
}

function groupsSpec(groups: readonly BarGroup[], { x }: BarOptions): Spec {
  const bars = groups.flatMap(({ title, bars: each }) =>
    each.map(({ label, value }) => ({ group: title, series: label, value })),
  );
  return barSpec(bars, x, { row: { field: "group", type: "nominal", title: null } });
}

function stacksSpec(bars: readonly StackedBar[], { x, layers }: StackedOptions): Spec {
  const names = layers.map(({ name }) => name);
  const values = bars.flatMap(({ label, parts }) =>
    parts.map((value, layer) => ({ series: label, part: names[layer], layer, value })),
  );
  return barSpec(values, x, {
    color: { field: "part", type: "nominal", title: null, sort: names },
    order: { field: "layer" },
  });
}

function whiskersSpec(bars: readonly WhiskerBar[], { x, origin }: WhiskerOptions): Spec {
  const values = bars.map(({ label, value, low, high, mark = null }) => ({
    ...{ series: label, value, low, high, mark, origin: origin ?? x.domain[0] },
  }));
  const sort = bars.map(({ label }) => label);
  const y = { field: "series", type: "nominal", title: null, sort };
  const at = (field: string) => axisOf(field, x);
  return {
    height: { step: 22 },
    data: { values },
    layer: [
      { mark: "bar", encoding: { y, x: at("origin"), x2: { field: "value" } } },
      { mark: "rule", encoding: { y, x: at("low"), x2: { field: "high" } } },
      {
        transform: [{ filter: "isValid(datum.mark)" }],
        mark: { type: "tick", color: "black", thickness: 2 },
        encoding: { y, x: at("mark") },
      },
    ],
  };
}

function treeSpec(nodes: readonly ChartNode[], { sizeTitle }: TreeOptions): Spec {
  const values = nodes.map(({ label, parent, depth, size, uses }, id) => ({
    ...{ id, parent, depth, name: label, size, uses },
  }));
  const sort = values.map(({ id }) => id);
  return {
    height: { step: 18 },
    data: { values },
    mark: "bar",
    encoding: {
      y: { field: "id", type: "ordinal", title: null, sort },
      x: { field: "size", type: "quantitative", title: sizeTitle },
      tooltip: [{ field: "name" }, { field: "uses" }],
    },
  };
}

function barSpec(values: Values, x: AxisOptions, more: Spec): Spec {
  const y = { field: "series", type: "nominal", title: null, sort: null };
  return {
    height: { step: 22 },
    data: { values },
    mark: "bar",
    encoding: { y, x: axisOf("value", x), ...more },
  };
}

/** An axis with the ticks and labels of the drawing; the data stays in its unit. */
function axisOf(field: string, options: AxisOptions): Spec {
  const { title, kind, constant, domain, format } = options;
  const scale = { type: kind, constant, domain, nice: false, clamp: true };
  const values = labelledTicks(options);
  const labels = Object.fromEntries(values.map((value) => [String(value), format(value)]));
  const labelExpr = `(${JSON.stringify(labels)})[datum.value]`;
  const axis = { values, labelExpr, labelOverlap: true };
  return { field, type: "quantitative", title, scale, axis };
}

function colourOf(field: string, colours: readonly (readonly [string, number])[]): Spec {
  const domain = colours.map(([name]) => name);
  const range = colours.map(([, colour]) => LIGHT_COLOURS[colour]);
  return { field, type: "nominal", title: null, scale: { domain, range } };
}

import { expect, test } from "vitest";
import type { AxisOptions } from "../../src/report/charts/axis.js";
import { barGroups } from "../../src/report/charts/bar-groups.js";
import { lineChart } from "../../src/report/charts/line-chart.js";
import { stackedArea } from "../../src/report/charts/stacked-area.js";
import { stackedBars } from "../../src/report/charts/stacked-bars.js";
import { treeChart } from "../../src/report/charts/tree-chart.js";
import { areaStyle } from "../../src/report/palette.js";

const LINEAR: AxisOptions = { title: "x (s)", kind: "linear", domain: [0, 100], format: String };
const SHARE: AxisOptions = { ...LINEAR, title: "y (%)", domain: [0, 1] };

/** Numbers of an attribute of all elements of one name, in order. */
function numbersOf(svg: string, name: string, attribute: string): number[] {
  const elements = svg.match(new RegExp(`<${name} [^>]*>`, "g")) ?? [];
  return elements.flatMap((text) => {
    const found = new RegExp(` ${attribute}="([-\\d.]+)"`).exec(text);
    return found === null ? [] : [Number(found[1])];
  });
}

test("bars are as long as their parts: 25 and 75 of 100 on 448 px are 112 and 336 px", () => {
  const layers = [
    { name: "warm", style: areaStyle(0) },
    { name: "cold", style: areaStyle(1) },
  ];
  const bars = [{ label: "sock", note: "75 cold", parts: [25, 75] }];
  const svg = stackedBars(bars, { width: 500, label: "starts", layers, x: LINEAR });
  expect(numbersOf(svg, "rect", "width").slice(-2)).toEqual([112, 336]); // 500 - 2 x 26 = 448
  expect(numbersOf(svg, "rect", "x").slice(-2)).toEqual([26, 138]);
  expect(svg).toContain("<title>sock: cold 75</title>");
  expect(svg).toContain(">x (s)</text>");
});

test("a part of 0 draws nothing", () => {
  const layers = [{ name: "warm", style: areaStyle(0, "rising") }];
  const bars = [{ label: "sock", note: "", parts: [0] }];
  const svg = stackedBars(bars, { width: 500, label: "starts", layers, x: LINEAR });
  expect(svg).not.toContain("<title>sock: warm");
});

test("on a log axis each decade is as wide as the next, and 0 is at the beginning", () => {
  const points = [0, 1, 10, 100].map((x) => ({ x, y: 0.5, tip: `at ${x}` }));
  const svg = lineChart([{ label: "sock", style: 0, points }], {
    width: 482, // 482 - 64 - 18 = 400 px, 200 per decade
    label: "times",
    shape: "lines",
    x: { ...LINEAR, kind: "log", domain: [1, 100] },
    y: SHARE,
  });
  expect(numbersOf(svg, "circle", "cx")).toEqual([64, 64, 264, 464]);
  expect(svg).toContain("<title>at 10</title>");
});

test("an interval is drawn between its bounds, and a point without one has no line", () => {
  const options = { width: 482, label: "", shape: "lines", x: LINEAR, y: SHARE } as const;
  const draw = (low: number | null, high: number | null) =>
    lineChart([{ label: "a", style: 0, points: [{ x: 50, y: 0.5, low, high, tip: "" }] }], options);
  expect(draw(0.25, 0.75)).toMatch(/d="M264 224V104/); // top 44, 240 px high: 284 - 60 and 284 - 180
  expect(draw(null, null)).not.toContain('class="interval"');
});

test("areas are drawn on top of each other up to their sum", () => {
  const layers = [
    { name: "running", style: areaStyle(0) },
    { name: "idle", style: areaStyle(1) },
  ];
  const points = [0, 100].map((x) => ({ x, parts: [25, 50], tip: `minute ${x}` }));
  const svg = stackedArea(points, {
    ...{ width: 482, label: "", layers, limit: 100 },
    x: LINEAR,
    y: { ...LINEAR, title: "memory (MiB)" },
  });
  // top 44, 130 px for 100: 174 - 32.5 and 174 - 97.5
  expect(svg).toContain("M64,141.5L464,141.5L464,174L64,174Z");
  expect(svg).toContain("M64,76.5L464,76.5L464,141.5L64,141.5Z");
  expect(svg).toContain("<title>limit 100</title>");
});

test("a ratio without lookups is text and not a bar", () => {
  const bars = [
    { label: "sock", style: 0, value: 50 },
    { label: "none", style: 1, value: null },
  ];
  const svg = barGroups([{ title: "import", bars }], { width: 452, label: "", x: LINEAR });
  expect(numbersOf(svg, "rect", "width")).toEqual([200, 0]); // 452 - 2 x 26 = 400
  expect(svg).toContain("never looked up");
});

test("a child is one step to the right of its parent, and bars are relative to the largest", () => {
  const node = { tip: "", size: 10, uses: 0 };
  const nodes = [
    { ...node, label: "root", parent: null, depth: 0 },
    { ...node, label: "numpy", parent: 0, depth: 1, size: 5, uses: 8 },
  ];
  const svg = treeChart(nodes, {
    ...{ width: 1000, label: "", sizeTitle: "memory", useTitle: "forks" },
    ...{ formatSize: String, formatUse: String },
  });
  expect(numbersOf(svg, "circle", "cx")).toEqual([5, 19]);
  // Columns have 230 px. The number needs 58 of them, so the largest bar has 172.
  expect(numbersOf(svg, "rect", "width")).toEqual([172, 0, 0, 86, 172, 172]);
});

test("a name from a trace cannot become markup", () => {
  const evil = `<script>alert("x")</script>&'`;
  const bars = [{ label: evil, note: evil, parts: [1] }];
  const layers = [{ name: evil, style: areaStyle(0) }];
  const svg = stackedBars(bars, { width: 500, label: evil, layers, x: LINEAR });
  expect(svg).not.toContain("<script");
  expect(svg).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;");
});

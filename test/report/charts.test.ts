import { expect, test } from "vitest";
import { areaPanels } from "../../src/report/charts/area-panels.js";
import type { AxisOptions } from "../../src/report/charts/axis.js";
import { barGroups } from "../../src/report/charts/bar-groups.js";
import { heatMap } from "../../src/report/charts/heat-map.js";
import { lineChart, mergeEqualLines } from "../../src/report/charts/line-chart.js";
import { stackedBars } from "../../src/report/charts/stacked-bars.js";
import { treeChart } from "../../src/report/charts/tree-chart.js";
import { areaStyle } from "../../src/report/palette.js";

const paper = (widthPx: number) => ({ widthPx, textPx: 11.5 });
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
  const svg = stackedBars(bars, { label: "starts", layers, x: LINEAR }, paper(500));
  expect(numbersOf(svg, "rect", "width").slice(-2)).toEqual([112, 336]); // 500 - 2 x 26 = 448
  expect(numbersOf(svg, "rect", "x").slice(-2)).toEqual([26, 138]);
  expect(svg).toContain("<title>sock: cold 75</title>");
  expect(svg).toContain(">x (s)</text>");
});

test("a part of 0 draws nothing", () => {
  const layers = [{ name: "warm", style: areaStyle(0, "rising") }];
  const bars = [{ label: "sock", note: "", parts: [0] }];
  const svg = stackedBars(bars, { label: "starts", layers, x: LINEAR }, paper(500));
  expect(svg).not.toContain("<title>sock: warm");
});

test("on a log axis each decade is as wide as the next, and 0 is at the beginning", () => {
  const points = [0, 1, 10, 100].map((x) => ({ x, y: 0.5, tip: `at ${x}` }));
  const options = {
    label: "times",
    shape: "lines",
    y: SHARE,
    x: { ...LINEAR, kind: "log", domain: [1, 100] },
  } as const;
  const svg = lineChart([{ label: "sock", style: 0, points }], options, paper(492));
  // 492 - 64 - 28 = 400 px, 200 per decade
  expect(numbersOf(svg, "circle", "cx")).toEqual([64, 64, 264, 464]);
  expect(svg).toContain("<title>at 10</title>");
});

test("an interval is drawn between its bounds, and a point without one has no line", () => {
  const options = { label: "", shape: "lines", x: LINEAR, y: SHARE } as const;
  const draw = (low: number | null, high: number | null) =>
    lineChart(
      [{ label: "a", style: 0, points: [{ x: 50, y: 0.5, low, high, tip: "" }] }],
      options,
      paper(492),
    );
  expect(draw(0.25, 0.75)).toMatch(/d="M264 224V104/); // top 44, 240 px high: 284 - 60 and 284 - 180
  expect(draw(null, null)).not.toContain('class="interval"');
});

test("areas are drawn on top of each other up to their sum, in panels with the same axes", () => {
  const layers = [
    { name: "running", style: areaStyle(0) },
    { name: "idle", style: areaStyle(1) },
  ];
  const points = [0, 100].map((x) => ({ x, parts: [25, 50], tip: `minute ${x}` }));
  const panels = ["a", "b"].map((label) => ({ label, series: [label], points }));
  const svg = areaPanels(
    panels,
    {
      ...{ label: "", layers, limit: 100, x: LINEAR },
      y: { ...LINEAR, title: "memory (MiB)", ticks: [0, 100] },
    },
    paper(474), // 474 - 46 for labels - 2 x 14 between panels = 2 panels of 200 px
  );
  // A panel is 110 px high: 25 of 100 are 27.5 px, 75 are 82.5 px.
  expect(svg).toContain("M46,142.5L246,142.5L246,170L46,170Z");
  expect(svg).toContain("M46,87.5L246,87.5L246,142.5L46,142.5Z");
  expect(svg).toContain("M260,142.5L460,142.5L460,170L260,170Z");
  expect(svg.match(/<title>limit 100<\/title>/g)).toHaveLength(2);
  expect(svg.match(/>100<\/text>/g)).toHaveLength(3); // one left axis, two bottom axes
});

test("a broken point has a hollow mark and no line, so the curve begins after it", () => {
  const points = [0, 50, 100].map((x) => ({ x, y: 0.5, tip: "", isBroken: x === 0 }));
  const options = { label: "", shape: "lines", x: LINEAR, y: SHARE } as const;
  const svg = lineChart([{ label: "a", style: 0, points }], options, paper(492));
  expect(svg).toContain('d="M264,164L464,164"'); // and not from 64
  expect(svg.match(/class="broken"/g)).toHaveLength(1);
});

test("equal curves are one curve with both names, and a curve that differs in one point is not merged", () => {
  const line = (label: string, y: number) => ({
    ...{ label, style: 0 },
    points: [0, 1].map((x) => ({ x, y: x === 0 ? 1 : y, tip: label })),
  });
  const merged = mergeEqualLines([line("a", 2), line("b", 2), line("c", 3)]);
  expect(merged.map(({ label, series }) => [label, series])).toEqual([
    ["a = b", ["a", "b"]],
    ["c", ["c"]],
  ]);
  const most = mergeEqualLines([line("a", 2), line("b", 2), line("d", 2), line("c", 3)]);
  expect(most.map(({ label }) => label)).toEqual(["all except c", "c"]);
});

test("on a log axis of less than two decades 2 and 5 have labels, and all multiples have lines", () => {
  const x: AxisOptions = { ...LINEAR, kind: "log", domain: [1, 50] };
  const options = { label: "", shape: "lines", x, y: SHARE } as const;
  const svg = lineChart([], options, paper(592));
  for (const label of ["1", "2", "5", "10", "20", "50"]) expect(svg).toContain(`>${label}</text>`);
  expect(svg.match(/V\d+" class="minor"/g)).toHaveLength(8); // 3, 4, 6 to 9; 30, 40
});

test("0 has a place on a symlog axis, which a log axis does not have", () => {
  const y: AxisOptions = { ...LINEAR, kind: "symlog", constant: 10, domain: [0, 1000] };
  const points = [0, 10, 1000].map((value, x) => ({ x, y: value, tip: "" }));
  const options = { label: "", shape: "lines", x: LINEAR, y } as const;
  const svg = lineChart([{ label: "a", style: 0, points }], options, paper(492));
  const [zero, ten, most] = numbersOf(svg, "circle", "cy");
  expect([zero, most]).toEqual([284, 44]); // 240 px
  // d3's symlog is log(1 + y / constant): log 2 of log 101.
  expect((zero - ten) / 240).toBeCloseTo(Math.log(2) / Math.log(101), 2);
});

test("the darkest cell of a heat map has the best value, and what lost too much is hatched", () => {
  const cell = (value: number | null) => ({ value, text: String(value ?? "lost 5 %"), tip: "" });
  const rows = [{ label: "a", cells: [cell(10), cell(20), cell(null)] }];
  const options = { label: "", title: "", columns: ["1", "2", "3"] };
  const shades = (better: "lower" | "higher") =>
    numbersOf(heatMap(rows, { ...options, better }, paper(500)), "rect", "fill-opacity");
  expect(shades("lower")).toEqual([0.85, 0.06]);
  expect(shades("higher")).toEqual([0.06, 0.85]);
  expect(heatMap(rows, { ...options, better: "lower" }, paper(500))).toContain('class="missing"');
});

test("a line of text that is wider than its cell of a heat map is smaller, so that it ends within it", () => {
  // 108 px, of which the name "a" takes 0.6 x 11.5 + 8 = 14.9: three cells of 31 px. "1,234" needs
  // 5 x 0.54 x 11.5 = 31 px, so it has 11.5 x 29 / 31 = 10.8 px; "GB" and "1" have the usual size.
  const cell = { value: 1, text: "1,234 GB", tip: "" };
  const options = { label: "", title: "", columns: ["1", "2", "3"], better: "lower" as const };
  const svg = heatMap([{ label: "a", cells: [cell, cell, cell] }], options, paper(108));
  expect(numbersOf(svg, "text", "font-size")).toEqual([10.8, 10.8, 10.8]);
});

test("a bar is as long as its ratio: 50 of 100 on 400 px are 200 px", () => {
  const bars = [{ label: "sock", style: 0, value: 50 }];
  const svg = barGroups([{ title: "import", bars }], { label: "", x: LINEAR }, paper(452));
  expect(numbersOf(svg, "rect", "width")).toEqual([200]); // 452 - 2 x 26 = 400
});

test("a child is one step to the right of its parent, and bars are relative to the largest", () => {
  const node = { tip: "", size: 10, uses: 0 };
  const nodes = [
    { ...node, label: "root", parent: null, depth: 0 },
    { ...node, label: "numpy", parent: 0, depth: 1, size: 5, uses: 8 },
  ];
  const options = {
    ...{ label: "", sizeTitle: "memory", useTitle: "forks" },
    ...{ formatSize: String, formatUse: String },
  };
  const svg = treeChart(nodes, options, paper(1000));
  expect(numbersOf(svg, "circle", "cx")).toEqual([5, 19]);
  // Columns have 230 px. The number needs 58 of them, so the largest bar has 172.
  expect(numbersOf(svg, "rect", "width")).toEqual([172, 0, 0, 86, 172, 172]);
});

test("a name from a trace cannot become markup", () => {
  const evil = `<script>alert("x")</script>&'`;
  const bars = [{ label: evil, note: evil, parts: [1] }];
  const layers = [{ name: evil, style: areaStyle(0) }];
  const svg = stackedBars(bars, { label: evil, layers, x: LINEAR }, paper(500));
  expect(svg).not.toContain("<script");
  expect(svg).toContain("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;");
});

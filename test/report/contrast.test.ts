import { expect, test } from "vitest";
import { heatMap } from "../../src/report/charts/heat-map.js";
import { blend, contrastOf, readableOn } from "../../src/report/contrast.js";
import { DARK, LIGHT } from "../../src/report/drawing-style.js";

test("the contrast of black and white is 21, that of #767676 on white 4.54, as WCAG's examples say", () => {
  expect(contrastOf("#000000", "#ffffff")).toBeCloseTo(21, 10);
  expect(contrastOf("#ffffff", "#767676")).toBeCloseTo(4.54, 2);
  expect(blend("#000000", "#ffffff", 0.5)).toBe("#808080");
  expect([readableOn("#ffffff"), readableOn("#15171a")]).toEqual(["black", "white"]);
});

test("the text of every cell of a heat map has a contrast of at least 4.5, in light and in dark", () => {
  const cells = Array.from({ length: 101 }, (_, value) => ({ value, text: "cell", tip: "" }));
  const options = { label: "", title: "", columns: cells.map(() => ""), better: "lower" as const };
  const svg = heatMap([{ label: "a", cells }], options, { widthPx: 9000, textPx: 11.5 });
  const opacities = [...svg.matchAll(/fill-opacity="([\d.]+)"/g)].map(([, text]) => Number(text));
  const fills = [...svg.matchAll(/style="fill:var\(--(\w+)\)"/g)].map(([, name]) => name);
  expect([opacities.length, fills.length]).toEqual([101, 101]);
  for (const scheme of [LIGHT, DARK]) {
    opacities.forEach((opacity, at) => {
      const cell = blend(scheme["c0"], scheme["paper"], opacity);
      expect(contrastOf(scheme[fills[at]], cell), `opacity ${opacity}`).toBeGreaterThanOrEqual(4.5);
    });
  }
});

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { findPdfMaker } from "../../src/cli/figures/make-pdf.js";
import { vegaLite } from "../../src/report/charts/vega-lite.js";
import { compareRuns } from "../../src/report/dataset.js";
import { renderPage } from "../../src/report/page.js";
import { makeReport } from "../../src/report/report.js";
import { standaloneSvg } from "../../src/report/standalone.js";
import { reportedRun, reportedStudy, sourcesOf } from "../report/samples.js";
import { runCli, temporaryFolder } from "./run-cli.js";

const REPORT = makeReport(compareRuns(sourcesOf(reportedStudy())));
const FIGURES = REPORT.sections.flatMap(({ figures }) => figures);
const LOOK = { widthPx: 320, font: "serif" };

async function resultsFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "results"));
  for (const result of reportedStudy())
    await writeFile(join(folder, "results", `${result.run.id}.json`), JSON.stringify(result));
  return folder;
}

/** The paths of the lines that show the data of a drawing. */
function marksOf(svg: string): string[] {
  return svg.match(/<path [^>]*class="line"[^>]*>/g) ?? [];
}

describe("a figure outside the page", () => {
  for (const [id, widthPx] of [
    ["curve-coldRatio", 520],
    ["cost", 960],
  ] as const) {
    test(`${id} has the same marks as the page's drawing of ${widthPx} px`, () => {
      const page = renderPage(REPORT);
      const begin = page.indexOf(`data-figure="${id}"`);
      const drawn = page.slice(begin, page.indexOf("</svg>", begin));
      const figure = FIGURES.find((each) => each.id === id)!;
      const exported = standaloneSvg(figure, { ...LOOK, widthPx });
      const marks = marksOf(drawn).map((mark) => mark.replace(/var\(--c(\d)\)/, "colour"));
      const others = marksOf(exported).map((mark) => mark.replace(/#[0-9a-f]{6}/, "colour"));
      expect(marks.length).toBeGreaterThan(1);
      expect(others).toEqual(marks);
    });
  }

  test("has its namespace, its style, its width and its font, and no variable of the page", () => {
    for (const figure of FIGURES) {
      const svg = standaloneSvg(figure, LOOK);
      expect(svg, figure.id).toMatch(
        /^<\?xml [^>]+>\n<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" font-family="serif" viewBox="0 0 320 \d+" width="320" height="\d+" font-size="10"/,
      );
      expect(svg, figure.id).not.toContain("var(");
      expect(svg, figure.id).toContain("<style>");
    }
  });

  test("at a column's width of 3.33 in no text of eight sizes has less than 6 or more than 8 points", () => {
    const runs = ["keep-all", "openwhisk"].flatMap((preset) =>
      [1, 2, 4, 8, 16, 32, 64, 128].map((size) => {
        const run = reportedRun({ preset, memoryBytes: size * 2 ** 30 });
        return { ...run, memory: { ...run.memory, wastedByteSeconds: size * 4_569_777e9 } };
      }),
    );
    const { sections } = makeReport(compareRuns(sourcesOf(runs)));
    // 3.33 in are 319.68 px of 1/96 in; a px has 0.75 pt
    for (const figure of sections.flatMap(({ figures }) => figures)) {
      const svg = standaloneSvg(figure, { widthPx: 3.33 * 96, font: "serif" });
      const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, px]) => 0.75 * Number(px));
      expect(Math.min(...sizes), figure.id).toBeGreaterThanOrEqual(6);
      expect(Math.max(...sizes), figure.id).toBeLessThanOrEqual(8);
    }
  });

  test("a name that exactly fits its column is not cut", () => {
    const heat = FIGURES.find(({ id }) => id === "heat-startupMeanUs")!;
    expect(standaloneSvg(heat, LOOK)).not.toContain("…");
  });

  test("every file name is used once", () => {
    const ids = FIGURES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("the Vega-Lite specification has every field that it names in its data, and the numbers of the curve", () => {
    for (const { chart, id } of FIGURES) {
      const spec = JSON.parse(JSON.stringify(vegaLite(chart)));
      const [first] = spec.data.values;
      const fields = [...JSON.stringify(spec).matchAll(/"field":"(\w+)"/g)].map(([, name]) => name);
      expect(fields.length, id).toBeGreaterThan(1);
      for (const field of fields) expect(first, `${id}: ${field}`).toHaveProperty(field);
    }
    const { chart } = FIGURES.find(({ id }) => id === "curve-coldRatio")!;
    const { values } = JSON.parse(JSON.stringify(vegaLite(chart))).data;
    // sock has 5 and 6 cold starts of 100.
    const sock = values.filter((each: { series: string }) => each.series === "sock");
    expect(sock.map(({ y }: { y: number }) => y)).toEqual([0.055, 0.055]);
  });
});

test("report --figures writes each figure in each format, and says how many", async () => {
  const folder = await resultsFolder();
  const [results, page, figures] = ["results", "page.html", "figures"].map((name) =>
    join(folder, name),
  );
  const options = ["--figures", figures, "--width", "7in", "--font", "Latin Modern Roman"];
  const { exitCode, out, err } = await runCli("report", results, "-o", page, ...options);
  expect([exitCode, out]).toEqual([0, ""]);
  expect(err).toContain(`${FIGURES.length} figures: ${figures}`);
  const names = FIGURES.flatMap(({ id }) => [`${id}.svg`, `${id}.vl.json`]);
  expect((await readdir(figures)).sort()).toEqual(names.sort());
  const svg = await readFile(join(figures, "cost.svg"), "utf8");
  expect(svg).toContain('width="672"'); // 7 x 96
  expect(svg).toContain("Latin Modern Roman");
});

test("bad options are one line and exit code 2, and neither a page nor a folder appears", async () => {
  const folder = await resultsFolder();
  const [results, page, figures] = ["results", "page.html", "figures"].map((name) =>
    join(folder, name),
  );
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [["--figures", figures, "--width", "3.33"], /--width: "3\.33" is not a length/],
    [["--figures", figures, "--width", "1in"], /--width: "1in" is not a length from 200px/],
    [["--figures", figures, "--width", "1e9in"], /--width/],
    [["--figures", figures, "--font", 'x";}'], /--font: .* is not serif, sans or the name/],
    [["--figures", figures, "--figure-formats", "svg,png"], /"png" is not one of svg, vega-lite/],
    [["--width", "7in"], /--width: has no effect without --figures/],
    [["--figures", join(folder, "none", "figures")], /--figures .*none.*: cannot be made/],
    [["--figures", join(results, "..", "file")], /--figures .*file: this is a file, expected a/],
    [["--figures", ""], /--figures: the path is empty, expected a folder/],
    [["--figures", "/proc/figures"], /--figures .proc.figures: cannot be made/],
    [["--figures", figures, "--width", "-3in"], /--width: "-3in" is not a length/],
    [["--figures", figures, "--font", ""], /--font: "" is not serif, sans or the name/],
    [["--figures", figures, "--max-lost", "2"], /--max-lost: "2" is not a share/],
    [["--figures", figures, "--max-lost", "-1"], /--max-lost: "-1" is not a share/],
  ];
  await writeFile(join(folder, "file"), "");
  for (const [options, said] of wrong) {
    const { exitCode, out, err } = await runCli("report", results, "-o", page, ...options);
    expect([exitCode, out], options.join(" ")).toEqual([2, ""]);
    expect(err).toMatch(said);
    expect(err.trimEnd().split("\n"), err).toHaveLength(1);
    expect([existsSync(page), existsSync(figures)], options.join(" ")).toEqual([false, false]);
  }
});

test("without rsvg-convert and Chromium a PDF is refused with the remedy", () => {
  expect(() => findPdfMaker("/nowhere")).toThrow(
    /neither rsvg-convert nor Chromium .* librsvg2-bin/,
  );
});

/** Where a program is; empty: not on this machine. */
function whereIs(program: string): string {
  return spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).stdout.trim();
}

test.each(["rsvg-convert", "chromium"])(
  "a PDF of %s, if that is installed, has one page with the size of the drawing: 320 px are 240 pt",
  async (program) => {
    const path = whereIs(program);
    if (path === "") return;
    const folder = await temporaryFolder();
    await symlink(path, join(folder, program));
    const svg = standaloneSvg(FIGURES[0], LOOK);
    const pdf = (await findPdfMaker(folder)(svg, LOOK.widthPx)).toString("latin1");
    expect(pdf.slice(0, 5)).toBe("%PDF-");
    expect(pdf.match(/\/Type\s*\/Page\b/g) ?? ["rsvg packs its objects"]).toHaveLength(1);
    const [, width] = /\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)/.exec(pdf) ?? [];
    expect(Number(width)).toBeCloseTo(240, 0);
  },
);

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generatedPages } from "../../scripts/docs/pages.js";
import { PRESETS } from "../../src/policies/presets.js";
import { BUILT_IN_POLICIES } from "../../src/policies/registry.js";

const DOCS = "docs";

const pages = await generatedPages();

test.each(pages)("docs/$path agrees with the code; `npm run docs` writes it", ({ path, text }) => {
  expect(readFileSync(join(DOCS, path), "utf8")).toBe(text);
});

test("every policy has a page, and every page describes a policy that exists", () => {
  const found = readdirSync(join(DOCS, "reference/policies"), {
    recursive: true,
    encoding: "utf8",
  });
  const expected = BUILT_IN_POLICIES.map(({ family, name }) => `${family}/${name}.md`);
  expect(found.filter((path) => /\/.*\.md$/.test(path)).toSorted()).toEqual(expected.toSorted());
});

test("the page of presets has a heading for each preset", () => {
  const text = readFileSync(join(DOCS, "reference/policies/presets.md"), "utf8");
  const headings = [...text.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(PRESETS.map(({ name }) => name));
});

test("the page of commands has a section for each command that the help lists", () => {
  const text = readFileSync(join(DOCS, "reference/commands.md"), "utf8");
  const headings = [...text.matchAll(/^## (socklab.*)$/gm)].map((match) => match[1]);
  expect(headings).toEqual(
    [
      "socklab",
      ...[
        "run",
        "sweep",
        "bound",
        "size",
        "report",
        "export",
        "replay",
        "validate",
        "schema",
        "policies",
        "trace",
        "trace info",
      ],
      ...["trace convert", "trace sample", "trace generate"],
      ...["packages", "packages probe", "packages check", "demo", "doctor", "calibrate"],
      ...["worker", "bench"],
    ].map((name) => (name === "socklab" ? name : `socklab ${name}`)),
  );
});

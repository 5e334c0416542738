import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

const DOCS = readdirSync("docs", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".md"))
  .map((path) => join("docs", path));
const PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", ...DOCS];

/** Text of a page without its code, because a bracket in code is not a link. */
function proseOf(path: string): string {
  return readFileSync(path, "utf8")
    .replaceAll(/^```.*?^```$/gms, "")
    .replaceAll(/`[^`\n]*`/g, "");
}

/** Targets in this repository of a page's links and pictures. */
function linksOf(path: string): readonly string[] {
  const links = [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

/** Path of the file that a page's link leads to, from the root of the repository. */
function targetOf(page: string, link: string): string {
  const path = link.split("#")[0];
  return path === "" ? page : relative(".", normalize(join(dirname(page), path)));
}

/**
 * Anchors of a page's headings, as GitHub makes them: lower case, without punctuation, with - for a
 * space.
 */
function anchorsOf(path: string): readonly string[] {
  const text = readFileSync(path, "utf8").replaceAll(/^```.*?^```$/gms, "");
  return [...text.matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe.each(PAGES)("%s", (page) => {
  test("links only to files and headings that exist", () => {
    for (const link of linksOf(page)) {
      const target = targetOf(page, link);
      expect(existsSync(target), `${page} links to ${link}`).toBe(true);
      const anchor = link.split("#")[1];
      if (anchor !== undefined && target.endsWith(".md"))
        expect(anchorsOf(target), `${page} links to ${link}`).toContain(anchor);
    }
  });

  test("names only pages of docs that exist", () => {
    for (const [name] of readFileSync(page, "utf8").matchAll(/\bdocs\/[\w/-]+\.md\b/g))
      expect(existsSync(name), `${page} names ${name}`).toBe(true);
  });
});

test("every page of docs can be reached from docs/README.md", () => {
  const reached = new Set<string>();
  const waiting = ["docs/README.md"];
  for (let page = waiting.pop(); page !== undefined; page = waiting.pop()) {
    if (reached.has(page)) continue;
    reached.add(page);
    waiting.push(...linksOf(page).map((link) => targetOf(page, link)));
    for (const path of [...waiting])
      if (!path.endsWith(".md")) waiting.splice(waiting.indexOf(path), 1);
  }
  expect(DOCS.filter((page) => !reached.has(page))).toEqual([]);
});

test("comments name only pages of docs that exist", () => {
  const folders = ["src", "native", "scripts", "test", "measure", "traces"];
  for (const folder of folders) {
    const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (path) => /\.(ts|mjs|py|cc|h|c|md)$/.test(path) && !path.startsWith("build"),
    );
    for (const path of paths) {
      const text = readFileSync(join(folder, path), "utf8");
      for (const [name] of text.matchAll(/\bdocs\/[\w/-]+\.md\b/g))
        expect(existsSync(name), `${folder}/${path} names ${name}`).toBe(true);
    }
  }
});

/**
^ * Options of other programs that guides mention: curl, npm, pip, pip-compile, uv, container systems, and
 * the scripts of this repository.
 */
const OF_OTHERS: readonly string[] = [
  ...["--data-binary", "--no-index", "--find-links", "--index-url", "--only-binary", "--hash"],
  ...["--no-annotate", "--strip-extras", "--save-dev"],
  ...["--register", "--keep-unit", "--as-pid2", "--read-only", "--rm", "--rootfs"],
  ...["--unshare-all", "--root"],
];

test("guides name only options that a command has", () => {
  const commands = readFileSync("docs/reference/commands.md", "utf8");
  const known = new Set([...commands.matchAll(/(?<![\w-])--[a-z][\w-]*/g)].map(([name]) => name));
  for (const page of ["README.md", ...DOCS.filter((path) => path.includes("guide/"))]) {
    for (const [name] of readFileSync(page, "utf8").matchAll(/(?<![\w-])--[a-z][\w-]*/g))
      expect(known.has(name) || OF_OTHERS.includes(name), `${page} names ${name}`).toBe(true);
  }
});

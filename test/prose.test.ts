import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;
const PLACES = ["src", "native", "measure", "scripts", "test", "docs"];
const PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
const NOT_OURS = new Set(["node_modules", "build", "prebuilds", "golden"]);
const HAS_PROSE = /\.(ts|mjs|js|md|cc|c|h|py|sh)$/;

const UNIT =
  "second|minute|hour|day|run|function|window|row|line|batch|request|invocation|container|package|policy|preset|file|seed|start|slot|Zygote|worker|machine|test|event|arrival|core|operation|size|point|metric";

/** Phrases that a reader stumbles over, each with what says the same in plain English. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bwhoever\b/i, "name the caller, process or reader"],
  [/\bnone of success\b/i, "it failed"],
  [/\banew\b/i, "again"],
  [/\bunder way\b/i, "in progress"],
  [/\bbut for\b/i, "except"],
  [/\bfrom nothing\b/i, "cold, or without a Zygote"],
  [/\bin place of\b/i, "instead of"],
  [/\bof (?:its|their|his|our|my) own\b/i, "its own ..."],
  [/\bThe same (?:of|for|in|on|without)\b/, "repeat the noun"],
  [/\bas \w+ (?:has|have) (?:it|them)\b/i, "as ... does"],
  [/\b(?:is|are|was|were|be|been) told\b/i, "is notified, is given, or the caller's verb"],
  [/\btold of\b/i, "notified of"],
  [/\bthere where\b/i, "where, or if"],
  [/\bsays a word\b/i, "what it says"],
  [/\bhears? (?:of|nothing)\b/i, "is notified of"],
  [new RegExp(`\\b(?:an?|one) (?!is\\b)[a-z-]+ an? (?:${UNIT})\\b`), "per"],
  [new RegExp(`\\bonce an? (?:${UNIT})\\b`, "i"), "once per"],
  [/, where (?:it|that|this|there|none|nothing|no|an?|the) /i, "if, or when"],
  [/\b(?:wherein|whereof|thereof|hence|whence|hither|thither)\b/i, "a plain word"],
];

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : HAS_PROSE.test(entry.name) ? [path] : [];
  });
}

/** A line without the marks of a comment, so that a phrase is found over a line's end, too. */
function textOf(line: string): string {
  return line.trim().replace(/^(?:\/\*\*?|\*\/?|\/\/|#|>)\s*/, "");
}

function bannedIn(path: string): string[] {
  const lines = readFileSync(path, "utf8").split("\n").map(textOf);
  return lines.flatMap((line, at) => {
    const wrapped = `${line} ${lines[at + 1] ?? ""}`;
    return BANNED.flatMap(([phrase, say]) => {
      const found = phrase.exec(wrapped);
      if (found === null || found.index > line.length) return []; // the next line has it
      return [`${relative(ROOT, path)}:${at + 1}: "${found[0]}": say ${say}`];
    });
  });
}

test("no comment, page, message or help text has a phrase that needs a second reading", () => {
  const paths = [
    ...PLACES.flatMap((place) => filesBelow(join(ROOT, place))),
    ...PAGES.map((page) => join(ROOT, page)),
  ];
  const own = new URL(import.meta.url).pathname;
  expect(paths.filter((path) => path !== own).flatMap(bannedIn)).toEqual([]);
});

test("the list finds what it bans", () => {
  const samples = [
    "whoever asks",
    "one timer a window",
    "a row a minute",
    "once a run",
    "made from nothing",
  ];
  for (const sample of samples) {
    expect(
      BANNED.some(([phrase]) => phrase.test(sample)),
      sample,
    ).toBe(true);
  }
});

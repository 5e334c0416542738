import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly string[];
}

const sources: Source[] = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => {
    const text = readFileSync(join(ROOT, "src", path), "utf8");
    const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1]!);
    return { path, folder: path.split("/")[0]!, text, lines: text.split("\n").length, imports };
  });

/** What a folder may import of the others; `node:` stands for Node's modules. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  engine: ["engine", "node:crypto"],
  policies: ["policies", "engine"],
  sim: ["sim", "engine"],
  results: ["results", "engine"],
  validate: ["validate", "results", "engine"],
  report: ["report", "validate", "results", "engine"],
  trace: ["trace", "engine", "node:"],
  real: ["real", "trace", "engine", "node:"],
  calibrate: ["calibrate", "real", "trace", "sim", "results", "engine", "node:"],
  bench: ["bench", "real", "engine", "policies", "results", "trace", "node:"],
  cli: [
    "cli",
    "trace",
    "engine",
    "policies",
    "sim",
    "real",
    "calibrate",
    "bench",
    "results",
    "validate",
    "report",
    "node:",
  ],
};

/** What programs import by the package's name: lists of exports, the only files above the folders. */
const ENTRIES = ["library.ts", "policy-author.ts"];

/** Engine modules that policies may use besides types: pure values. */
const POLICY_VALUES = [
  "engine/policy",
  "engine/package-set",
  "engine/parameters",
  "engine/errors",
  "engine/units",
  "engine/random",
  "engine/footprint",
];

describe("the rules of dependence", () => {
  for (const source of sources) {
    test(`src/${source.path} imports only what its folder may`, () => {
      const allowed = MAY_IMPORT[source.folder] ?? [];
      if (ENTRIES.includes(source.path)) return;
      for (const name of source.imports) {
        const target = name.startsWith(".")
          ? normalize(join(dirname(source.path), name)).split("/")[0]!
          : name;
        const isLibrary = !name.startsWith(".") && !name.startsWith("node:");
        if (isLibrary) continue;
        expect(
          allowed.some(
            (prefix) =>
              target === prefix || (prefix.startsWith("node:") && target.startsWith(prefix)),
          ),
          `${source.path} imports ${name}`,
        ).toBe(true);
      }
    });
  }

  test("policies take nothing of the engine but its contract", () => {
    for (const source of sources.filter((each) => each.folder === "policies")) {
      for (const name of source.imports.filter((each) => each.includes("engine/"))) {
        const target = normalize(join(dirname(source.path), name)).replace(/\.js$/, "");
        expect([...POLICY_VALUES, "engine/workload"], `${source.path} imports ${name}`).toContain(
          target,
        );
      }
    }
  });
});

test("time and chance are handed in: no clock and no Math.random in engine, policies, sim, results, validate and report", () => {
  for (const source of sources.filter((each) =>
    ["engine", "policies", "sim", "results", "validate", "report"].includes(each.folder),
  )) {
    expect(source.text, source.path).not.toMatch(
      /Math\.random|Date\.now|new Date|performance\.now|process\./,
    );
  }
});

test("files stay short: 300 lines, a policy 150, the engine 500", () => {
  for (const source of sources) {
    const isPolicy = /^policies\/(zygote|evict|keep-alive|install|dispatch)\//.test(source.path);
    const limit = source.path === "engine/engine.ts" ? 500 : isPolicy ? 150 : 300;
    expect(source.lines, source.path).toBeLessThanOrEqual(limit);
  }
});

test("an entry for programs holds exports of named things, each from where it is made, and nothing else", () => {
  for (const path of ENTRIES) {
    const { text } = sources.find((source) => source.path === path)!;
    const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "");
    const rest = code.replaceAll(/export (?:type )?\{[^}]+\} from "\.[^"]+";/g, "");
    expect(rest.trim(), path).toBe("");
  }
  const author = sources.find(({ path }) => path === "policy-author.ts")!;
  expect(author.imports.every((name) => name.startsWith("./engine/"))).toBe(true);
});

test("no file is an orphan: each is imported by another, or is an entry of the command line or of programs", () => {
  const imported = new Set(
    sources.flatMap((source) =>
      source.imports
        .filter((name) => name.startsWith("."))
        .map((name) => normalize(join(dirname(source.path), name)).replace(/\.js$/, ".ts")),
    ),
  );
  const orphans = sources
    .map((source) => source.path)
    .filter((path) => !imported.has(path) && !["cli/main.ts", ...ENTRIES].includes(path));
  expect(orphans).toEqual([]);
});

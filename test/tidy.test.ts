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
    const imports = [...text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map((match) => match[1]);
    return { path, folder: path.split("/")[0], text, lines: text.split("\n").length, imports };
  });

/**
 * What a room may import of the others; `node:` stands for Node's modules. Engine and backends know
 * the contract and never each other: `run` is the only room where they meet.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  basics: ["node:fs/promises", "node:fs", "node:path"],
  contract: ["basics"],
  engine: ["contract", "basics", "node:crypto"],
  policies: ["contract", "basics"],
  sim: ["contract", "basics"],
  real: ["contract", "basics", "node:"],
  trace: ["contract", "basics", "node:"],
  results: ["contract", "basics"],
  report: ["results", "contract", "basics"],
  run: ["engine", "sim", "real", "contract", "basics", "node:"],
  worker: ["run", "real", "contract", "basics", "node:"],
  lab: [
    ...["worker", "run", "results", "policies", "trace", "sim", "real", "contract", "basics"],
    "node:",
  ],
  cli: [
    ...["lab", "worker", "report", "run", "results", "policies", "trace", "sim", "real"],
    ...["contract", "basics", "node:"],
  ],
};

const FILES_PER_FOLDER = 30;

/** What programs import by the package's name: lists of exports, the only files above the folders. */
const ENTRIES = ["library.ts", "policy-author.ts"];

describe("the rules of dependence", () => {
  for (const source of sources) {
    test(`src/${source.path} imports only what its room may`, () => {
      if (ENTRIES.includes(source.path)) return;
      const allowed = MAY_IMPORT[source.folder];
      expect(allowed, `src/${source.path} is in no room`).toBeDefined();
      for (const name of source.imports) {
        const target = name.startsWith(".") ? fileOf(source, name).split("/")[0] : name;
        const isLibrary = !name.startsWith(".") && !name.startsWith("node:");
        if (isLibrary || target === source.folder) continue;
        expect(
          allowed.some((room) => target === room || (room === "node:" && target.startsWith(room))),
          `${source.path} imports ${name}`,
        ).toBe(true);
      }
    });
  }

  test("no file stands outside a room, except the entries for programs", () => {
    expect(
      sources
        .filter(({ path }) => !path.includes("/") && !ENTRIES.includes(path))
        .map(({ path }) => path),
    ).toEqual([]);
  });

  test(`no folder has more than ${FILES_PER_FOLDER} files`, () => {
    const counts = new Map<string, number>();
    for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > FILES_PER_FOLDER)).toEqual([]);
  });

  test("no rooms import each other in a circle", () => {
    expect(circles(graph((path) => path.split("/")[0]))).toEqual([]);
  });

  test("no files import each other in a circle", () => {
    expect(circles(graph((path) => path))).toEqual([]);
  });

  for (const room of ["real", "sim", "engine", "trace", "run", "worker", "lab", "cli"]) {
    test(`no folders of src/${room} import each other in a circle`, () => {
      const inRoom = (path: string) => path.startsWith(`${room}/`);
      expect(circles(graph(dirname, inRoom))).toEqual([]);
    });
  }
});

test("circles are found: a -> b -> c -> a is one, d -> a is none", () => {
  const arrows = { a: ["b"], b: ["c"], c: ["a"], d: ["a"] };
  const edges = new Map(Object.entries(arrows).map(([from, to]) => [from, new Set(to)]));
  expect(circles(edges)).toEqual([["a", "b", "c"]]);
});

/** The file, below src, that an import of a file names. */
function fileOf(source: Source, name: string): string {
  return normalize(join(dirname(source.path), name)).replace(/\.js$/, ".ts");
}

/** Arrows between groups of files; those inside one group are left out. */
function graph(
  groupOf: (path: string) => string,
  isIn: (path: string) => boolean = () => true,
): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const source of sources.filter(({ path }) => isIn(path))) {
    const from = groupOf(source.path);
    const targets = arrows.get(from) ?? new Set<string>();
    arrows.set(from, targets);
    for (const name of source.imports.filter((each) => each.startsWith("."))) {
      const file = fileOf(source, name);
      if (isIn(file) && groupOf(file) !== from) targets.add(groupOf(file));
    }
  }
  return arrows;
}

/** Strongly connected components of more than one node: each node reaches every other of them. */
function circles(edges: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const reachableFrom = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [...(edges.get(start) ?? [])];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      open.push(...(edges.get(node) ?? []));
    }
    return seen;
  };
  const reached = new Map([...edges.keys()].map((node) => [node, reachableFrom(node)]));
  const found = new Map<string, string[]>();
  for (const [node, targets] of reached) {
    if (!targets.has(node)) continue;
    const circle = [...targets].filter((other) => reached.get(other)?.has(node)).toSorted();
    found.set(circle.join(" "), circle);
  }
  return [...found.values()];
}

test("time and chance are handed in: no clock and no Math.random in basics, contract, engine, policies, sim, results, report and lab/validate", () => {
  for (const source of sources.filter(
    (each) =>
      ["basics", "contract", "engine", "policies", "sim", "results", "report"].includes(
        each.folder,
      ) || each.path.startsWith("lab/validate/"),
  )) {
    expect(source.text, source.path).not.toMatch(
      /Math\.random|Date\.now|new Date|performance\.now|process\./,
    );
  }
});

test("files stay short: 300 lines, a policy 150, the engine 500", () => {
  for (const source of sources) {
    const isPolicy = /^policies\/(zygote|evict|keep-alive|install|dispatch|queue)\//.test(
      source.path,
    );
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
  expect(author.imports.every((name) => /^\.\/(contract|basics)\//.test(name))).toBe(true);
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

test("no two files export types of one name: one word means one thing", () => {
  const homes = new Map<string, string[]>();
  for (const { path, text } of sources) {
    for (const [, name] of text.matchAll(EXPORTED_TYPE)) {
      homes.set(name, [...(homes.get(name) ?? []), path]);
    }
  }
  expect([...homes].filter(([, paths]) => paths.length > 1)).toEqual([]);
});

const EXPORTED_TYPE = /^export (?:abstract )?(?:interface|type|class|enum) (\w+)/gm;

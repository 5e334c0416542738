import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { PROJECT_ROOT } from "../run/provenance.js";

/** What the compiler says about a policy in TypeScript. */
export interface TypeCheck {
  /** Version of the compiler. */
  readonly version: string;
  /** Each error as `file:line: what is wrong`. */
  readonly errors: readonly string[];
}

const ERROR = /^(.+)\((\d+),\d+\): error TS\d+: (.*)$/;

/**
 * Checks a TypeScript file, and the files that it imports, with the compiler that is installed near
 * the file, else with the one near socklab. It runs as a program, because its options are the same
 * in all versions and its modules are not. `near` are the files near which it is looked for. Undefined: no compiler is installed.
 */
export async function checkTypes(
  path: string,
  near: readonly string[] = [resolve(path), import.meta.url],
): Promise<TypeCheck | undefined> {
  const file = resolve(path);
  const compiler = await findCompiler(near);
  if (compiler === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), "socklab-types-"));
  try {
    const project = join(folder, "tsconfig.json");
    await writeFile(project, JSON.stringify({ compilerOptions: optionsFor(file), files: [file] }));
    const said = await run(compiler.program, ["--project", project, "--pretty", "false"]);
    return { version: compiler.version, errors: errorsIn(said) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function findCompiler(near: readonly string[]) {
  for (const from of near) {
    const found = find("typescript/package.json", from);
    if (found === undefined) continue;
    const { version, bin } = JSON.parse(await readFile(found, "utf8")) as {
      readonly version: string;
      readonly bin: { readonly tsc: string };
    };
    return { version, program: join(dirname(found), bin.tsc) };
  }
  return undefined;
}

/** The strict rules of the language as it stands in `socklab run`, whatever the author's project is. */
function optionsFor(file: string): object {
  const node = find("@types/node/package.json", file);
  const dist = (name: string) => [join(PROJECT_ROOT, "dist", name)];
  return {
    target: "ES2023",
    // console and timers have types of Node, or else of a browser
    lib: node === undefined ? ["ES2023", "DOM"] : ["ES2023"],
    ...(node === undefined
      ? { types: [] }
      : { types: ["node"], typeRoots: [dirname(dirname(node))] }),
    module: "ESNext",
    moduleResolution: "Bundler",
    paths: { socklab: dist("library.d.ts"), "socklab/policy": dist("policy-author.d.ts") },
    allowImportingTsExtensions: true,
    allowJs: true,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
}

function find(name: string, from: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}

/** What the compiler prints. It ends with another code than 0 if there are errors. */
function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], (_error, out, err) => done(`${out}${err}`));
  });
}

/** Details of an error are indented below it, and left out. */
function errorsIn(said: string): readonly string[] {
  return said
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith(" "))
    .map((line) => {
      const [, path, number, text] = ERROR.exec(line) ?? [];
      return path === undefined ? line : `${nearest(path)}:${number}: ${text}`;
    });
}

function nearest(path: string): string {
  const full = resolve(path);
  const near = relative(process.cwd(), full);
  return near.startsWith("..") || !existsSync(full) ? full : near;
}

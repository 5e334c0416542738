import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";

const ROOT = new URL("..", import.meta.url).pathname;

test("a `!` stands only behind what the compiler holds to be possibly null or undefined", () => {
  const path = join(ROOT, "tsconfig.json");
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  const { fileNames, options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  expect(uselessMarks(fileNames, options)).toEqual([]);
});

test("of `names[0]!` and `map.get(0)!` the first says nothing: an index yields a string", () => {
  const folder = mkdtempSync(join(tmpdir(), "socklab-marks-"));
  try {
    const file = join(folder, "marks.ts");
    writeFileSync(
      file,
      `export const first = (names: string[]) => names[0]!;
       export const found = (map: Map<number, string>) => map.get(0)!;
      `,
    );
    expect(uselessMarks([file], { strict: true })).toEqual([`${relative(ROOT, file)}:1`]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** `path:line` of every `!` whose operand's type holds neither null nor undefined. */
function uselessMarks(files: readonly string[], options: ts.CompilerOptions): string[] {
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  const found: string[] = [];
  for (const file of program.getSourceFiles()) {
    if (file.fileName.includes("/node_modules/")) continue;
    const visit = (node: ts.Node): void => {
      if (
        ts.isNonNullExpression(node) &&
        !mayBeAbsent(checker.getTypeAtLocation(node.expression))
      ) {
        const { line } = file.getLineAndCharacterOfPosition(node.end);
        found.push(`${relative(ROOT, file.fileName)}:${line + 1}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(file);
  }
  return found;
}

const ABSENT =
  ts.TypeFlags.Null |
  ts.TypeFlags.Undefined |
  ts.TypeFlags.Void |
  ts.TypeFlags.Any |
  ts.TypeFlags.Unknown |
  ts.TypeFlags.TypeParameter;

function mayBeAbsent(type: ts.Type): boolean {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => (part.flags & ABSENT) !== 0);
}

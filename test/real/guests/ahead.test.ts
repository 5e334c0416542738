import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const SOURCE = new URL("../../../native/guest/ahead.py", import.meta.url).pathname;
const READ = `import json, sys
part = {"__name__": "ahead"}
exec(open(sys.argv[1]).read(), part)
print(json.dumps(part["named_by"](sys.argv[2])))
`;
const folder = mkdtempSync(join(tmpdir(), "socklab-ahead-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** What a function's code imports, and whether more may be learned. */
function namedBy(files: Readonly<Record<string, string>>): readonly [string[], boolean] {
  const place = join(folder, String(count++));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), { recursive: true });
    writeFileSync(join(place, path), text);
  }
  const { stdout, stderr } = spawnSync("python3", ["-c", READ, SOURCE, place], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const hasPython = spawnSync("python3", ["-c", ""]).status === 0;

describe.skipIf(!hasPython)("the modules that code names", () => {
  test("are those of import statements, also within functions, in their order", () => {
    const code = `import a.b as c, d
from e.f import g, h as i
from j import *
def f(event):
    try:
        import k
    except ImportError:
        from l import m
`;
    expect(namedBy({ "f.py": code })).toEqual([["a.b", "d", "e.f:g,h", "j", "k", "l:m"], true]);
  });

  test("are those that Python would import when it starts the function", () => {
    const code = `from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import a
else:
    import b
if __name__ == "__main__":
    import c
if False:
    import d
`;
    expect(namedBy({ "f.py": code })[0]).toEqual(["typing:TYPE_CHECKING", "b"]);
  });

  test("include those of the function's own files, which are not named themselves", () => {
    const files = {
      "f.py": "import helper\nfrom own import part\nimport z\n",
      "helper.py": "import a\n",
      "own/__init__.py": "import b\n",
      "own/part.py": "from . import other\nfrom .other import x\nimport c\n",
      "own/other.py": "import d\nimport helper\n",
    };
    expect(namedBy(files)[0]).toEqual(["a", "b", "d", "c", "z"]);
  });

  const changes = [
    'os.environ["A"] = "1"',
    'os.environ.setdefault("A", "1")',
    "del os.environ['A']",
    "environ.update(A='1')",
    "load_dotenv()",
    "monkey.patch_all()",
    "sys.path.insert(0, 'vendor')",
    "sys.modules['a'] = None",
    "sys.path = []",
    "import ddtrace.auto",
    "from x import auto",
  ];
  test.each(changes)("end at %s, which may change what is imported then", (change) => {
    const code = `import a\n${change}\nimport b\ndef f(event):\n    import c\n`;
    expect(namedBy({ "f.py": code })).toEqual([["a"], false]);
  });

  test("do not end at a variable that Django reads later, or at a variable that is read", () => {
    const code = `os.environ.setdefault("DJANGO_SETTINGS_MODULE", "x")
os.environ["DJANGO_SETTINGS_MODULE"] = os.environ["A"]
import a
`;
    expect(namedBy({ "f.py": code })).toEqual([["a"], true]);
  });

  test("within functions are left out if f changes the environment", () => {
    const code = `import a
def g():
    import b
def f(event):
    os.environ["A"] = event
`;
    expect(namedBy({ "f.py": code })).toEqual([["a"], false]);
  });

  test("of a file that Python refuses are missing", () => {
    expect(namedBy({ "f.py": "import a\nimport b\nimport c:\n" })[0]).toEqual([]);
    expect(namedBy({ "f.py": `import a\n${"-".repeat(100_000)}1\n` })[0]).toEqual([]);
  });
});

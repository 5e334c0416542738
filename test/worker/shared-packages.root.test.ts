import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { storedEntry, writeZip } from "../../src/real/made-up/zip-writer.js";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { temporaryState } from "../real/state-folder.js";
import { liveStand } from "./live-stand.js";

/** Writes a wheel with these files. */
async function writeWheel(
  folder: string,
  name: string,
  files: Readonly<Record<string, string>>,
  requires: readonly string[] = [],
): Promise<void> {
  const info = `${name}-1.0.dist-info`;
  const all: Record<string, string> = {
    ...files,
    [`${info}/METADATA`]: [
      "Metadata-Version: 2.1",
      `Name: ${name}`,
      "Version: 1.0",
      ...requires.map((each) => `Requires-Dist: ${each}`),
      "",
    ].join("\n"),
    [`${info}/WHEEL`]:
      "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  };
  const hash = (text: string) => createHash("sha256").update(text).digest("base64url");
  const record = Object.entries(all).map(
    ([path, text]) => `${path},sha256=${hash(text)},${text.length}`,
  );
  all[`${info}/RECORD`] = `${[...record, `${info}/RECORD,,`].join("\n")}\n`;
  const entries = Object.entries(all).map(([path, text]) => storedEntry(path, Buffer.from(text)));
  await writeZip(join(folder, `${name}-1.0-py3-none-any.whl`), entries);
}

/** Two distributions that share the regular package `shared`, as PyQt6 and PyQt6-Qt6 do. */
async function writeShared(): Promise<string> {
  const { folder } = await temporaryState();
  const wheels = join(folder, "wheels");
  mkdirSync(wheels);
  const main =
    "import os\nwith open(os.path.join(os.path.dirname(__file__), 'lib', 'a.txt')) as file: text = file.read()\n";
  await writeWheel(wheels, "upper", { "shared/__init__.py": "", "shared/main.py": main }, [
    "lower",
  ]);
  await writeWheel(wheels, "lower", { "shared/part.py": "value = 5\n", "shared/lib/a.txt": "low" });
  await writeWheel(wheels, "later", { "shared/later.py": "value = 7\n" }, ["upper"]);
  return wheels;
}

const USER = `
def f(event):
    import shared.main, shared.part
    return [shared.main.text, shared.part.value]
`;
const STARTS_PYTHON = `
import subprocess, sys
def f(event):
    code = "import shared.part; print(shared.part.value, end='')"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
`;

describeReal("distributions that share a regular package", () => {
  for (const zygotes of ["none", "sock"] as const) {
    testWithPip(`their modules and files are found in containers (zygote=${zygotes})`, async () => {
      const { ask } = await liveStand({
        zygotes,
        index: { kind: "folder", path: await writeShared() },
      });
      expect((await ask("PUT", "/registry/f?requirements=upper", USER)).status).toBe(201);
      for (let i = 0; i < 2; i++) expect((await ask("POST", "/run/f")).text).toBe('["low", 5]');
    });
  }

  testWithPip(
    "a child finds the part of a distribution that its Zygote does not hold",
    async () => {
      const index = { kind: "folder", path: await writeShared() } as const;
      const { ask } = await liveStand({ zygotes: "sock", index });
      expect((await ask("PUT", "/registry/f?requirements=upper", USER)).status).toBe(201);
      expect((await ask("POST", "/run/f")).text).toBe('["low", 5]'); // now there is a Zygote without `later`
      const more = "import shared.later\ndef f(event): return shared.later.value\n";
      expect((await ask("PUT", "/registry/g?requirements=later", more)).status).toBe(201);
      expect((await ask("POST", "/run/g")).text).toBe("7");
    },
  );

  testWithPip("a Python that a function starts finds the function's packages", async () => {
    const { ask } = await liveStand({ index: { kind: "folder", path: await writeShared() } });
    expect((await ask("PUT", "/registry/f?requirements=upper", STARTS_PYTHON)).status).toBe(201);
    expect((await ask("POST", "/run/f")).text).toBe('"5"');
  });
});

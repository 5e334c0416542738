import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { InputError } from "../../src/basics/errors.js";
import { DEFAULT_UPLOAD_LIMITS, stageUpload } from "../../src/worker/upload.js";
import { temporaryFolder } from "../cli/run-cli.js";

/** Python's tarfile writes any path; most other programs refuse these. A path with / at its end is a folder. */
const WRITER = `import io, json, sys, tarfile
with tarfile.open(fileobj=sys.stdout.buffer, mode="w|gz", format=tarfile.PAX_FORMAT) as archive:
    for path in json.load(sys.stdin):
        entry = tarfile.TarInfo(path.rstrip("/") if len(path) > 1 else path)
        entry.mode = 0o755
        entry.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
        text = b"" if path.endswith("/") else b"def f(event):\\n    return 1\\n"
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
`;

const archiveOf = (paths: readonly string[]) =>
  execFileSync("python3", ["-c", WRITER], { input: JSON.stringify(paths) });

/** Other entries around the one at fault, so that some are written early if nothing is checked first. */
const FILLER = Array.from({ length: 200 }, (_, at) => `data/${at}/a.txt`);

test.each([
  ["an absolute path", "/tmp/socklab-elsewhere.py", "absolute path"],
  ["a drive of Windows", "C:/elsewhere.py", "absolute path"],
  ["a path out of its folder", "../socklab-elsewhere.py", "leads out of"],
  ["a path that leaves its folder half-way", "data/../../socklab-elsewhere.py", "leads out of"],
  ["a file over a folder", "data/0", "both as a file and as a folder"],
  ["a file below a file", "f.py/inside.txt", "both as a file and as a folder"],
  ["a name of more than 255 bytes", `${"n".repeat(256)}.py`, "too long"],
  ["a path of more than 2048 bytes", `${"deep/".repeat(2000)}x`, "too long"],
])(
  "an archive with %s is refused in one line before anything is written",
  async (_, path, reason) => {
    const folder = await temporaryFolder();
    const staged = join(folder, "upload");
    const body = archiveOf(["f.py", ...FILLER, path]);
    const error = await stageUpload("fn", body, undefined, staged, DEFAULT_UPLOAD_LIMITS).catch(
      (each) => each,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error.message).toMatch(/^fn: the archive has [^\n]*$/);
    expect(error.message).toContain(reason);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync("/tmp/socklab-elsewhere.py")).toBe(false);
  },
);

test("paths that only look odd are unpacked: ./ before them, two dots within a name, a file twice", async () => {
  const folder = join(await temporaryFolder(), "upload");
  const body = archiveOf(["./", "./f.py", "data/", "data/a..b", "data//c.txt", "f.py"]);
  await stageUpload("fn", body, undefined, folder, DEFAULT_UPLOAD_LIMITS);
  expect(readdirSync(folder).sort()).toEqual(["data", "f.py"]);
  expect(readdirSync(join(folder, "data")).sort()).toEqual(["a..b", "c.txt"]);
});

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readProbeSets } from "../../../src/lab/packages/probe-sets.js";

const folder = mkdtempSync(join(tmpdir(), "socklab-probe-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, "requirements.txt");
  writeFileSync(path, text);
  return path;
}

test("a file is one set, a name is one set, and with --each a line is one set", async () => {
  const path = file(
    "# these\nnumpy==2.4.6  # pinned\n\nrequests[socks]>=2 ; python_version > '3'\n",
  );
  const lines = ["numpy==2.4.6", "requests[socks]>=2 ; python_version > '3'"];
  expect(await readProbeSets([path, "six"], false)).toEqual([
    { name: "requirements.txt", requirements: lines },
    { name: "six", requirements: ["six"] },
  ]);
  expect((await readProbeSets([path], true)).map(({ name }) => name)).toEqual(lines);
});

const wrong = [
  ["-r other.txt\n", /requirements\.txt:1: "-r other\.txt": expected a package/],
  ["six\nhttps://x.example/a.whl\n", /requirements\.txt:2: .*expected a package/],
  ["six @ file:///a\n", /requirements\.txt:1: .*expected a package/],
  ["# nothing\n", /requirements\.txt: names no package/],
] as const;
test.each(wrong)("a file with %j is refused with its place", async (text, message) => {
  await expect(readProbeSets([file(text)], false)).rejects.toThrow(message);
});

test("an argument that is neither a package nor a file is refused", async () => {
  await expect(readProbeSets(["a b"], false)).rejects.toThrow(/^a b: expected a package/);
  const missing = join(folder, "none.txt");
  await expect(readProbeSets([missing], false)).rejects.toThrow(
    `${missing}: cannot be read (ENOENT)`,
  );
});

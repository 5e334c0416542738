import { expect, test } from "vitest";
import { describeReal } from "../real/stand.js";
import { archive } from "./archive.js";
import { liveStand } from "./live-stand.js";

/** Reads at import and in a call, and writes new files; the first answer shows the current folder. */
const READER = `import os
with open("words.txt") as words:
    AT_IMPORT = words.read().split()
def f(event):
    with open("data/deep/numbers.txt") as numbers, open("new.txt", "a") as new:
        new.write("x")
        new.flush()
        return [AT_IMPORT, numbers.read(), os.path.getsize("new.txt"), sorted(os.listdir())]
`;

const FILES = { "words.txt": "one two\n", "data/deep/numbers.txt": "1 2" };

describeReal("a handler's current folder", () => {
  test.each([
    ["a fresh process", "none"],
    ["a fork of a Zygote", "root"],
  ])("has the files uploaded beside f.py, in %s, and can be written", async (_, zygotes) => {
    const { ask } = await liveStand({ zygotes });
    const put = await ask("PUT", "/registry/fn", await archive({ "f.py": READER, ...FILES }));
    expect(put.status, put.text).toBe(201);
    for (let call = 0; call < 2; call++) {
      const { status, text } = await ask("POST", "/run/fn", "{}");
      const folder = ["data", "new.txt", "words.txt"];
      expect([status, text]).toEqual([
        200,
        JSON.stringify([["one", "two"], "1 2", 1, folder]).replaceAll(",", ", "),
      ]);
    }
  });

  test("has the files beside the entry file that ol.yaml names", async () => {
    const { ask } = await liveStand();
    const settings = "environment:\n  OL_ENTRY_FILE: main.py\n";
    const files = { "main.py": READER, "ol.yaml": settings, ...FILES };
    expect((await ask("PUT", "/registry/fn", await archive(files))).status).toBe(201);
    const { status, text } = await ask("POST", "/run/fn", "{}");
    expect([status, JSON.parse(text)[0]], text).toEqual([200, ["one", "two"]]);
  });

  test("is empty if f.py was uploaded alone", async () => {
    const { ask } = await liveStand();
    const source = "import os\ndef f(event): return os.listdir()\n";
    expect((await ask("PUT", "/registry/fn", source)).status).toBe(201);
    expect((await ask("POST", "/run/fn", "{}")).text).toBe("[]");
  });
});

import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { SLOWNESS } from "../slowness.js";
import { type LiveStand, liveStand } from "./live-stand.js";
import { writeWheel } from "./small-wheels.js";

/** A container's process is 1 in its PID namespace; a Zygote is in the machine's. */
const WHERE = "import os\nwhere = 'container' if os.getpid() == 1 else 'zygote'\n";
const MODULES = {
  "lazy/__init__.py": "",
  "lazy/named.py": WHERE,
  "lazy/later.py": WHERE,
  "lazy/other.py": WHERE,
  "lazy/variable.py": `${WHERE}value = os.environ.get("LAZY_VARIABLE")\n`,
  "lazy/socket.py": `${WHERE}if where == 'zygote': pair = __import__('socket').socketpair()\n`,
};

/** A worker whose Zygotes hold the package `lazy`. */
async function withLazy(zygotes: "sock" | "none" = "sock"): Promise<LiveStand> {
  const path = mkdtempSync(join(tmpdir(), "socklab-lazy-"));
  chmodSync(path, 0o755); // the installer's user reads it
  onTestFinished(() => rmSync(path, { recursive: true }));
  await writeWheel(path, "lazy", MODULES);
  return liveStand({ zygotes, index: { kind: "folder", path } });
}

async function put({ ask }: LiveStand, name: string, source: string): Promise<void> {
  const answer = await ask("PUT", `/registry/${name}?requirements=lazy==1.0`, source);
  expect(answer.status, answer.text).toBe(201);
}

async function call({ ask }: LiveStand, name: string, event: unknown = null): Promise<unknown> {
  const { status, text } = await ask("POST", `/run/${name}`, JSON.stringify(event));
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

const NAMED = `import sys
def f(event):
    from lazy import named
    return [named.where, "lazy.other" in sys.modules]
`;

describeReal("what a worker's Zygotes import", () => {
  testWithPip("is what the function's code names, also within f, and nothing else", async () => {
    const stand = await withLazy();
    await put(stand, "f", NAMED);
    for (let i = 0; i < 2; i++) expect(await call(stand, "f")).toEqual(["zygote", false]);
  });

  testWithPip("is, a moment later, also what a first call was seen to import", async () => {
    const stand = await withLazy();
    const source = `from importlib import import_module
def f(event):
    return import_module("lazy." + event).where
`;
    await put(stand, "f", source);
    expect(await call(stand, "f", "later")).toBe("container");
    const zygotes = (await stand.ask("GET", "/debug/zygotes")).text;
    await expect
      .poll(() => call(stand, "f", "later"), { timeout: 10_000 * SLOWNESS })
      .toBe("zygote");
    const ids = (text: string) => JSON.parse(text).map(({ id }: { id: number }) => id);
    expect(ids((await stand.ask("GET", "/debug/zygotes")).text)).toEqual(ids(zygotes));
  });

  testWithPip("leaves out what the code imports after it has changed the environment", async () => {
    const stand = await withLazy();
    const source = `import os
os.environ["LAZY_VARIABLE"] = "mine"
from lazy import variable
def f(event):
    return [variable.value, variable.where]
`;
    await put(stand, "f", source);
    for (let i = 0; i < 4; i++) expect(await call(stand, "f")).toEqual(["mine", "container"]);
  });

  testWithPip("leaves out a module that would make the Zygote unfit to be forked", async () => {
    const stand = await withLazy();
    const source = `from importlib import import_module
def f(event):
    return import_module("lazy." + event).where
`;
    await put(stand, "f", source);
    expect(await call(stand, "f", "socket")).toBe("container");
    const starts = async () => JSON.parse((await stand.ask("GET", "/stats")).text).starts.zygote;
    await expect
      .poll(
        async () => {
          expect(await call(stand, "f", "socket")).toBe("container");
          return starts();
        },
        { timeout: 10_000 * SLOWNESS },
      )
      .toBeGreaterThan(2);
  });

  testWithPip("a fresh container imports nothing ahead", async () => {
    const stand = await withLazy("none");
    const source = `import sys
before = "lazy" in sys.modules
import lazy.named
def f(event):
    return [before, lazy.named.where, "lazy.other" in sys.modules]
`;
    await put(stand, "f", source);
    expect(await call(stand, "f")).toEqual([false, "container", false]);
  });
});

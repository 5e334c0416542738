import { afterEach, expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { askChild, describeReal, type Stand, stand } from "../stand.js";

const PACKAGE = Int32Array.of(0);
const open: Stand[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function withPackage(
  handler: string,
  source: string,
  options: Parameters<typeof stand>[2] = {},
): Promise<Stand> {
  const made = stand([handler], [source], options);
  open.push(made);
  await made.statusOf(() => made.backend.install(0));
  return made;
}

const zygoteStatus = ({ backend, statusOf }: Stand, id = 0) =>
  statusOf(() => backend.createZygote(id, NONE, PACKAGE));

describeReal("what imports leave open in a Zygote", () => {
  test("each child reads on in a file that was open for reading, at its own position", async () => {
    const source = "file = open(__file__)\nassert file.read(4) == 'file'\n";
    const handler = `import p0
def f(event):
  mine = open("/handler/f.py")
  return [p0.file.read(7), mine.read(9), mine.fileno() == p0.file.fileno()]
`;
    const made = await withPackage(handler, source);
    expect(await zygoteStatus(made)).toBe("ok");
    for (const id of [0, 1, 2]) {
      expect(await askChild(made, id, 0)).toEqual(["ok", "ok"]);
      expect(made.ran.get(id)!.answer).toEqual([" = open", "import p0", false]);
    }
  });

  test("a child of a child Zygote reads on in it, too", async () => {
    const source = "file = open(__file__)\nassert file.read(4) == 'file'\n";
    const handler = "import p0\ndef f(event): return p0.file.read(7)\n";
    const made = await withPackage(handler, source);
    expect(await zygoteStatus(made)).toBe("ok");
    const { backend, statusOf } = made;
    expect(await statusOf(() => backend.createZygote(1, 0, new Int32Array(0)))).toBe("ok");
    expect(await askChild(made, 0, 1)).toEqual(["ok", "ok"]);
    expect(made.ran.get(0)!.answer).toBe(" = open");
  });

  const obstacles = [
    ["a file for writing", "file = open('/scratch/log', 'a')", /has \S*\/log open for writing/],
    ["a socket", "import socket\npair = socket.socketpair()", /has a socket open/],
    ["a pipe", "import os\nends = os.pipe()", /has a pipe open/],
    ["an epoll", "import select\npoll = select.epoll()", /has eventpoll open/],
    ["shared memory", "import mmap\nmemory = mmap.mmap(-1, 4096)", /shares memory \(\/dev\/zero\)/],
  ] as const;
  test.each(obstacles)(
    "with %s it is not forked, which is said once, and its functions start without it",
    async (_, source, reason) => {
      const made = await withPackage("import p0\ndef f(event): return 1\n", source);
      expect(await zygoteStatus(made)).toBe("failed");
      expect(made.problems).toEqual([
        expect.stringMatching(/^warning: a Zygote /),
        expect.stringMatching(/^create-zygote 0: it must not be forked: /),
      ]);
      expect(made.problems[1]).toMatch(reason);
      expect(await zygoteStatus(made, 1)).toBe("failed");
      expect(made.problems.slice(2)).toEqual([made.problems[1].replace(" 0:", " 1:")]);
      expect(await askChild(made, 0, NONE)).toEqual(["ok", "ok"]);
    },
  );
});

describeReal("a Zygote with an object that raises when it is asked for its class", () => {
  test("is forked, as with Django's settings before they are configured", async () => {
    const source = `import random
class Lazy:
  @property
  def __class__(self): raise RuntimeError("not configured")
settings = Lazy()
`;
    const made = await withPackage("import p0\ndef f(event): return 1\n", source);
    expect(await zygoteStatus(made)).toBe("ok");
    expect(await askChild(made, 0, 0)).toEqual(["ok", "ok"]);
  });
});

describeReal("a Zygote with threads", () => {
  test("children answer, although a thread of the Zygote has asked for the interpreter", async () => {
    const source = `import threading, time
def work():
  while True: time.sleep(0.0001)
thread = threading.Thread(target=work, daemon=True)
thread.start()
`;
    const handler = `import p0, threading
def f(event):
  return [sum(range(100000)), p0.thread.is_alive(), threading.active_count()]
`;
    const made = await withPackage(handler, source);
    expect(await zygoteStatus(made)).toBe("ok");
    // As after os.fork(): only the forking thread is left.
    for (let id = 0; id < 8; id++) {
      expect(await askChild(made, id, 0)).toEqual(["ok", "ok"]);
      expect(made.ran.get(id)!.answer).toEqual([4_999_950_000, false, 1]);
    }
  });

  test("hooks of packages run once per child there, too", async () => {
    const source = `import os, threading, time
count = 0
def more():
  global count
  count += 1
os.register_at_fork(after_in_child=more)
threading.Thread(target=lambda: time.sleep(600), daemon=True).start()
`;
    const made = await withPackage("import p0\ndef f(event): return p0.count\n", source);
    expect(await zygoteStatus(made)).toBe("ok");
    expect(await askChild(made, 0, 0)).toEqual(["ok", "ok"]);
    expect(made.ran.get(0)!.answer).toBe(1);
  });
});

describeReal("a Zygote whose child does not answer", () => {
  test("is not asked again", async () => {
    const source = "import os, time\nos.register_at_fork(after_in_child=lambda: time.sleep(600))\n";
    const made = await withPackage("def f(event): return 1\n", source, { makeTimeoutMs: 2_000 });
    const { backend, statusOf } = made;
    expect(await zygoteStatus(made)).toBe("ok");
    const status = await statusOf(() => backend.createContainer(0, 0, 0, new Int32Array(0)));
    expect(status).toBe("failed");
    expect(backend.refusedZygotes).toMatchObject([{ why: "a child of it did not answer" }]);
    expect(await zygoteStatus(made, 1)).toBe("failed");
  });

  test("is asked again if the handler itself blocks while it is loaded", async () => {
    const made = await withPackage("import time\ntime.sleep(600)\n", "", { makeTimeoutMs: 2_000 });
    const { backend, statusOf } = made;
    expect(await zygoteStatus(made)).toBe("ok");
    const status = await statusOf(() => backend.createContainer(0, 0, 0, new Int32Array(0)));
    expect(status).toBe("failed");
    expect(backend.refusedZygotes).toEqual([]);
  });
});

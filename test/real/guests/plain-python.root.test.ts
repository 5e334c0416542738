import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { askChild, describeReal, type Stand, stand } from "../stand.js";

const NOTHING = new Int32Array(0);
const open: Stand[] = [];

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A backend with one Zygote that has imported these packages. */
async function withZygote(handler: string, packages: readonly string[]): Promise<Stand> {
  const made = stand([handler], packages);
  open.push(made);
  const ids = Int32Array.from(packages, (_, id) => id);
  for (const id of ids) await made.statusOf(() => made.backend.install(id));
  expect(await made.statusOf(() => made.backend.createZygote(0, NONE, ids))).toBe("ok");
  return made;
}

/** The answers of new children of the Zygote, one invocation each. */
async function answersOfChildren(made: Stand, children: number): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let id = 0; id < children; id++) {
    expect(await askChild(made, id, 0)).toEqual(["ok", "ok"]);
    answers.push(made.ran.get(id)!.answer);
  }
  return answers;
}

async function answersOfFresh(made: Stand, invocations: number): Promise<unknown[]> {
  const { backend, statusOf, ran } = made;
  expect(await statusOf(() => backend.createContainer(9, 0, NONE, NOTHING))).toBe("ok");
  const numbers = Array.from({ length: invocations }, (_, number) => number);
  for (const number of numbers) {
    expect(await statusOf(() => backend.run(9, number, 0, false))).toBe("ok");
  }
  return numbers.map((number) => ran.get(number)!.answer);
}

describeReal("a function finds what it finds in a Python process", () => {
  test("the environment that its module or a call sets stays; a request's variables last for the request", async () => {
    const handler = `import os
os.environ["AT_LOAD"] = "load"
os.environ.setdefault("SHARED", "own")
def f(event):
  seen = [os.environ.get(name) for name in ("AT_LOAD", "IN_CALL", "SHARED", "REQUEST")]
  os.environ["IN_CALL"] = "call"
  return seen
`;
    const made = stand([handler]);
    open.push(made);
    const envs = [{}, { SHARED: "request", REQUEST: "1" }, {}];
    made.envs.push(...envs);
    expect(await answersOfFresh(made, 3)).toEqual([
      ["load", null, "own", null],
      ["load", "call", "request", "1"],
      ["load", "call", "own", null],
    ]);
  });

  test("what an import left in its temporary folder is in every child's own copy of it", async () => {
    const source = `import os, tempfile
folder = tempfile.mkdtemp()
with open(os.path.join(folder, "model.txt"), "w") as file: file.write("m")
`;
    const handler = `import os, p0
def f(event):
  path = os.path.join(p0.folder, "model.txt")
  with open(path, "a") as file: file.write("+")
  with open(path) as file: return [file.read(), oct(os.stat(p0.folder).st_mode & 0o777)]
`;
    const made = await withZygote(handler, [source]);
    expect(await answersOfChildren(made, 2)).toEqual([
      ["m+", "0o700"],
      ["m+", "0o700"],
    ]);
  });

  test("variables that a package sets at its import are there in a Zygote's children", async () => {
    const made = await withZygote("import os\ndef f(event): return os.environ.get('FROM_P0')\n", [
      "import os\nos.environ['FROM_P0'] = 'set'\n",
    ]);
    expect(await answersOfChildren(made, 1)).toEqual(["set"]);
  });

  test("the folder of the function comes first in sys.path, then the standard library, then packages", async () => {
    const handler = `import sys, queue, statistics, p0
def f(event): return [sys.path[0], sys.path[-1], queue.__file__, statistics.__file__, queue.mine]
`;
    // p0's package has a module with the name of one of the standard library
    const made = await withZygote(handler, ["import queue\n"]);
    const packages = join(made.folder, "packages", "p0==1", "site-packages");
    writeFileSync(
      join(packages, "statistics.py"),
      "raise ImportError('the backport was loaded')\n",
    );
    writeFileSync(join(made.folder, "functions", "f0", "queue.py"), "mine = True\n");
    const [[first, last, queue, statistics, mine]] = (await answersOfChildren(made, 1)) as [
      string[],
    ];
    expect(first).toBe("/handler");
    expect(last).toBe("/packages/p0==1/site-packages");
    expect(queue).toBe("/handler/queue.py");
    expect(mine).toBe(true);
    expect(statistics).toMatch(/\/lib\/python3[.0-9]*\/statistics\.py$/);
  });

  test("there are exit and quit, one argument, and a __main__ without a file", async () => {
    const handler = `import sys
def f(event):
  import __main__
  return [exit.__class__.__name__, quit.__class__.__name__, sys.argv, hasattr(__main__, "__file__")]
`;
    const made = await withZygote(handler, []);
    expect(await answersOfChildren(made, 1)).toEqual([["Quitter", "Quitter", [""], false]]);
  });

  test("a process that multiprocessing spawns runs the function's own code", async () => {
    const handler = `import multiprocessing, os
def child(end): end.send(os.getpid())
def f(event):
  spawn = multiprocessing.get_context("spawn")
  near, far = spawn.Pipe()
  process = spawn.Process(target=child, args=(far,))
  process.start()
  answered = near.poll(20) and near.recv() == process.pid
  process.join(20)
  return [answered, process.exitcode]
`;
    const made = await withZygote(handler, []);
    expect(await answersOfChildren(made, 1)).toEqual([[true, 0]]);
  });
});

describeReal("children of one Zygote differ where processes differ", () => {
  test("each generator of random numbers that got no seed, wherever a package keeps it", async () => {
    const source = `import random
own = random.Random()
class Holder:
  def __init__(self): self.kept = {"deep": [random.Random()]}
holder = Holder()
def call(generator=random.Random()): return generator.random()
`;
    const handler = `import p0
def f(event): return [p0.own.random(), p0.holder.kept["deep"][0].random(), p0.call()]
`;
    const answers = await answersOfChildren(await withZygote(handler, [source]), 8);
    for (const at of [0, 1, 2]) {
      expect(new Set(answers.map((each) => (each as number[])[at])).size).toBe(8);
    }
  });

  test("a generator with a seed that a package chose yields Python's numbers for that seed", async () => {
    const source =
      "import random\nseeded = random.Random(7)\nagain = random.Random()\nagain.seed(7)\n";
    const handler = "import p0\ndef f(event): return [p0.seeded.random(), p0.again.random()]\n";
    const answers = await answersOfChildren(await withZygote(handler, [source]), 2);
    // python3 -c "import random; print(random.Random(7).random())"
    const first = 0.32383276483316237;
    expect(answers).toEqual([
      [first, first],
      [first, first],
    ]);
  });

  test("a hook that reseeds a package's own generator runs in each child", async () => {
    const source = `import os, random
made = []
class Identity(random.Random):
  def seed(self, *a): super().seed(*a); made.append(os.urandom(8).hex())
identity = Identity()
os.register_at_fork(after_in_child=identity.seed)
`;
    const handler = "import p0\ndef f(event): return p0.made[-1]\n";
    const answers = await answersOfChildren(await withZygote(handler, [source]), 4);
    expect(new Set(answers).size).toBe(4);
  });

  test("hooks that come in pairs run in pairs: what is locked before a fork is released after it", async () => {
    const source = `import os, threading
lock = threading.Lock()
order = []
os.register_at_fork(before=lock.acquire, after_in_child=lock.release)
os.register_at_fork(before=lambda: order.append("b2"), after_in_child=lambda: order.append("c2"))
os.register_at_fork(before=lambda: order.append("b3"), after_in_child=lambda: order.append("c3"))
`;
    const handler = "import p0\ndef f(event): return [p0.lock.locked(), p0.order]\n";
    const made = await withZygote(handler, [source]);
    // As os.fork: the hooks before the fork in reverse order, those after it in order.
    const expected = [false, ["b3", "b2", "c2", "c3"]];
    expect(await answersOfChildren(made, 2)).toEqual([expected, expected]);
    expect(made.problems).toEqual([]);
  });

  test("the key of multiprocessing", async () => {
    const handler = `import multiprocessing
def f(event): return bytes(multiprocessing.current_process().authkey).hex()
`;
    const made = await withZygote(handler, ["import multiprocessing\n"]);
    expect(new Set(await answersOfChildren(made, 4)).size).toBe(4);
  });
});

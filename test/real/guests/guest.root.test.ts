import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { NONE } from "../../../src/basics/none.js";
import { CRASHES_PER_SECOND } from "../../../src/real/crash-budget.js";
import { findPython } from "../../../src/real/host/python.js";
import { SLOWNESS } from "../../slowness.js";
import { installer, testWithIndex } from "../needs.js";
import { askChild, describeReal, leftovers, type Ran, type Stand, stand } from "../stand.js";

const INSTALL_TIMEOUT_MS = 240_000 * SLOWNESS;

const NOTHING = new Int32Array(0);
/**
 * `send` writes a frame as the guest does: the length in bytes as a little-endian number, then the
 * text.
 */
const FRAMES = `import os
def send(text):
  os.write(3, len(text).to_bytes(4, 'little') + text.encode())
`;
const open: Stand[] = [];

afterEach(async () => {
  const all = open.splice(0);
  for (const each of all) await each.close();
  for (const each of all) expect(leftovers(each.folder)).toEqual([]);
});

function opened(...args: Parameters<typeof stand>): Stand {
  const made = stand(...args);
  open.push(made);
  return made;
}

/** Invokes a fresh container's handler once. */
async function invokeOnce(
  source: string,
  event: unknown = {},
  options: Parameters<typeof stand>[2] = {},
): Promise<Ran> {
  const made = opened([source], [], options);
  made.events.set(0, event);
  const created = await made.statusOf(() => made.backend.createContainer(0, 0, NONE, NOTHING));
  expect([created, ...made.problems]).toEqual(["ok"]);
  const status = await made.statusOf(() => made.backend.run(0, 0, 0, false));
  const ran = made.ran.get(0)!;
  expect(status).toBe(ran.status);
  return ran;
}

describeReal("a handler's outcomes", () => {
  test("its answer comes back as JSON, with what it printed", async () => {
    const ran = await invokeOnce(
      "import sys\ndef f(event):\n  print('out'); print('err', file=sys.stderr)\n  return {'twice': event['x'] * 2}",
      { x: 21 },
    );
    expect(ran).toMatchObject({
      status: "ok",
      outcome: "ok",
      answer: { twice: 42 },
      stdout: "out\n",
      stderr: "err\n",
    });
  });

  test("an exception names its type, message and line", async () => {
    const ran = await invokeOnce("def f(event):\n  return 1 / 0\n");
    expect(ran).toMatchObject({ status: "failed", outcome: "exception" });
    expect(ran.message).toMatch(/^ZeroDivisionError: division by zero \(.*f\.py:2\)$/);
  });

  test("sys.exit and os._exit are failures that say so", async () => {
    const asked = await invokeOnce("import sys\ndef f(event): sys.exit(3)\n");
    expect(asked).toMatchObject({ outcome: "exit", message: "the handler called exit(3)" });
    const hard = await invokeOnce("import os\ndef f(event): os._exit(3)\n");
    expect(hard).toMatchObject({ status: "failed", outcome: "died" });
    expect(hard.message).toBe("ended with exit code 3");
  });

  test("what was printed before a crash or a time-out is kept, however much it is", async () => {
    const text = `${"x".repeat(40)}\\n`;
    const crash = `import os\ndef f(event):\n  for _ in range(1000): print('${text}', end='')\n  os._exit(7)\n`;
    const crashed = await invokeOnce(crash);
    expect(crashed.message).toBe("ended with exit code 7");
    expect(crashed.stdout).toBe(`${"x".repeat(40)}\n`.repeat(1000));
    const hang =
      "import sys, time\ndef f(event):\n  print('step 1')\n  sys.stderr.write('no line end')\n  sys.stderr.flush()\n  time.sleep(3600)\n";
    const hung = await invokeOnce(hang, {}, { runTimeoutMs: 500 * SLOWNESS });
    expect(hung).toMatchObject({ outcome: "timed-out", stdout: "step 1\n", stderr: "no line end" });
  });

  test("threads that print while a large answer is written do not damage it", async () => {
    const source = `import threading, time
def chatter():
  while True: print('y' * 100); time.sleep(0.0001)
def f(event):
  threading.Thread(target=chatter, daemon=True).start()
  time.sleep(0.01)
  return 'x' * 3_000_000
`;
    const ran = await invokeOnce(source);
    expect([ran.outcome, (ran.answer as string).length]).toEqual(["ok", 3_000_000]);
    expect(ran.stdout.startsWith("y".repeat(100))).toBe(true);
  });

  test("the traceback of an exception is plain Python's, from the function's own code on", async () => {
    const source = "def g(x):\n  return 1 / x\n\ndef f(event):\n  return g(0)\n";
    const { traceback } = await invokeOnce(source);
    const plain = saidByPlainPython(source);
    expect(traceback.replaceAll("/handler/f.py", "f.py")).toBe(plain);
  });

  test("sys.stdout has what a file has: bytes, an encoding, close", async () => {
    const source =
      "import sys\ndef f(event):\n  sys.stdout.buffer.write(b'bytes\\n')\n  sys.stdout.close()\n  return sys.stdout.encoding\n";
    expect(await invokeOnce(source)).toMatchObject({ answer: "utf-8", stdout: "bytes\n" });
  });

  test("a coroutine is awaited, on one event loop for all invocations, and what a generator yields is sent as text, or as lines of JSON", async () => {
    const answers = {
      "async def f(event):\n  await asyncio.sleep(0)\n  return 'awaited'": "awaited",
      "def f(event):\n  yield 'a'\n  yield 'b'": "ab",
      "def f(event):\n  yield 1\n  yield {'x': 2}": '1\n{"x": 2}\n',
      "async def f(event):\n  for i in range(2):\n    await asyncio.sleep(0)\n    yield i":
        "0\n1\n",
    };
    for (const [source, answer] of Object.entries(answers)) {
      const ran = await invokeOnce(`import asyncio\n${source}\n`);
      expect([ran.message, ran.answer]).toEqual(["", answer]);
    }
    const failing = await invokeOnce("async def f(event):\n  return 1 / 0\n");
    expect(failing.message).toBe("ZeroDivisionError: division by zero (f.py:2)");
  });

  test("lambda_handler gets the event and a context with the fields that AWS documents", async () => {
    const source = `def lambda_handler(event, context):
  names = ["function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb",
    "aws_request_id", "log_group_name", "log_stream_name", "identity", "client_context"]
  left = context.get_remaining_time_in_millis()
  return [event, [hasattr(context, name) for name in names], 0 <= left, type(left).__name__]
`;
    const ran = await invokeOnce(source, { x: 1 });
    expect(ran.answer).toEqual([{ x: 1 }, Array(9).fill(true), true, "int"]);
  });

  test("a handler that never answers is timed out", async () => {
    const ran = await invokeOnce("def f(event):\n  while True: pass\n", {}, { runTimeoutMs: 300 });
    expect(ran).toMatchObject({ status: "timed-out", message: "gave no answer within 300 ms" });
  });

  test("a handler that closes its socket has failed", async () => {
    const ran = await invokeOnce("import os\ndef f(event): os.close(3)\n");
    expect(ran).toMatchObject({ status: "failed", outcome: "died" });
  });

  test("an answer over the limit is oversized; one that is not JSON is an exception", async () => {
    const limits = { answers: { answerBytes: 1000, outputChars: 100 } };
    const large = await invokeOnce("def f(event): return 'x' * 1000\n", {}, limits);
    expect(large).toMatchObject({
      outcome: "oversized",
      message: "the answer has 1002 bytes, more than 1000",
    });
    const strange = await invokeOnce("def f(event): return {1, 2}\n");
    expect(strange.message).toMatch(/^the answer is not JSON: TypeError: set is not JSON/);
  });

  test("a handler that writes anything except frames with messages ends its container", async () => {
    const flood = await invokeOnce(
      "import os\ndef f(event):\n  while True: os.write(3, b'x' * 100_000)\n",
    );
    expect(flood).toMatchObject({ status: "failed", outcome: "died" });
    const length = 0x78787878; // "xxxx" as a number
    expect(flood.message).toBe(`began a message of ${length} bytes, more than it may send`);
    const noise = await invokeOnce(`${FRAMES}def f(event): send('{]')\n`);
    expect(noise.message).toBe("sent something that is not a message");
    const liar = await invokeOnce(`${FRAMES}def f(event): send('{"outcome":"ok","us":[1]}')\n`);
    expect(liar.message).toBe("sent something that is not a message");
    const empty = await invokeOnce(
      "import os\ndef f(event):\n  while True: os.write(3, bytes(100_000))\n",
    );
    expect(empty.message).toBe("sent something that is not a message");
  });

  test("a message over the limit is refused at its length, before any of its content arrives", async () => {
    const limits = { answers: { answerBytes: 1000, outputChars: 100 } };
    const source =
      "import os, time\ndef f(event):\n  os.write(3, (1 << 20).to_bytes(4, 'little'))\n  time.sleep(60)\n";
    const ran = await invokeOnce(source, {}, { ...limits, runTimeoutMs: 30_000 });
    expect(ran).toMatchObject({ status: "failed", outcome: "died" });
    expect(ran.message).toBe("began a message of 1048576 bytes, more than it may send");
  });

  test("a handler that forges a message of the guest ends its container", async () => {
    for (const forged of [
      '{"ready":true,"us":[0,0,0,0]}',
      '{"warm":true}',
      '{"compiled":"AA=="}',
    ]) {
      const source = `${FRAMES}import time\ndef f(event):\n  send('${forged}')\n  time.sleep(60)\n`;
      const ran = await invokeOnce(source, {}, { runTimeoutMs: 5_000 });
      expect(ran.message, forged).toBe("sent a message that it was not asked for");
    }
  });

  test("an event and an answer of 3 MB, with line ends in them, arrive whole", async () => {
    const text = "line\n".repeat(600_000);
    const ran = await invokeOnce("def f(event): return event['text']\n", { text });
    expect(ran.answer).toBe(text);
  });

  test("output is kept up to the limit and counted beyond it", async () => {
    const ran = await invokeOnce(
      "def f(event): print('x' * 150)\n",
      {},
      {
        answers: { answerBytes: 1000, outputChars: 100 },
      },
    );
    expect(ran.stdout).toBe(`${"x".repeat(100)}\n[51 more characters]`);
  });

  test("too much memory kills the handler, and the message says so", async () => {
    const ran = await invokeOnce(
      "def f(event): return len(bytearray(200 << 20))\n",
      {},
      {
        containerLimits: { memoryBytes: 64 << 20, cores: 1, processes: 16 },
      },
    );
    expect(ran).toMatchObject({ status: "failed", message: "ran out of memory and was killed" });
  });

  test("a handler that does not load or compile fails its container's creation", async () => {
    for (const [source, message] of [
      ["def f(event) return 1", /SyntaxError/],
      ["raise ValueError('no')", /ValueError: no/],
      ["x = 1", /AttributeError: f\.py has no function f/],
    ] as const) {
      const made = opened([source]);
      expect(await made.statusOf(() => made.backend.createContainer(0, 0, NONE, NOTHING))).toBe(
        "failed",
      );
      expect(made.problems[0]).toMatch(message);
    }
  });
});

/** The traceback that plain Python prints for `f(None)` of a source in f.py, without its own line. */
function saidByPlainPython(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), "socklab-plain-"));
  writeFileSync(join(folder, "f.py"), source);
  writeFileSync(join(folder, "main.py"), "import f\nf.f(None)\n");
  const { stderr } = spawnSync(findPython().program, ["main.py"], { cwd: folder });
  rmSync(folder, { recursive: true });
  const [title, , , ...lines] = stderr.toString("utf8").split("\n");
  return [title, ...lines].join("\n").replaceAll(`${folder}/`, "");
}

/** Resolves with the answers of two children of a Zygote that has imported package 0. */
async function answersOfTwoChildren(made: Stand): Promise<number[][]> {
  const { backend, ran } = made;
  const installed = await made.statusOf(() => backend.install(0));
  expect([installed, ...made.problems]).toEqual(["ok"]);
  const created = await made.statusOf(() => backend.createZygote(0, NONE, Int32Array.of(0)));
  expect([created, ...made.problems]).toEqual(["ok"]);
  for (const id of [0, 1]) {
    expect([...(await askChild(made, id, 0)), ...made.problems]).toEqual(["ok", "ok"]);
  }
  return [0, 1].map((id) => ran.get(id)!.answer as number[]);
}

describeReal("Zygotes", () => {
  test("children share what a Zygote imported, and differ in their random numbers", async () => {
    // gauss() makes two numbers at once and keeps the second, which must not be shared either
    const source =
      "import random, p0\ndef f(event): return [p0.value, random.gauss(0, 1), random.random()]\n";
    const made = opened([source], ["import random\nvalue = random.gauss(0, 1)\n"]);
    const [first, second] = await answersOfTwoChildren(made);
    expect(first[0]).toBe(second[0]);
    expect(first[1]).not.toBe(second[1]);
    expect(first[2]).not.toBe(second[2]);
  });

  testWithIndex(
    "children also differ in the numbers of numpy's generators, unless a package chose the seed",
    async () => {
      const source = `import numpy, p0
def f(event):
  drawn = [numpy.random.normal(), numpy.random.random(), p0.state.normal(), p0.generator.random()]
  return drawn + [p0.seeded.random()]
`;
      const packageSource = `import numpy.random
numpy.random.normal()
state = numpy.random.RandomState()
state.normal()
generator = numpy.random.default_rng()
seeded = numpy.random.default_rng(42)
`;
      const made = opened([source], [packageSource]);
      const files = join(made.folder, "packages", "p0==1", "site-packages");
      const pip = ["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--target", files];
      execFileSync(installer!, [...pip, "--python-version", findPython().version, "numpy"]);
      const [first, second] = await answersOfTwoChildren(made);
      for (const at of [0, 1, 2, 3]) expect(first[at]).not.toBe(second[at]);
      // python3 -c "import numpy; print(numpy.random.default_rng(42).random())"
      expect([first[4], second[4]]).toEqual([0.7739560485559633, 0.7739560485559633]);
    },
    INSTALL_TIMEOUT_MS,
  );

  test("what an import prints in a Zygote is in no child's output; a logger made there writes to each child's", async () => {
    const source = "import logging, p0\ndef f(event): logging.warning('mine')\n";
    const logger = "import logging\nprint('made')\nlogging.basicConfig(format='%(message)s')\n";
    const made = opened([source], [logger]);
    await answersOfTwoChildren(made);
    const outputs = [0, 1].map((id) => [made.ran.get(id)!.stdout, made.ran.get(id)!.stderr]);
    expect(outputs).toEqual([
      ["", "mine\n"],
      ["", "mine\n"],
    ]);
  });

  test("children have the limits of answers and output that a fresh container has", async () => {
    const options = { answers: { answerBytes: 1000, outputChars: 100 } };
    const source = "def f(event):\n  print('x' * 150)\n  return 'x' * 1000\n";
    const made = opened([source], [], options);
    const { backend } = made;
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    expect(await askChild(made, 0, 0)).toEqual(["ok", "failed"]);
    const { outcome, stdout } = made.ran.get(0)!;
    expect(outcome).toBe("oversized");
    expect(stdout).toBe(`${"x".repeat(100)}\n[51 more characters]`);
  });

  test("at-fork hooks of packages run in containers, once for each fork between them and the import", async () => {
    const hooks = `import os, threading
seen = []
os.register_at_fork(after_in_child=lambda: seen.append(os.getpid()))
lock = threading.Lock()
os.register_at_fork(after_in_child=lock._at_fork_reinit)
`;
    const source = "import p0\ndef f(event): return [len(p0.seen), p0.lock.acquire(False)]\n";
    const made = opened([source], [hooks, "value = 1\n"]);
    expect(await answersOfTwoChildren(made)).toEqual([
      [1, true],
      [1, true],
    ]);
    const { backend } = made;
    await made.driver.perform(() => backend.install(1));
    await made.driver.perform(() => backend.createZygote(1, 0, Int32Array.of(1)));
    expect(await askChild(made, 2, 1)).toEqual(["ok", "ok"]);
    expect(made.ran.get(2)!.answer).toEqual([2, true]);
  });

  test("threads that an import starts are reported, also those that Python's threading does not know", async () => {
    // a numerical library calls pthread_create(3) too; here the thread runs pause(2)
    const native = `import ctypes
libc = ctypes.CDLL(None)
thread = ctypes.c_ulong()
for _ in range(2):
    assert libc.pthread_create(ctypes.byref(thread), None, libc.pause, None) == 0
`;
    const python =
      "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n";
    const made = opened(["def f(event): return 7"], [native, python, "value = 1\n"]);
    const { backend, problems } = made;
    for (const [id, parent] of [NONE, NONE, NONE, 0].entries()) {
      if (id < 3) {
        await made.driver.perform(() => backend.install(id));
      }
      const added = Int32Array.of(Math.min(id, 2));
      expect(await made.statusOf(() => backend.createZygote(id, parent, added))).toBe("ok");
    }
    // the main thread and those that were started; a fork has only the thread that forked
    expect(problems).toEqual([
      "create-zygote 0: 3 threads: a fork keeps one",
      "create-zygote 1: 2 threads: a fork keeps one",
    ]);
  });

  test("an import that writes to the manager ends its Zygote and nothing else", async () => {
    const nonsense = "import os\nos.write(3, b'{]')\n";
    // the import leaves a process behind, which claims that the manager itself is the next child
    const claim = `import json, os, time
manager = os.getppid()
if os.fork() == 0:
    while True:
        for token in range(100):
            os.write(3, json.dumps({"token": token, "pid": manager, "errno": 0, "helper": 0}).encode())
        time.sleep(0.001)
`;
    const made = opened(["def f(event): return 7"], [nonsense, claim]);
    const { backend } = made;
    const ends: string[] = [];
    for (const id of [0, 1]) {
      await made.driver.perform(() => backend.install(id));
      ends.push(await made.statusOf(() => backend.createZygote(id, NONE, Int32Array.of(id))));
    }
    expect(ends).toEqual(["failed", "ok"]);
    // so that it does not report the true child first
    process.kill(backend.zygoteOf(1).pid, "SIGSTOP");
    expect(await made.statusOf(() => backend.createContainer(0, 0, 1, NOTHING))).toBe(
      "parent-died",
    );
    expect(await made.statusOf(() => backend.createContainer(1, 0, NONE, NOTHING))).toBe("ok");
  });

  test("a Zygote that reports another container's process as its child gets nothing of it, and ends", async () => {
    const packages = [""];
    const made = opened(["def f(event): return 7"], packages);
    const { backend, statusOf } = made;
    expect(await statusOf(() => backend.createContainer(0, 0, NONE, NOTHING))).toBe("ok");
    const victim = backend.processOf(0);
    packages[0] = `import json, os, time
if os.fork() == 0:
    while True:
        for token in range(100):
            os.write(3, json.dumps({"token": token, "pid": ${victim}, "errno": 0, "helper": 0}).encode())
        time.sleep(0.001)
`;
    await made.driver.perform(() => backend.install(0));
    expect(await statusOf(() => backend.createZygote(0, NONE, Int32Array.of(0)))).toBe("ok");
    // so that it does not report the true child first
    process.kill(backend.zygoteOf(0).pid, "SIGSTOP");
    expect(await statusOf(() => backend.createContainer(1, 0, 0, NOTHING))).toBe("parent-died");
    // the other container lives, answers, and its end is still noticed
    expect(await statusOf(() => backend.run(0, 0, 0, false))).toBe("ok");
    expect(made.ran.get(0)!.answer).toBe(7);
    expect(await statusOf(() => backend.destroyContainer(0))).toBe("ok");
  });

  test("a process that an import leaves behind ends with its Zygote", async () => {
    const daemon = "import os, time\nif os.fork() == 0:\n  time.sleep(3600)\n  os._exit(0)\n";
    const made = opened(["def f(event): return 7"], [daemon]);
    const { backend } = made;
    await made.driver.perform(() => backend.install(0));
    expect(await made.statusOf(() => backend.createZygote(0, NONE, Int32Array.of(0)))).toBe("ok");
    const zygote = backend.zygoteOf(0);
    const { cgroups } = backend.sandboxes;
    expect(cgroups.processesIn(zygote.slot.cgroup)).toHaveLength(2);
    expect(await made.statusOf(() => backend.destroyZygote(0))).toBe("ok");
    await expect.poll(() => cgroups.processesIn(zygote.slot.cgroup)).toEqual([]);
  });

  test("an import that fails ahead of the handler is a note; a handler that needs it gets the error", async () => {
    const handlers = ["def f(event): return 1", "import p0\ndef f(event): return 2"];
    const made = opened(handlers, ["raise OSError('no libodbc')"]);
    const { backend, driver, statusOf } = made;
    await driver.perform(() => backend.install(0));
    expect(await statusOf(() => backend.createZygote(0, NONE, Int32Array.of(0)))).toBe("ok");
    expect(made.problems).toEqual(["create-zygote 0: import p0: OSError: no libodbc"]);
    expect(await askChild(made, 0, 0)).toEqual(["ok", "ok"]);
    expect(await statusOf(() => backend.createContainer(1, 1, 0, NOTHING))).toBe("failed");
    expect(made.problems[1]).toMatch(/OSError: no libodbc/);
  });

  test("requests to a killed Zygote complete as parent-died; its containers live on", async () => {
    const made = opened(["def f(event): return 7"]);
    const { backend } = made;
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    await made.driver.perform(() => backend.createContainer(0, 0, 0, NOTHING));
    const zygotePid = backend.zygoteOf(0).pid;
    process.kill(zygotePid, "SIGSTOP"); // so that it has received the request when it dies
    backend.createContainer(1, 0, 0, NOTHING);
    process.kill(zygotePid, "SIGKILL");
    expect(await made.driver.next()).toMatchObject({ status: "parent-died" });
    expect(await made.statusOf(() => backend.createContainer(1, 0, 0, NOTHING))).toBe(
      "parent-died",
    );
    expect(await made.statusOf(() => backend.run(0, 0, 0, false))).toBe("ok");
    expect(made.ran.get(0)!.answer).toBe(7);
  });

  test("so do requests to a Zygote whose end has not been noticed yet", async () => {
    const made = opened(["def f(event): return 7"], ["value = 1\n"]);
    const { backend } = made;
    await made.driver.perform(() => backend.install(0));
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    const { pid } = backend.zygoteOf(0);
    process.kill(pid, "SIGKILL");
    // no turn of the event loop happens here, so the Zygote's end is reported after the following
    // requests
    while (!/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8")));
    backend.createContainer(0, 0, 0, NOTHING);
    backend.createZygote(1, 0, Int32Array.of(0));
    const ends = await made.driver.collect(2);
    expect(ends.map(({ status }) => status)).toEqual(["parent-died", "parent-died"]);
    expect(await made.statusOf(() => backend.createContainer(0, 0, NONE, NOTHING))).toBe("ok");
  });

  test("a function whose containers keep dying gets its next container after another function that asks later", async () => {
    const made = opened(["import os\ndef f(event): os._exit(1)\n", "def f(event): return 7\n"]);
    const { backend, problems } = made;
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    // the deaths that 3 s pay for, minus the burst of 10: 2.5 s are owed, however much of that has
    // passed
    const deaths = 3 * CRASHES_PER_SECOND;
    for (const act of ["create", "run", "destroy"] as const) {
      for (let id = 0; id < deaths; id++) {
        if (act === "create") backend.createContainer(id, 0, 0, NOTHING);
        else if (act === "run") backend.run(id, id, 0, false);
        else backend.destroyContainer(id);
      }
      await made.driver.collect(deaths);
    }
    problems.splice(0);
    backend.createContainer(deaths, 0, 0, NOTHING);
    backend.createContainer(deaths + 1, 1, 0, NOTHING);
    expect(await made.driver.collect(2)).toMatchObject([
      { status: "ok", id: deaths + 1 },
      { status: "ok", id: deaths },
    ]);
    expect(problems).toEqual([expect.stringContaining("died more than 20 times per second")]);
  });

  test("a container killed while it runs is one failed invocation", async () => {
    const made = opened(["import time\ndef f(event): time.sleep(30)"]);
    const { backend } = made;
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    await made.driver.perform(() => backend.createContainer(0, 0, 0, NOTHING));
    backend.run(0, 0, 0, false);
    process.kill(backend.processOf(0), "SIGKILL");
    expect(await made.driver.next()).toMatchObject({ status: "failed" });
    expect(made.ran.get(0)!.message).toMatch(/ended by signal 9|was killed/);
    expect(await made.statusOf(() => backend.destroyContainer(0))).toBe("ok");
  });

  test("the spare children of a Zygote that died end with the next request for it", async () => {
    const made = opened(["def f(event): return 'spare'"], [], { sparesPerZygote: 2 });
    const { backend } = made;
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    await expect.poll(() => backend.sparesOf(0)).toBe(2);
    process.kill(backend.zygoteOf(0).pid, "SIGKILL");
    await expect.poll(() => backend.zygoteOf(0).isGone).toBe(true);
    expect(await made.statusOf(() => backend.createContainer(0, 0, 0, NOTHING))).toBe(
      "parent-died",
    );
    expect(backend.sparesOf(0)).toBe(0);
  });

  test("a spare child of a Zygote becomes a function's container", async () => {
    const made = opened(["def f(event): return 'spare'"], [], { sparesPerZygote: 1 });
    const { backend } = made;
    await made.driver.perform(() => backend.createZygote(0, NONE, NOTHING));
    await made.driver.waitUntil(backend.nowUs + 200_000);
    expect(
      await made.driver.perform(() => backend.createContainer(0, 0, 0, NOTHING)),
    ).toMatchObject({ status: "ok", phaseUs: { create: 0 } }); // it was made before it was needed
    await made.driver.perform(() => backend.run(0, 0, 0, false));
    expect(made.ran.get(0)!.answer).toBe("spare");
  });
});

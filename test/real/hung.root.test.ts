import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { NONE } from "../../src/basics/none.js";
import { HandlerCompiler } from "../../src/real/guests/handler-compiler.js";
import type { RealOptions } from "../../src/real/real-setup.js";
import { cgroupNameOf } from "../../src/real/sandboxes/cgroups/names.js";
import { newInstanceId } from "../../src/real/state/instance.js";
import { guestsOfInstance } from "../worker/guests.js";
import { describeReal, leftovers, type Stand, stand } from "./stand.js";

const NOTHING = new Int32Array(0);
const ONE = "def f(event): return 1\n";
const SPINS = "while True: pass\n";
const BLOCKS = "import time\ntime.sleep(600)\n";
/** Takes long enough to be stopped in the middle, and far less than any limit. */
const TAKES_A_WHILE = "import time\ntime.sleep(0.7)\n";
const LARGE = `${"x = [1, 2, 3]\n".repeat(60_000)}${ONE}`;
/** With these options a creation may take 5 s, the shortest limit. */
const OPTIONS = { runTimeoutMs: 1_500 };
const MAKE_TIMEOUT_MS = 5_000;

/**
 * Source of a module with which a Zygote reports that it is ready, and then runs `body` instead of
 * serving forks.
 */
function afterReady(body: string): string {
  const lines = body.split("\n").map((line) => `    ${line}`);
  return `import os, sys
frame = sys._getframe()
while "write_frame" not in frame.f_globals:
    frame = frame.f_back
def rogue(request_fd):
${lines.join("\n")}
def write(fd, data):
    count = os.write(fd, data)
    if b'"ready"' in data and fd == 3:
        rogue(fd)
    return count
frame.f_globals["write"] = write
`;
}

/**
 * Reads one fork request, forks a child of the manager in the child's cgroup, and never reports it.
 */
const FORKS_AND_SAYS_NOTHING = afterReady(`import array, ctypes, socket, time
CLONE_PARENT, SYS_CLONE = 0x8000, {"x86_64": 56, "aarch64": 220}[os.uname().machine]
control = socket.socket(fileno=os.dup(request_fd))
data, fds, _, _ = socket.recv_fds(control, 4096, 16)
if ctypes.CDLL(None).syscall(SYS_CLONE, CLONE_PARENT, 0, 0, 0, 0) == 0:
    for fd in fds[2:]:
        try:
            os.write(fd, b"0")
        except OSError:
            pass
    time.sleep(600)
for fd in fds:
    os.close(fd)
time.sleep(600)`);

interface Hung extends Stand {
  readonly instance: string;
  /** How the next operation ends. */
  next(): Promise<string>;
  /** Stops the first process in a cgroup whose name matches, as soon as there is one. */
  stopFirst(name: RegExp): Promise<number>;
  /** Expects that a container without a Zygote serves a request. */
  expectColdStart(id: number): Promise<void>;
}

/** A backend that must close and leave nothing behind when the test ends. */
function hungStand(
  packages: readonly string[] = [],
  options: Partial<RealOptions> = {},
  handlers: readonly string[] = [ONE],
): Hung {
  const folder = mkdtempSync(join(tmpdir(), "socklab-hung-"));
  const instance = newInstanceId();
  const made = stand(handlers, packages, { ...OPTIONS, ...options }, folder, instance);
  const { backend } = made;
  onTestFinished(async () => {
    await made.close();
    expect(leftovers(folder)).toEqual([]);
  });
  const next = async () => {
    const { operation, status } = await made.driver.next();
    return `${operation} ${status}`;
  };
  return {
    ...made,
    instance,
    next,
    stopFirst: async (name) => {
      for (;;) {
        const [pid] = guestsOfInstance(instance, name);
        if (pid !== undefined) {
          process.kill(pid, "SIGSTOP");
          return pid;
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    expectColdStart: async (id) => {
      backend.createContainer(id, 0, NONE, NOTHING);
      expect(await next()).toBe("create-container ok");
      backend.run(id, id, 0, false);
      expect(await next()).toBe("run ok");
    },
  };
}

const only = (id: number) => new Int32Array([id]);

describeReal("a Zygote that hangs during its creation", () => {
  test("stopped as soon as it lives, it fails", async () => {
    const { backend, next, stopFirst, problems, expectColdStart } = hungStand([TAKES_A_WHILE]);
    await installed(backend, next);
    backend.createZygote(0, NONE, only(0));
    await stopFirst(/^z-/);
    expect(await next()).toBe("create-zygote failed");
    expect(problems.join()).toContain(`no answer within ${MAKE_TIMEOUT_MS} ms`);
    await expectColdStart(0);
  });

  for (const [how, source] of [
    ["spins", SPINS],
    ["blocks", BLOCKS],
  ] as const) {
    test(`in an import that ${how}, it fails`, async () => {
      const { backend, next, problems, expectColdStart } = hungStand([source]);
      await installed(backend, next);
      backend.createZygote(0, NONE, only(0));
      expect(await next()).toBe("create-zygote failed");
      expect(problems.join()).toContain(`no answer within ${MAKE_TIMEOUT_MS} ms`);
      await expectColdStart(0);
    });
  }

  test("forked from a Zygote that is stopped, it ends as parent-died, so that it is tried elsewhere", async () => {
    const { backend, next, expectColdStart } = await withZygote();
    process.kill(backend.zygoteOf(0).pid, "SIGSTOP");
    backend.createZygote(1, 0, NOTHING);
    expect(await next()).toBe("create-zygote parent-died");
    await expectColdStart(0);
  });

  test("forked, and stopped while it imports, it fails, and its parent still works", async () => {
    const { backend, next, instance, problems } = await withZygote([BLOCKS]);
    await installed(backend, next);
    const parent = backend.zygoteOf(0).pid;
    backend.createZygote(1, 0, only(0));
    const children = () => guestsOfInstance(instance, /^z-/).filter((pid) => pid !== parent);
    await expect.poll(children).toHaveLength(1);
    process.kill(children()[0], "SIGSTOP");
    expect(await next()).toBe("create-zygote failed");
    expect(problems.join()).toContain(`no answer within ${MAKE_TIMEOUT_MS} ms`);
    backend.createContainer(0, 0, 0, NOTHING);
    expect(await next()).toBe("create-container ok");
  });
});

async function installed(backend: Stand["backend"], next: () => Promise<string>): Promise<void> {
  backend.install(0);
  expect(await next()).toBe("install ok");
}

/** A backend with one Zygote without packages. */
async function withZygote(packages: readonly string[] = [], options: Partial<RealOptions> = {}) {
  const made = hungStand(packages, options);
  made.backend.createZygote(0, NONE, NOTHING);
  expect(await made.next()).toBe("create-zygote ok");
  return made;
}

describeReal("a Zygote that hangs when it should fork", () => {
  test("stopped, it reads no request: each child ends as parent-died, and it is killed", async () => {
    const { backend, next, problems, expectColdStart } = await withZygote();
    const zygote = backend.zygoteOf(0);
    process.kill(zygote.pid, "SIGSTOP");
    for (const id of [0, 1, 2]) backend.createContainer(id, 0, 0, NOTHING);
    const ends = [await next(), await next(), await next()];
    expect(ends).toEqual(Array(3).fill("create-container parent-died"));
    expect(problems.join()).toMatch(/its Zygote is gone: is stopped, and did not answer a fork/);
    expect(zygote.isGone).toBe(true);
    backend.createContainer(3, 0, 0, NOTHING);
    expect(await next()).toBe("create-container parent-died");
    await expectColdStart(4);
  });

  for (const [how, source, why] of [
    ["sleeps", afterReady("import time; time.sleep(600)"), "sleeps"],
    ["computes", afterReady("while True: pass"), "computes"],
    ["forks and never reports the child", FORKS_AND_SAYS_NOTHING, "sleeps"],
  ] as const) {
    test(`it reports that it is ready, then ${how}: its child ends as parent-died, and all its processes are gone`, async () => {
      const { backend, next, problems, instance, expectColdStart } = hungStand([source]);
      await installed(backend, next);
      backend.createZygote(0, NONE, only(0));
      expect(await next()).toBe("create-zygote ok");
      backend.createContainer(0, 0, 0, NOTHING);
      expect(await next()).toBe("create-container parent-died");
      expect(problems.join()).toContain(`its Zygote is gone: ${why}`);
      expect(guestsOfInstance(instance, /^[cz]-/)).toEqual([]);
      await expectColdStart(1);
    });
  }

  test("stopped before it is asked for a spare child, it is killed", async () => {
    const { backend, next } = await withZygote([], { sparesPerZygote: 1 });
    await expect.poll(() => backend.sparesOf(0)).toBe(1);
    const zygote = backend.zygoteOf(0);
    process.kill(zygote.pid, "SIGSTOP");
    // takes the spare, so the Zygote is asked for the next one
    backend.createContainer(0, 0, 0, NOTHING);
    expect(await next()).toBe("create-container ok");
    await expect.poll(() => zygote.isGone, { timeout: 20_000 }).toBe(true);
    backend.run(0, 0, 0, false);
    expect(await next()).toBe("run ok");
  });
});

describeReal("a spare child that hangs", () => {
  test("stopped, it does not read its order: its creation fails, and the next one does not", async () => {
    const { backend, next, stopFirst, problems } = await withZygote([], { sparesPerZygote: 1 });
    await expect.poll(() => backend.sparesOf(0)).toBe(1);
    await stopFirst(/^c-/);
    backend.createContainer(0, 0, 0, NOTHING);
    expect(await next()).toBe("create-container failed");
    expect(problems.join()).toContain(`no answer within ${MAKE_TIMEOUT_MS} ms`);
    backend.createContainer(1, 0, 0, NOTHING);
    expect(await next()).toBe("create-container ok");
  });
});

describeReal("a container that hangs", () => {
  test("stopped before it reports that it is ready, it fails", async () => {
    const handler = `${TAKES_A_WHILE}${ONE}`;
    const { backend, next, stopFirst, problems, expectColdStart } = hungStand([], {}, [handler]);
    backend.createContainer(0, 0, NONE, NOTHING);
    await stopFirst(/^c-/);
    expect(await next()).toBe("create-container failed");
    expect(problems.join()).toContain(`no answer within ${MAKE_TIMEOUT_MS} ms`);
    await expectColdStart(1);
  });

  for (const [how, source] of [
    ["spins", SPINS],
    ["blocks", BLOCKS],
  ] as const) {
    test(`in an import that ${how}, it fails`, async () => {
      const { backend, next, problems } = hungStand([source]);
      await installed(backend, next);
      backend.createContainer(0, 0, NONE, only(0));
      expect(await next()).toBe("create-container failed");
      expect(problems.join()).toContain(`no answer within ${MAKE_TIMEOUT_MS} ms`);
    });
  }

  for (const isPaused of [false, true]) {
    const when = isPaused ? "while it was paused" : "before its request";
    test(`stopped ${when}, it is timed out, and can be destroyed`, async () => {
      const { backend, next } = hungStand();
      backend.createContainer(0, 0, NONE, NOTHING);
      expect(await next()).toBe("create-container ok");
      if (isPaused) {
        backend.pause(0);
        expect(await next()).toBe("pause ok");
      }
      process.kill(backend.processOf(0), "SIGSTOP");
      backend.run(0, 0, 0, isPaused);
      expect(await next()).toBe("run timed-out");
      backend.destroyContainer(0);
      expect(await next()).toBe("destroy-container ok");
    });
  }

  test("stopped, it is destroyed", async () => {
    const { backend, next } = hungStand();
    backend.createContainer(0, 0, NONE, NOTHING);
    expect(await next()).toBe("create-container ok");
    process.kill(backend.processOf(0), "SIGSTOP");
    backend.destroyContainer(0);
    expect(await next()).toBe("destroy-container ok");
  });

  test("stopped while it compiles an upload, it costs only the compiled form", async () => {
    const { backend, folder, stopFirst, expectColdStart } = hungStand([], {}, [LARGE]);
    const compiler = new HandlerCompiler(backend.sandboxes);
    const compiled = compiler.compile(join(folder, "functions", "f0"), "f0");
    await stopFirst(/^c-/);
    expect((await compiled).fault).toBe(`gave no answer within ${MAKE_TIMEOUT_MS} ms`);
    await compiler.close();
    await expectColdStart(0);
  });
});

const CPU = "/sys/fs/cgroup/cpu";
const testWithQuota = existsSync(join(CPU, "cpu.shares"))
  ? test
  : (name: string, _body: () => Promise<void>) =>
      test.skip(`${name} [skipped: no CPU controller of cgroup v1]`, () => {});
/**
 * 192 MiB in 49,152 small pages. A fork copies a page table entry for each, which takes some
 * milliseconds of CPU time.
 */
const LARGE_TO_FORK = `import mmap
kept = mmap.mmap(-1, 192 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
kept.madvise(15)  # MADV_NOHUGEPAGE
kept[::4096] = b"x" * (192 << 8)
`;

describeReal("a Zygote that hardly gets a core", () => {
  testWithQuota(
    "does not count as hung, although its fork takes longer than the limit",
    async () => {
      const { backend, next, instance } = hungStand([LARGE_TO_FORK], { runTimeoutMs: 60_000 });
      await installed(backend, next);
      backend.createZygote(0, NONE, only(0));
      expect(await next()).toBe("create-zygote ok");
      // 1 ms of each second is the least that the kernel accepts: the Zygote is runnable, and waits.
      const quota = (ms: number) =>
        writeFileSync(
          join(CPU, cgroupNameOf(instance), "z-0", "cpu.cfs_quota_us"),
          `${ms === 0 ? -1 : ms * 1000}`,
        );
      writeFileSync(join(CPU, cgroupNameOf(instance), "z-0", "cpu.cfs_period_us"), "1000000");
      quota(1);
      try {
        backend.createContainer(0, 0, 0, NOTHING);
        expect(await next()).toBe("create-container ok");
        expect(backend.zygoteOf(0).isGone).toBe(false);
      } finally {
        quota(0);
      }
    },
  );
});

/** v1's freezer: a process that it has frozen does not die of SIGKILL. */
const FREEZER = "/sys/fs/cgroup/freezer";
const testWithFreezer = existsSync(FREEZER)
  ? test
  : (name: string, _body: () => Promise<void>) =>
      test.skip(`${name} [skipped: no freezer of cgroup v1]`, () => {});

describeReal("a process that the kernel does not let die", () => {
  testWithFreezer("has its end reported, and releases its slot when it is gone", async () => {
    const { backend, next, instance, problems } = await withZygote();
    const setState = (state: "FROZEN" | "THAWED") =>
      writeFileSync(join(FREEZER, cgroupNameOf(instance), "freezer.state"), state);
    backend.createContainer(0, 0, 0, NOTHING);
    expect(await next()).toBe("create-container ok");
    setState("FROZEN");
    try {
      backend.createContainer(1, 0, 0, NOTHING);
      expect(await next()).toBe("create-container parent-died");
      expect(problems.join()).toContain("was not gone 5000 ms after it was killed");
      backend.destroyContainer(0);
      expect(await next()).toBe("destroy-container ok");
      expect(guestsOfInstance(instance, /^[cz]-/)).toHaveLength(2);
    } finally {
      setState("THAWED");
    }
    await expect.poll(() => guestsOfInstance(instance, /^[cz]-/)).toEqual([]);
  });
});

describeReal("a backend with hung processes at every step", () => {
  test("closes, reports no end twice, and leaves nothing", async () => {
    const { backend, next, instance } = await withZygote([BLOCKS, SPINS], {
      makeTimeoutMs: 60_000,
      sparesPerZygote: 1,
    });
    await installed(backend, next);
    await expect.poll(() => backend.sparesOf(0)).toBe(1);
    backend.createZygote(1, 0, NOTHING);
    expect(await next()).toBe("create-zygote ok");
    await expect.poll(() => backend.sparesOf(1)).toBe(1);
    backend.createContainer(0, 0, NONE, NOTHING);
    expect(await next()).toBe("create-container ok");
    for (const pid of guestsOfInstance(instance, /^[cz]-/)) process.kill(pid, "SIGSTOP");
    backend.run(0, 0, 0, false);
    backend.createZygote(2, 1, NOTHING); // never born
    backend.createZygote(3, NONE, only(0)); // blocks in its import
    backend.createContainer(1, 0, 0, NOTHING); // takes a stopped spare
    backend.createContainer(2, 0, 0, NOTHING); // never born
    backend.createContainer(3, 0, NONE, NOTHING); // just launched
    backend.destroyContainer(2);
  });
});

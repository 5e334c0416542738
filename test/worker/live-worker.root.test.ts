import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findPython } from "../../src/real/host/python.js";
import { runCli, temporaryFolder } from "../cli/run-cli.js";
import { testWithPip } from "../real/needs.js";
import { describeReal } from "../real/stand.js";
import { SLOWNESS } from "../slowness.js";
import {
  kill,
  processesOf,
  remainsOf,
  spawnWorker,
  startWorker,
  wheelsFolder,
} from "./worker-process.js";

const HANDLER = `import pkg_beta
def f(event):
    return [event, pkg_beta.__name__]
`;

const LATE =
  "import time\nimport pkg_alpha\ndef f(event):\n    time.sleep(event)\n    return event\n";

describeReal("a worker on this machine", () => {
  testWithPip("serves a function with packages; SIGTERM then leaves nothing", async () => {
    const { state, wheels } = await wheelsFolder();
    const { worker, ask, instance } = await startWorker(state, wheels);
    const put = await ask("PUT", "/registry/echo?requirements=beta==1.0,alpha==1.0", HANDLER);
    expect(put.status, put.text).toBe(201);
    const first = await ask("POST", "/run/echo", "7");
    expect([first.status, first.text]).toEqual([200, '[7, "pkg_beta"]']);
    expect((await ask("POST", "/run/echo", "8")).start).toBe("resumed");
    expect(JSON.parse((await ask("GET", "/debug/zygotes")).text)).toContainEqual(
      expect.objectContaining({
        packages: ["beta==1.0", "alpha==1.0"],
        memory: expect.objectContaining({ ussBytes: expect.any(Number) }),
      }),
    );
    const stats = JSON.parse((await ask("GET", "/stats")).text);
    expect([stats.outcomes.completed, stats.disk.packages]).toEqual([2, 2]);
    expect(await kill(worker, "SIGTERM")).toBe(0);
    expect(remainsOf(instance, state)).toEqual([]);
    expect(existsSync(state)).toBe(false);
  });

  testWithPip(
    "its journal can be replayed, with functions registered during the run and timers due all the time",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const journal = join(await temporaryFolder(), "worker.journal");
      const timers = "keep-alive=fixed:keep=50ms,pauseAfter=5ms";
      const options = ["--journal", journal, "--set", timers, "--grace", "300ms"];
      const { worker, ask } = await startWorker(state, wheels, ...options);
      await ask("PUT", "/registry/plain", "def f(event):\n    return event\n");
      await ask("PUT", "/registry/echo?requirements=beta==1.0,alpha==1.0", HANDLER);
      const uploads: Promise<{ status: number }>[] = [];
      for (let round = 0; round < 40; round++) {
        // Under load, a function is replaced and another one is added with a package it needs.
        if (round === 10)
          uploads.push(ask("PUT", "/registry/plain", "def f(event):\n    return event\n"));
        if (round === 12) uploads.push(ask("PUT", "/registry/late?requirements=alpha==1.0", LATE));
        const both = ["plain", "echo"].map((name) => ask("POST", `/run/${name}`, `${round}`));
        expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
        await new Promise((resolve) => setTimeout(resolve, round * 2));
      }
      expect((await Promise.all(uploads)).map(({ status }) => status)).toEqual([201, 201]);
      expect((await ask("POST", "/run/late", "1")).status).toBe(200);
      const cut = ask("POST", "/run/late", "60").then(({ status }) => status);
      await expect.poll(async () => JSON.parse((await ask("GET", "/stats")).text).pending).toBe(1);
      expect(await kill(worker, "SIGTERM")).toBe(0);
      expect(await cut).toBe(503);
      const text = readFileSync(journal, "utf8");
      expect(text.match(/ registered /g)).toHaveLength(4);
      expect(text.match(/ arrived /g)).toHaveLength(82);
      expect(text).toContain(" woke");
      const replayed = await runCli("replay", journal);
      expect([replayed.exitCode, replayed.err]).toEqual([0, ""]);
    },
  );

  testWithPip(
    "a list of requirements with a gap is refused, and the error names the missing package",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const { ask } = await startWorker(state, wheels);
      const put = await ask("PUT", "/registry/echo?requirements=beta==1.0", HANDLER);
      expect([put.status, put.text]).toEqual([
        400,
        expect.stringContaining("beta==1.0 depends on alpha==1.0, which requirements.txt lacks"),
      ]);
      const missing = await ask("PUT", "/registry/echo?requirements=gamma==1.0", HANDLER);
      // the message of pip, or of uv if that is on PATH
      const reason = expect.stringMatching(/No matching|gamma was not found/);
      expect([missing.status, missing.text]).toEqual([422, reason]);
      expect((await ask("POST", "/run/echo")).status).toBe(404);
    },
  );

  testWithPip("a new upload under the same name serves the new code", async () => {
    const { state, wheels } = await wheelsFolder();
    const { ask } = await startWorker(state, wheels);
    await ask("PUT", "/registry/one", "def f(event):\n    return 1\n");
    expect((await ask("POST", "/run/one")).text).toBe("1");
    await ask("PUT", "/registry/one", "def f(event):\n    return 2\n");
    expect((await ask("POST", "/run/one")).text).toBe("2");
  });

  testWithPip("an upload is compiled, and compiling runs none of its code", async () => {
    const { state, wheels } = await wheelsFolder();
    const { ask } = await startWorker(state, wheels);
    const folder = await temporaryFolder();
    const archive = join(await temporaryFolder(), "stale.tar.gz");
    writeFileSync(join(folder, "f.py"), "def f(event):\n    return 'source'\n");
    // a compiled form of another source, by the Python of the containers
    writeFileSync(join(folder, "other.py"), "def f(event):\n    return 'stale'\n");
    const compile = "import py_compile; py_compile.compile('other.py', cfile='f.pyc')";
    execFileSync(findPython().program, ["-c", compile], { cwd: folder });
    execFileSync("tar", ["-czf", archive, "."], { cwd: folder });
    const uploads = {
      sleeper: "import time\ntime.sleep(3600)\ndef f(event): pass\n", // running it would take an hour
      stale: readFileSync(archive),
    };
    for (const [name, body] of Object.entries(uploads)) {
      expect((await ask("PUT", `/registry/${name}`, body)).status, name).toBe(201);
    }
    const filesOf = (name: string) => readdirSync(join(state, "functions", `${name}@1`)).toSorted();
    expect(filesOf("sleeper")).toEqual(["f.py", "f.pyc"]);
    expect(filesOf("stale")).toEqual(["f.py", "f.pyc", "other.py"]);
    expect((await ask("POST", "/run/stale")).text).toBe('"source"');
  });

  testWithPip(
    "an upload that Python refuses is answered 400 with Python's line and message, and the function of its name stays",
    async ({ python }) => {
      const { state, wheels } = await wheelsFolder();
      const { ask } = await startWorker(state, wheels);
      await ask("PUT", "/registry/one", "def f(event):\n    return 1\n");
      const uploads = {
        "no colon": "def f(event) return 1",
        "third line": "def f(event):\n    x = 1\n  return x\n",
        "a zip": readFileSync(await zipOfHandler()),
        "a null byte": "x = '\0'\n",
      };
      for (const [what, body] of Object.entries(uploads)) {
        const { status, text } = await ask("PUT", "/registry/one", body);
        expect({ status, ...JSON.parse(text) }, what).toEqual({
          status: 400,
          error: `one: ${saidByPython(python, Buffer.from(body))}`,
        });
      }
      expect((await ask("POST", "/run/one")).text).toBe("1");
      expect(readdirSync(join(state, "functions"))).toEqual(["one@1"]);
      expect(readdirSync(join(state, "staging"))).toEqual([]);
    },
  );

  testWithPip(
    "a function that cannot be loaded is answered with Python's reason, its line and its output; an upload without f is refused",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const { ask } = await startWorker(state, wheels);
      const failed = async (name: string, source: string) => {
        const put = await ask("PUT", `/registry/${name}`, source);
        expect(put.status, put.text).toBe(201);
        const { status, text } = await ask("POST", `/run/${name}`);
        return { status, ...JSON.parse(text) };
      };
      expect(
        await failed("missing", "import no_such_module_here\ndef f(event):\n    return 1\n"),
      ).toMatchObject({
        status: 500,
        error: "ModuleNotFoundError: No module named 'no_such_module_here' (f.py:1)",
      });
      const raising =
        'print("reading the configuration")\nraise RuntimeError("CONFIG is not set")\ndef f(event): pass\n';
      expect(await failed("raising", raising)).toMatchObject({
        status: 500,
        error: "RuntimeError: CONFIG is not set (f.py:2)",
        stdout: "reading the configuration\n",
        traceback: expect.stringContaining('raise RuntimeError("CONFIG is not set")'),
      });
      const aws = "def lambda_handler(event, context):\n    return context.function_name\n";
      await ask("PUT", "/registry/aws", aws);
      expect((await ask("POST", "/run/aws")).text).toBe('"aws"');
      // only running it shows that there is no f in the end
      expect(await failed("deleted", "def f(event): pass\ndel f\n")).toMatchObject({
        status: 500,
        error: expect.stringContaining("f.py has no function f"),
      });
      const refused = await ask(
        "PUT",
        "/registry/none",
        "def handler(event, context):\n    return 1\n",
      );
      expect([refused.status, refused.text]).toEqual([
        400,
        expect.stringContaining("f.py has no function f"),
      ]);
      for (const source of [
        "from json import *\n",
        "globals()['f'] = print\n",
        "import f2 as f\n",
      ]) {
        expect((await ask("PUT", "/registry/indirect", source)).status, source).toBe(201);
      }
    },
  );

  testWithPip(
    "/metrics counts each start once, as a hit or a miss of the handler cache",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const { ask } = await startWorker(state, wheels);
      await ask("PUT", "/registry/one", "def f(event):\n    return 1\n");
      for (let asked = 0; asked < 3; asked++) await ask("POST", "/run/one");
      const metrics = (await ask("GET", "/metrics")).text;
      expect(metrics).toContain('cache_events_total{tier="handler",event="hits"} 2');
      expect(metrics).toContain('cache_events_total{tier="handler",event="misses"} 1');
      const { starts, tiers } = JSON.parse((await ask("GET", "/stats")).text);
      // SOCK pauses a container without delay: the first start makes it, and the two others resume
      // it
      expect(starts).toMatchObject({ warm: 0, resumed: 2 });
      expect(tiers.handler).toMatchObject({ hits: 2, misses: 1 });
    },
  );

  testWithPip(
    "a function's fault is answered with an error, and the worker still serves others",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const { ask } = await startWorker(state, wheels, "--timeout", `${500 * SLOWNESS}ms`);
      const handlers = {
        raises: "raise ValueError('why')",
        exits: "import os; os._exit(3)",
        hangs: "import time; time.sleep(60)",
        huge: "return 'x' * 50_000_000",
      };
      for (const [name, line] of Object.entries(handlers)) {
        await ask("PUT", `/registry/${name}`, `def f(event):\n    ${line}\n`);
      }
      const ends = await Promise.all(
        Object.keys(handlers).map(async (name) => {
          const { status, text } = await ask("POST", `/run/${name}`);
          return [name, status, JSON.parse(text).error !== ""];
        }),
      );
      expect(ends).toEqual([
        ["raises", 500, true],
        ["exits", 500, true],
        ["hangs", 504, true],
        ["huge", 500, true],
      ]);
      await ask("PUT", "/registry/fine", "def f(event):\n    return 1\n");
      const many = await Promise.all(Array.from({ length: 40 }, () => ask("POST", "/run/fine")));
      expect(new Set(many.map(({ status }) => status))).toEqual(new Set([200]));
    },
  );

  testWithPip(
    "after SIGKILL during a request a new worker removes everything that the old one left",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const first = await startWorker(state, wheels);
      await first.ask("PUT", "/registry/slow", "import time\ndef f(event):\n    time.sleep(60)\n");
      const lost = first.ask("POST", "/run/slow").catch(() => "lost");
      await expect.poll(() => processesOf(first.instance).length).toBeGreaterThan(1);
      await kill(first.worker, "SIGKILL");
      expect(await lost).toBe("lost");
      expect(remainsOf(first.instance, state)).not.toEqual([]);
      const second = await startWorker(state, wheels);
      expect(second.said()).toContain(`cleaned up after ${first.instance}`);
      expect(remainsOf(first.instance, join(state, "none"))).toEqual([]);
      await second.ask("PUT", "/registry/one", "def f(event):\n    return 1\n");
      expect((await second.ask("POST", "/run/one")).text).toBe("1");
      expect(await kill(second.worker, "SIGTERM")).toBe(0);
      expect(remainsOf(second.instance, state)).toEqual([]);
    },
  );

  testWithPip(
    "with --functions, uploads are there again after SIGKILL; a bad file is one warning",
    async () => {
      const { state, wheels } = await wheelsFolder();
      const folder = await temporaryFolder();
      writeFileSync(join(folder, "given.py"), "def f(event):\n    return 'given'\n");
      writeFileSync(join(folder, "bad.py"), "def f(event) return 1\n");
      const first = await startWorker(state, wheels, "--functions", folder);
      expect(
        first.said().match(/warning: not registered: bad: f\.py:1: SyntaxError/g),
      ).toHaveLength(1);
      expect((await first.ask("POST", "/run/given")).text).toBe('"given"');
      await first.ask("PUT", "/registry/echo?requirements=beta==1.0,alpha==1.0", HANDLER);
      await first.ask("PUT", "/registry/gone", "def f(event):\n    return 1\n");
      await first.ask("DELETE", "/registry/gone");
      await kill(first.worker, "SIGKILL");
      const second = await startWorker(state, wheels, "--functions", folder);
      expect((await second.ask("POST", "/run/echo", "7")).text).toBe('[7, "pkg_beta"]');
      expect((await second.ask("POST", "/run/given")).text).toBe('"given"');
      expect((await second.ask("POST", "/run/gone")).status).toBe(404);
      expect(await kill(second.worker, "SIGTERM")).toBe(0);
      const kept = ["bad.py", "echo.py", "echo.requirements.txt", "given.py"];
      expect(readdirSync(folder).toSorted()).toEqual(kept);
    },
  );

  testWithPip("a second worker refuses a folder that a live worker uses", async () => {
    const { state, wheels } = await wheelsFolder();
    await startWorker(state, wheels);
    const { worker, said } = spawnWorker(state, wheels, []);
    expect(await new Promise((resolve) => worker.once("exit", resolve))).toBe(2);
    expect(said()).toContain("in use by process");
  });
});

test("a token file must contain a secret", async () => {
  const path = join(await temporaryFolder(), "token");
  writeFileSync(path, "\n");
  const { exitCode, err } = await runCli("worker", "--token-file", path);
  expect([exitCode, err]).toEqual([2, expect.stringContaining("empty, expected a secret")]);
});

/** A zip that contains an f.py. Many platforms accept one; this one does not. */
async function zipOfHandler(): Promise<string> {
  const path = join(await temporaryFolder(), "f.zip");
  const program =
    "import sys, zipfile\nzipfile.ZipFile(sys.argv[1], 'w').writestr('f.py', 'x = 1')";
  execFileSync(findPython().program, ["-c", program, path]);
  return path;
}

/**
 * Plain Python's error for a source, as `f.py:<line>: <type>: <message>`. The line is left out if
 * Python names none.
 */
function saidByPython(python: string, source: Buffer): string {
  const program = `import json, sys
try: compile(sys.stdin.buffer.read(), "f.py", "exec")
except Exception as error: print(json.dumps([getattr(error, "lineno", None), type(error).__name__, getattr(error, "msg", str(error))]))`;
  const said = execFileSync(python, ["-c", program], { input: source });
  const [line, type, message] = JSON.parse(said.toString("utf8"));
  return `f.py${line === null ? "" : `:${line}`}: ${type}: ${message}`;
}

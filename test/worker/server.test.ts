import { execFile, execFileSync } from "node:child_process";
import { existsSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { InstallError } from "../../src/real/packages/package-store.js";
import { renderMetrics } from "../../src/worker/metrics.js";
import { type WorkerServerOptions, workerServer } from "../../src/worker/server.js";
import { TimeHistogram } from "../../src/worker/time-histogram.js";
import { DEFAULT_UPLOAD_LIMITS } from "../../src/worker/upload.js";
import type {
  Call,
  FunctionUpload,
  InvocationResult,
  RegisteredFunction,
  WorkerEngine,
  WorkerStats,
} from "../../src/worker/worker.js";
import { temporaryFolder } from "../cli/run-cli.js";
import { archive } from "./archive.js";

const DONE: InvocationResult = {
  outcome: "completed",
  start: "zygote",
  answer: Buffer.from("null"),
  http: undefined,
  isBadEvent: false,
  message: "",
  stdout: "",
  stderr: "",
  traceback: "",
  queueUs: 100,
  provisionUs: 1_500,
  runUs: 20_000,
};

/** An engine that answers each invocation with the result of `respond`. */
class FakeEngine implements WorkerEngine {
  readonly registered = new Map<string, RegisteredFunction>();
  readonly files = new Map<string, readonly string[]>();
  respond: (name: string, call: Call) => Promise<InvocationResult> = async (_, { body }) => ({
    ...DONE,
    answer: Buffer.from(body),
  });

  /** Why missing==1.0 cannot be installed. */
  fault: InstallError["reason"] = "failed";

  find(name: string) {
    return this.registered.get(name);
  }
  list() {
    return [...this.registered.values()];
  }
  invoke(name: string, call: Call) {
    return this.respond(name, call);
  }
  async register({ name, folder, requirements: { pinned: requirements, notes } }: FunctionUpload) {
    if (requirements.includes("missing==1.0")) {
      throw new InstallError(this.fault, "missing==1.0: pip: No matching distribution");
    }
    this.files.set(name, readdirSync(folder).sort());
    const revision = (this.registered.get(name)?.revision ?? 0) + 1;
    const made = { name, revision, requirements, ...(notes.length > 0 && { notes }) };
    this.registered.set(name, made);
    await rm(folder, { recursive: true });
    return made;
  }
  async remove(name: string) {
    this.registered.delete(name);
  }
  stats() {
    return STATS;
  }
  async zygotes() {
    return [];
  }
  async close() {}
}

const NO_EVENTS = { hits: 0, misses: 0, insertions: 0, evictions: 0, expirations: 0 };
const startupUs = new TimeHistogram();
for (const us of [90, 1_000, 1_001, 60_000_000]) startupUs.add(us);
const STATS: WorkerStats = {
  uptimeUs: 2_500_000,
  functions: 1,
  pending: 0,
  starts: {
    warm: 3,
    resumed: 0,
    "delayed-warm": 0,
    zygote: 1,
    "zygote-built": 0,
    "root-zygote": 0,
    cold: 0,
  },
  outcomes: { completed: 4, failed: 0, "timed-out": 0, rejected: 0 },
  tiers: { handler: { ...NO_EVENTS, hits: 3 }, import: NO_EVENTS, install: NO_EVENTS },
  memory: { limitBytes: 1000, runningBytes: 1, handlerBytes: 2, zygoteBytes: 3 },
  disk: { limitBytes: Number.POSITIVE_INFINITY, usedBytes: 7, packages: 2 },
  startupUs,
  runUs: new TimeHistogram(),
  warnings: {},
};

async function begin(change: Partial<WorkerServerOptions> = {}) {
  const folder = await temporaryFolder();
  const engine = new FakeEngine();
  const app = workerServer(engine, {
    staging: join(folder, "staging"),
    uploads: DEFAULT_UPLOAD_LIMITS,
    eventBytes: 1024,
    pendingLimit: 2,
    requestTimeoutMs: 10_000,
    token: undefined,
    ...change,
  });
  onTestFinished(() => app.close());
  const address = await app.listen({ host: "127.0.0.1", port: 0 });
  const ask = async (method: string, path: string, body?: string | Buffer, headers = {}) => {
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const response = await fetch(`${address}${path}`, init);
    const text = await response.text();
    return { status: response.status, text, headers: response.headers };
  };
  return { engine, app, address, folder, ask };
}

const HANDLER = "def f(event):\n    return event\n";

test("a registered function runs with its event, and the answer names the kind of its start", async () => {
  const { ask } = await begin();
  const put = await ask("PUT", "/registry/echo", HANDLER);
  expect([put.status, JSON.parse(put.text)]).toEqual([
    201,
    { name: "echo", revision: 1, requirements: [] },
  ]);
  const ran = await ask("POST", "/run/echo", '{"a":1}');
  expect([ran.status, ran.text]).toEqual([200, '{"a":1}']);
  expect(ran.headers.get("x-socklab-start")).toBe("zygote");
  expect(ran.headers.get("server-timing")).toBe("queue;dur=0.1, provision;dur=1.5, run;dur=20");
});

test("a function is listed, can be uploaded again, and is gone after it is deleted", async () => {
  const { ask } = await begin();
  await ask("PUT", "/registry/echo", HANDLER);
  await ask("PUT", "/registry/echo", HANDLER);
  expect(JSON.parse((await ask("GET", "/registry/echo")).text).revision).toBe(2);
  expect(JSON.parse((await ask("GET", "/registry")).text)).toHaveLength(1);
  expect((await ask("DELETE", "/registry/echo")).status).toBe(204);
  for (const [method, path] of [
    ["DELETE", "/registry/echo"],
    ["GET", "/registry/echo"],
    ["POST", "/run/echo"],
    ["GET", "/nowhere"],
  ] as const) {
    expect((await ask(method, path)).status, `${method} ${path}`).toBe(404);
  }
});

test("an archive brings its files and its requirements", async () => {
  const { ask, engine, folder } = await begin();
  const body = await archive({
    "f.py": HANDLER,
    "lib/help.py": "",
    "requirements.txt": "# pinned\nNumPy==1.26.0  # fast\n\nsix==1.16.0\n",
  });
  const put = await ask("PUT", "/registry/big", body);
  expect(put.status, put.text).toBe(201);
  expect(engine.files.get("big")).toEqual(["f.py", "lib", "requirements.txt"]);
  expect(engine.find("big")?.requirements).toEqual(["numpy==1.26.0", "six==1.16.0"]);
  expect(readdirSync(join(folder, "staging"))).toEqual([]);
});

test("the requirements of a single f.py are in the URL", async () => {
  const { ask, engine } = await begin();
  await ask("PUT", "/registry/one?requirements=six==1.16.0,numpy==1.26.0", HANDLER);
  expect(engine.find("one")?.requirements).toEqual(["six==1.16.0", "numpy==1.26.0"]);
});

test("an upload that is at fault is refused with its reason and leaves nothing", async () => {
  const { ask, folder } = await begin({
    uploads: { uploadBytes: 20_000, unpackedBytes: 50_000, files: 5 },
  });
  const many = Object.fromEntries(["a", "b", "c", "d", "e", "f.py"].map((name) => [name, ""]));
  const broken = (await archive({ "f.py": HANDLER })).subarray(0, 60);
  for (const [body, status, reason] of [
    ["", 400, "empty"],
    [await archive({ "g.py": HANDLER }), 400, "has no f.py"],
    [await archive({ "f.py": HANDLER, zeros: "\0".repeat(60_000) }), 400, "more than 50000 bytes"],
    [await archive(many), 400, "more than 5 files"],
    [broken, 400, "archive"],
    ["#".repeat(20_001), 413, "too large"],
    [await archive({ "f.py": HANDLER, "requirements.txt": "six=1" }), 400, "requirements.txt:1"],
    [await archive({ "f.py": "", "requirements.txt": "missing==1.0" }), 422, "No matching"],
  ] as const) {
    const put = await ask("PUT", "/registry/bad", body);
    expect([put.status, put.text], reason).toEqual([status, expect.stringContaining(reason)]);
  }
  expect((await ask("PUT", "/registry/%2e%2e%2fescape", HANDLER)).status).toBe(400);
  const twice = "/registry/bad?requirements=six==1.16.0&requirements=numpy==1.26.0";
  expect((await ask("PUT", twice, HANDLER)).status).toBe(400);
  expect(existsSync(join(folder, "escape"))).toBe(false);
});

test("a package that is not installed is the client's fault only if the installer refused it", async () => {
  const { ask, engine } = await begin();
  for (const [fault, status, retryAfter] of [
    ["failed", 422, null],
    ["no-space", 507, null],
    ["killed", 503, "1"],
    ["timed-out", 503, "1"],
    ["unreachable", 503, "1"],
    ["closed", 503, "1"],
    ["broken", 503, "1"],
  ] as const) {
    engine.fault = fault;
    const put = await ask("PUT", "/registry/bad?requirements=missing==1.0", HANDLER);
    expect([put.status, put.headers.get("retry-after")], fault).toEqual([status, retryAfter]);
    expect(put.text).toContain("missing==1.0");
  }
});

test("an archive with a link is refused, since the link could lead out of the folder", async () => {
  const { ask } = await begin();
  const folder = await temporaryFolder();
  writeFileSync(join(folder, "f.py"), HANDLER);
  symlinkSync("/etc", join(folder, "etc"));
  const put = await ask(
    "PUT",
    "/registry/link",
    execFileSync("tar", ["-czf", "-", "-C", folder, "."]),
  );
  expect([put.status, put.text]).toEqual([400, expect.stringContaining("neither a file nor a")]);
});

test("the faults of a function have different statuses: 500, 504 and 429", async () => {
  const { ask, engine } = await begin();
  await ask("PUT", "/registry/bad", HANDLER);
  for (const [outcome, status] of [
    ["failed", 500],
    ["timed-out", 504],
    ["rejected", 429],
  ] as const) {
    engine.respond = async () => ({ ...DONE, outcome, message: "why", stderr: "trace" });
    const { status: got, text, headers } = await ask("POST", "/run/bad", "1");
    expect(got).toBe(status);
    expect(JSON.parse(text)).toEqual({ outcome, error: "why", stdout: "", stderr: "trace" });
    expect(headers.get("retry-after")).toBe(outcome === "rejected" ? "1" : null);
  }
});

test("over the limit of pending invocations the answer is 429; below it requests are served again", async () => {
  const { ask, engine } = await begin({ pendingLimit: 2 });
  await ask("PUT", "/registry/slow", HANDLER);
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  engine.respond = async () => {
    await released;
    return DONE;
  };
  const first = [ask("POST", "/run/slow"), ask("POST", "/run/slow")];
  await expect.poll(async () => (await ask("POST", "/run/slow", "x")).status).toBe(429);
  release();
  for (const { status } of await Promise.all(first)) expect(status).toBe(200);
  expect((await ask("POST", "/run/slow")).status).toBe(200);
});

test("an event that is too long is refused before anything runs", async () => {
  const { ask, engine } = await begin({ eventBytes: 100 });
  await ask("PUT", "/registry/echo", HANDLER);
  engine.respond = async () => {
    throw new Error("it ran");
  };
  expect((await ask("POST", "/run/echo", JSON.stringify("x".repeat(200)))).status).toBe(413);
});

/** Sends all of a body before it reads anything, as Python's http.client does; prints what it gets. */
const SENDS_FIRST = `import http.client, sys
address, path, length, coding = sys.argv[1:]
connection = http.client.HTTPConnection(address, timeout=60)
piece = b"1" * 1000000
body = (piece for _ in range(int(length)))
if coding == "length":
    body = b"".join(body)
connection.request("PUT", path, body)
answer = connection.getresponse()
print(answer.status, answer.read().decode())
`;

test("a client that sends 40 MB before it reads can read 413, with a length and in chunks", async () => {
  const { ask, address } = await begin({ eventBytes: 6_000_000 });
  await ask("PUT", "/registry/echo", HANDLER);
  const client = promisify(execFile);
  for (const path of ["/run/echo", "/registry/echo"]) {
    for (const coding of ["length", "chunks"]) {
      const args = ["-c", SENDS_FIRST, new URL(address).host, path, "40", coding];
      const { stdout } = await client("python3", args);
      expect([path, coding, stdout]).toEqual([
        path,
        coding,
        expect.stringMatching(/^413 .*too large/),
      ]);
    }
  }
});

test("with a token, only clients that have it may register or look inside; all clients may invoke", async () => {
  const { ask } = await begin({ token: "secret" });
  const mine = { authorization: "Bearer secret" };
  expect((await ask("PUT", "/registry/echo", HANDLER)).status).toBe(401);
  expect(
    (await ask("GET", "/debug/zygotes", undefined, { authorization: "Bearer x" })).status,
  ).toBe(401);
  expect((await ask("PUT", "/registry/echo", HANDLER, mine)).status).toBe(201);
  expect((await ask("POST", "/run/echo")).status).toBe(200);
  expect((await ask("GET", "/status")).status).toBe(200);
});

test("stats are JSON; metrics are Prometheus' text format with cumulative buckets", async () => {
  const { ask } = await begin();
  expect(JSON.parse((await ask("GET", "/stats")).text).starts.warm).toBe(3);
  const { text, headers } = await ask("GET", "/metrics");
  expect(headers.get("content-type")).toContain("version=0.0.4");
  expect(text).toBe(await renderMetrics(STATS));
  expect(text).toContain('socklab_starts_total{kind="warm"} 3\n');
  expect(text).toContain('socklab_cache_events_total{tier="handler",event="hits"} 3\n');
  // 90 us, 1000 us, 1001 us and 60 s: one is at most 100 us, two are at most 1 ms, three at most 2
  // ms
  expect(text).toContain('socklab_startup_seconds_bucket{le="0.0001"} 1\n');
  expect(text).toContain('socklab_startup_seconds_bucket{le="0.001"} 2\n');
  expect(text).toContain('socklab_startup_seconds_bucket{le="0.002"} 3\n');
  expect(text).toContain('socklab_startup_seconds_bucket{le="30"} 3\n');
  expect(text).toContain('socklab_startup_seconds_bucket{le="+Inf"} 4\n');
  expect(text).toContain("socklab_startup_seconds_sum 60.002091\n");
  expect(text).toContain("socklab_disk_limit_bytes +Inf\n");
  for (const line of text.trim().split(/\n+/)) {
    expect(line).toMatch(
      /^(# (HELP|TYPE) socklab_\w+ .+|socklab_\w+(\{[^}]+\})? [\d.e+-]+|.* \+Inf)$/,
    );
  }
});

test("a stop lets running requests end and accepts no further one", async () => {
  const { ask, engine, app } = await begin();
  await ask("PUT", "/registry/slow", HANDLER);
  let release: (() => void) | undefined;
  engine.respond = () =>
    new Promise((resolve) => {
      release = () => resolve(DONE);
    });
  const running = ask("POST", "/run/slow");
  await expect.poll(() => release).toBeDefined();
  const closed = app.close();
  release!();
  expect((await running).status).toBe(200);
  await closed;
  await expect(ask("GET", "/status")).rejects.toThrow();
});

test("what an invocation printed is in the function's log, and its end in a header on demand", async () => {
  const { engine, ask } = await begin();
  engine.respond = async () => ({ ...DONE, stdout: "printed\n", stderr: "logged\n" });
  await ask("PUT", "/registry/echo", HANDLER);
  expect((await ask("POST", "/run/echo")).headers.get("x-socklab-log-result")).toBeNull();
  const tail = await ask("POST", "/run/echo", "{}", { "x-socklab-log-result": "tail" });
  const result = Buffer.from(tail.headers.get("x-socklab-log-result")!, "base64").toString();
  expect(result).toBe("printed\nlogged\n");
  const entry = { outcome: "completed", stdout: "printed\n", stderr: "logged\n" };
  const kept = JSON.parse((await ask("GET", "/logs/echo")).text);
  expect(kept).toMatchObject([entry, entry]);
  expect(Date.parse(kept[0].at)).not.toBeNaN();
  await ask("DELETE", "/registry/echo");
  expect((await ask("GET", "/logs/echo")).status).toBe(404);
});

test("clients of OpenLambda register with POST, list with a trailing slash, and run with any method and path", async () => {
  const { ask } = await begin();
  expect((await ask("POST", "/registry/echo", HANDLER)).status).toBe(201);
  expect(JSON.parse((await ask("GET", "/registry/")).text)).toMatchObject([{ name: "echo" }]);
  for (const [method, path] of [
    ["GET", "/run/echo"],
    ["GET", "/run/echo/"],
    ["GET", "/run/echo/a/b?x=1"],
    ["DELETE", "/run/echo"],
  ] as const) {
    const { status, text } = await ask(method, path);
    expect([status, text], `${method} ${path}`).toEqual([200, ""]);
  }
  expect((await ask("PUT", "/run/echo/a", "7")).text).toBe("7");
  expect((await ask("GET", "/healthz")).status).toBe(200);
});

test("an invocation that is refused with 429 is counted as rejected, and as a miss", async () => {
  const { engine, ask } = await begin({ pendingLimit: 1 });
  let answer = (_: InvocationResult) => {};
  engine.respond = () => new Promise((resolve) => (answer = resolve));
  await ask("PUT", "/registry/slow", HANDLER);
  const first = ask("POST", "/run/slow");
  await expect.poll(() => ask("POST", "/run/slow").then(({ status }) => status)).toBe(429);
  answer(DONE);
  await first;
  const { outcomes, tiers } = JSON.parse((await ask("GET", "/stats")).text);
  expect(outcomes.rejected).toBeGreaterThan(0);
  expect(tiers.handler.misses).toBe(outcomes.rejected); // STATS has 0 of both
  const metrics = (await ask("GET", "/metrics")).text;
  expect(metrics).toContain(`invocations_total{outcome="rejected"} ${outcomes.rejected}`);
});

test("a body reaches the function and its caller byte for byte, whatever it is", async () => {
  const { ask, app } = await begin();
  await ask("PUT", "/registry/echo", HANDLER);
  const payload = Buffer.from([0x22, 0xff, 0x00, 0x0a, 0x22]);
  for (const method of ["POST", "GET", "DELETE"] as const) {
    const { rawPayload } = await app.inject({ method, url: "/run/echo", payload });
    expect([method, rawPayload]).toEqual([method, payload]);
  }
});

test("a function sees the request: method, path below its name, query, headers in their order", async () => {
  const { ask, engine, app } = await begin();
  await ask("PUT", "/registry/echo", HANDLER);
  let seen: Call["http"];
  engine.respond = async (_, { http }) => {
    seen = http;
    return DONE;
  };
  const headers = { "X-One": "1", host: "example.org:81" };
  await app.inject({ method: "PATCH", url: "/run/echo/a%20b/%C3%A9?x=%20&y", headers });
  expect(seen).toMatchObject({
    method: "PATCH",
    root: "/run/echo",
    path: "/a b/\u00c3\u00a9", // the two bytes of é in UTF-8, one character for each
    rawPath: "/run/echo/a%20b/%C3%A9",
    query: "x=%20&y",
    host: "example.org:81",
  });
  expect((await ask("GET", "/run/echo")).status).toBe(200);
  expect(seen!.path).toBe("/");
});

test("an answer has the function's status and headers, also two of one name, and its own length", async () => {
  const { ask, engine } = await begin();
  await ask("PUT", "/registry/app", HANDLER);
  const headers = [
    ["Set-Cookie", "a=1"],
    ["Set-Cookie", "b=2"],
    ["Content-Type", "image/png"],
    ["Content-Length", "999"],
    ["Connection", "close"],
  ] as const;
  engine.respond = async () => ({
    ...DONE,
    answer: Buffer.from([0, 255]),
    http: { status: 418, headers },
  });
  const got = await ask("GET", "/run/app");
  expect([got.status, got.headers.get("content-type"), got.headers.get("content-length")]).toEqual([
    418,
    "image/png",
    "2",
  ]);
  expect(got.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(got.headers.get("connection")).not.toBe("close");
  engine.respond = async () => ({
    ...DONE,
    answer: Buffer.alloc(0),
    http: { status: 204, headers: [] },
  });
  expect((await ask("GET", "/run/app")).headers.has("content-length")).toBe(false);
});

test("a function that takes some methods only is not run for others: 405, with Allow", async () => {
  const { ask, engine } = await begin();
  const limited = { name: "form", revision: 1, requirements: [], methods: ["GET", "POST"] };
  engine.registered.set("form", limited);
  const refused = await ask("PUT", "/run/form");
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, POST"]);
  expect((await ask("GET", "/run/form")).status).toBe(200);
});

test("a piece of an answer is sent when the client has taken the one before; a failure cuts the answer off", async () => {
  const { ask, engine } = await begin();
  await ask("PUT", "/registry/stream", HANDLER);
  const wanted: boolean[] = [];
  let outcome: InvocationResult["outcome"] = "completed";
  engine.respond = async (_, { onPiece }) => {
    const http = { status: 201, headers: [["content-type", "text/plain"]] } as const;
    for (const text of ["one ", "two"]) {
      const head = text === "one " ? http : undefined;
      wanted.push(await new Promise((done) => onPiece!({ head, bytes: Buffer.from(text), done })));
    }
    return { ...DONE, outcome, answer: undefined };
  };
  const whole = await ask("GET", "/run/stream");
  expect([whole.status, whole.text, wanted]).toEqual([201, "one two", [true, true]]);
  outcome = "failed";
  await expect(ask("GET", "/run/stream")).rejects.toThrow();
});

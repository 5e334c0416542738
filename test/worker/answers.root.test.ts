import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { text as textOf } from "node:stream/consumers";
import { expect, test } from "vitest";
import { findPython } from "../../src/real/host/python.js";
import { describeReal } from "../real/stand.js";
import { SLOWNESS } from "../slowness.js";
import { type LiveStand, liveStand } from "./live-stand.js";

/** Registers a function and returns a way to call it. */
async function registered(source: string, options = {}) {
  const made = await liveStand(options);
  const put = await made.ask("PUT", "/registry/fn", source);
  expect(put.status, put.text).toBe(201);
  return made;
}

/** What `json.dumps(json.loads(text))` prints in this machine's Python. */
function throughPlainPython(text: string): string {
  const program =
    "import json, sys; sys.stdout.write(json.dumps(json.loads(sys.stdin.buffer.read())))";
  return spawnSync(findPython().program, ["-c", program], { input: text, encoding: "utf8" }).stdout;
}

const call = ({ ask }: LiveStand, body?: string | Buffer) => ask("POST", "/run/fn", body);

describeReal("values", () => {
  test("an event reaches Python as its caller wrote it, and the answer is what json.dumps writes", async () => {
    const made = await registered("def f(event):\n    return event\n");
    const texts = [
      "9223372036854775807",
      "-9223372036854775809",
      "123456789012345678901234567890",
      "0.1",
      "1e22",
      "1E400",
      "-0.0",
      "1.0",
      "5e-324",
      "NaN",
      "[Infinity, -Infinity]",
      '{"a": 1, "a": 2}',
      '{"": null, "\\ud800": "\\u0000\\u2028é"}',
      ' \n {"a" :[ 1,2 ] }\r\n',
      "\uFEFF[1]",
      '"\u{1F600}"',
    ];
    for (const text of texts) {
      const got = await call(made, text);
      expect([text, got.status, got.text]).toEqual([text, 200, throughPlainPython(text)]);
    }
    expect((await call(made)).text).toBe("{}"); // no body: an empty event, as with OpenLambda
  });

  test("2**63 - 1, a float and NaN leave Python unrounded", async () => {
    const made = await registered(
      "def f(event):\n    return {'id': 2**63 - 1, 'x': 0.1 + 0.2, 'no': float('nan')}\n",
    );
    expect((await call(made)).text).toBe(
      '{"id": 9223372036854775807, "x": 0.30000000000000004, "no": NaN}',
    );
  });

  test("an event that is not JSON is answered with 400 and Python's reason, and the function does not run", async () => {
    const made = await registered("def f(event):\n    print('ran')\n    return 1\n");
    const bad = [
      ["{nonsense", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
      ["[1] 2", "Extra data: line 1 column 5 (char 4)"],
      ["  ", "Expecting value: line 1 column 3 (char 2)"],
      [Buffer.from([0x22, 0xff, 0x22]), "'utf-8' codec can't decode byte 0xff in position 1"],
      ["[".repeat(100_000), "maximum recursion depth exceeded"],
      ["1".repeat(5_000), ""], // Python refuses integers of more than 4300 digits since 3.11
    ] as const;
    for (const [body, reason] of bad) {
      const { status, text } = await call(made, body);
      const { error, stdout } = JSON.parse(text);
      expect([status, stdout], error).toEqual([400, ""]);
      expect(error).toContain(`the event is not JSON: ${reason}`);
    }
    expect((await call(made, "1")).status).toBe(200);
  });

  test("a value that JSON has no form for is a failure, and does not spoil the next answer", async () => {
    const made = await registered(
      "shared = [1]\ndef f(event):\n    return [shared, {1, 2}] if event else [shared]\n",
    );
    const failed = await call(made, "true");
    expect([failed.status, JSON.parse(failed.text).error]).toEqual([
      500,
      "the answer is not JSON: TypeError: set is not JSON",
    ]);
    expect((await call(made, "false")).text).toBe("[[1]]");
  });
});

describeReal("answers that are not JSON", () => {
  test("bytes are the body as they are, and a dict with statusCode is an answer of HTTP", async () => {
    const made = await registered(`import base64
def f(event):
    return {
        "bytes": bytes(range(256)),
        "view": memoryview(b"view"),
        "text": {"statusCode": 201, "headers": {"X-A": "b", "content-type": "text/html"}, "body": "<p>é"},
        "json": {"statusCode": 404, "body": '{"a": 1}'},
        "base64": {"statusCode": 200, "body": base64.b64encode(b"\\0\\xff").decode(), "isBase64Encoded": True},
        "cookies": {"statusCode": 302, "headers": {"Location": "/x"}, "cookies": ["a=1", "b=2"]},
        "many": {"statusCode": 200, "multiValueHeaders": {"Set-Cookie": ["c=3", "d=4"]}, "body": b"raw"},
        "value": {"statusCode": 200, "body": "", "mine": 1},
        "odd": {"statusCode": "fine"},
        "bad": {"statusCode": 200, "headers": {"x": "a\\nb"}},
    }[event]
`);
    const bytes = await call(made, '"bytes"');
    expect([bytes.status, bytes.headers["content-type"]]).toEqual([
      200,
      "application/octet-stream",
    ]);
    expect(bytes.bytes).toEqual(Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    expect((await call(made, '"view"')).text).toBe("view");
    const text = await call(made, '"text"');
    expect([text.status, text.text, text.headers["x-a"]]).toEqual([201, "<p>é", "b"]);
    const json = await call(made, '"json"');
    expect([json.status, json.headers["content-type"], json.text]).toEqual([
      404,
      "application/json",
      '{"a": 1}',
    ]);
    expect((await call(made, '"base64"')).bytes).toEqual(Buffer.from([0, 255]));
    const cookies = await call(made, '"cookies"');
    expect([cookies.status, cookies.headers["location"], cookies.headers["set-cookie"]]).toEqual([
      302,
      "/x",
      ["a=1", "b=2"],
    ]);
    expect((await call(made, '"many"')).headers["set-cookie"]).toEqual(["c=3", "d=4"]);
    const value = await call(made, '"value"');
    expect([value.status, value.text]).toEqual([200, '{"statusCode": 200, "body": "", "mine": 1}']);
    expect((await call(made, '"odd"')).text).toBe('{"statusCode": "fine"}');
    const bad = await call(made, '"bad"');
    expect([bad.status, JSON.parse(bad.text).error]).toEqual([
      500,
      expect.stringContaining("a header that HTTP does not allow"),
    ]);
  });

  test("what a generator yields is sent at once, while the function still runs", async () => {
    const made = await registered(`import os, time
def f(event):
    yield "first "
    while not os.path.exists("/tmp/go"):
        time.sleep(0.01)
    yield "second"
def wait(event):
    pass
`);
    const response = await fetch(`${await made.listen()}/run/fn`, { method: "POST" });
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    expect(Buffer.from(value!).toString()).toBe("first ");
    await reader.cancel();
  });

  test("text, bytes and other values are sent as text, bytes and lines of JSON", async () => {
    const made = await registered(`def f(event):
    yield from {"text": ["a", "é"], "bytes": [b"\\0", bytearray(b"\\xff")], "json": [{"a": 1}, 2**63], "none": []}[event]
`);
    const kinds = { text: "text/plain; charset=utf-8", bytes: "application/octet-stream" };
    const text = await call(made, '"text"');
    expect([text.text, text.headers["content-type"]]).toEqual(["aé", kinds.text]);
    const bytes = await call(made, '"bytes"');
    expect([bytes.bytes, bytes.headers["content-type"]]).toEqual([
      Buffer.from([0, 255]),
      kinds.bytes,
    ]);
    const json = await call(made, '"json"');
    expect([json.text, json.headers["content-type"]]).toEqual([
      '{"a": 1}\n9223372036854775808\n',
      "application/x-ndjson",
    ]);
    const none = await call(made, '"none"');
    expect([none.status, none.text]).toEqual([200, ""]);
  });

  test("a generator that fails before its first value is a 500; later, the answer is cut off", async () => {
    const made = await registered(
      "def f(event):\n    if event: yield 'a'\n    print('so far')\n    1 / 0\n    yield 'b'\n",
    );
    const early = await call(made, "false");
    expect([early.status, JSON.parse(early.text)]).toEqual([
      500,
      expect.objectContaining({
        error: "ZeroDivisionError: division by zero (f.py:4)",
        stdout: "so far\n",
      }),
    ]);
    const address = await made.listen();
    const late = await fetch(`${address}/run/fn`, { method: "POST", body: "true" });
    expect(late.status).toBe(200);
    await expect(late.text()).rejects.toThrow();
    const logs = JSON.parse((await made.ask("GET", "/logs/fn")).text);
    expect(logs.at(-1)).toMatchObject({ outcome: "failed", stdout: "so far\n" });
  });

  test("an answer in pieces may be longer than any limit, and a client that reads slowly makes the function wait", async () => {
    const made = await registered(
      "def f(event):\n    for i in range(400):\n        yield b'x' * 100_000\n",
      { options: { answers: { answerBytes: 1_000_000, outputChars: 1_000 } } },
    );
    const address = new URL(await made.listen());
    const before = process.memoryUsage().arrayBuffers;
    const socket = connect(Number(address.port), address.hostname);
    socket.write(
      "POST /run/fn HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
    );
    await new Promise((resolve) => socket.once("readable", resolve));
    socket.pause();
    // 40 MB are on their way. The worker must hold a piece of them only.
    await new Promise((resolve) => setTimeout(resolve, 300 * SLOWNESS));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000);
    const all = await textOf(socket);
    expect(all.split("x".repeat(100)).length).toBeGreaterThan(390_000);
  });

  test("a generator is closed when its client leaves", async () => {
    const made = await registered(
      `def f(event):
    try:
        while True:
            yield b"x" * 50_000
    finally:
        print("closed")
`,
      { zygotes: "root" },
    );
    const address = await made.listen();
    const leaving = new AbortController();
    const response = await fetch(`${address}/run/fn`, {
      method: "POST",
      signal: leaving.signal,
    });
    await response.body!.getReader().read();
    leaving.abort();
    await expect
      .poll(async () => JSON.parse((await made.ask("GET", "/logs/fn")).text).at(-1), {
        timeout: 10_000 * SLOWNESS,
      })
      .toMatchObject({ outcome: "completed", stdout: "closed\n" });
  });
});

describeReal("distributed traces", () => {
  test("traceparent is a variable of its invocation only, and in the function's log", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const made = await registered(
      "import os\ndef f(event):\n    return os.environ.get('TRACEPARENT')\n",
      { set: ["keep-alive=fixed:keep=unlimited"] },
    );
    const traced = await made.ask("POST", "/run/fn", "{}", { traceparent });
    expect(JSON.parse(traced.text)).toBe(traceparent);
    const plain = await call(made, "{}");
    expect([plain.headers["x-socklab-start"], plain.text]).toEqual(["warm", "null"]);
    const log = JSON.parse((await made.ask("GET", "/logs/fn")).text);
    expect(log.map((entry: object) => ("traceparent" in entry ? entry.traceparent : null))).toEqual(
      [traceparent, null],
    );
  });
});

import { expect, test } from "vitest";
import { describeReal } from "../real/stand.js";
import { archive } from "./archive.js";
import { liveStand } from "./live-stand.js";

const WSGI = `import sys
def app(environ, start_response):
    path = environ["PATH_INFO"]
    if path == "/stream":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return (part for part in [b"a" * 300_000, b"", b"b"])
    if path == "/write":
        start_response("200 OK", [])(b"written ")
        return [b"returned"]
    if path == "/late":
        def parts():
            start_response("202 Accepted", [("Content-Length", "4")])
            yield b"late"
        return parts()
    if path == "/fails":
        raise KeyError("why")
    if path == "/exc":
        try:
            start_response("200 OK", [])
            1 / 0
        except ZeroDivisionError:
            start_response("503 Busy", [("X-Why", "1/0")], sys.exc_info())
        return [b"sorry"]
    if path == "/silent":
        return []
    body = environ["wsgi.input"].read()
    names = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH",
             "HTTP_X_A", "SERVER_NAME", "SERVER_PORT", "wsgi.url_scheme")
    print("seen", file=environ["wsgi.errors"])
    start_response("418 I'm a teapot", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Type", "x/y")])
    return [repr([environ.get(name) for name in names]).encode(), b"|", body]
`;

const ASGI = `import asyncio
started = []
class App:
    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            assert (await receive())["type"] == "lifespan.startup"
            await asyncio.sleep(0)
            scope["state"]["db"] = "connected"
            await send({"type": "lifespan.startup.complete"})
            await receive()
        path = scope["path"]
        body = (await receive())["body"]
        if path == "/sse":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
            for i in range(3):
                await send({"type": "http.response.body", "body": b"data: %d\\n\\n" % i, "more_body": True})
                await asyncio.sleep(0)
            await send({"type": "http.response.body"})
            return
        if path == "/fails":
            raise KeyError("why")
        if path == "/told":
            await send({"type": "http.response.start", "status": 500, "headers": []})
            await send({"type": "http.response.body", "body": b"Internal"})
            raise KeyError("for the log")
        if path == "/waits":
            waiting = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            assert not waiting.done()
            waiting.cancel()
        seen = [scope["method"], scope["root_path"], path, scope["query_string"], scope["state"]["db"],
                dict(scope["headers"])[b"x-a"], body]
        await send({"type": "http.response.start", "status": 201, "headers": [(b"x-b", b"1"), (b"x-b", b"2")]})
        await send({"type": "http.response.body", "body": repr(seen).encode()})
app = App()
`;

async function served(source: string) {
  const made = await liveStand();
  const put = await made.ask("PUT", "/registry/app", source);
  expect(put.status, put.text).toBe(201);
  return made;
}

/** Registers a folder with these files by an archive, as OpenLambda's clients send it. */
async function uploaded(files: Readonly<Record<string, string>>) {
  const made = await liveStand();
  const put = await made.ask("POST", "/registry/fn", await archive(files));
  return { ...made, put };
}

describeReal("OpenLambda's settings", () => {
  test("ol.yaml and .env set variables before the handler is loaded", async () => {
    const { ask, put } = await uploaded({
      "f.py":
        "import os\nCOLOUR = os.environ['COLOUR']\ndef f(event):\n    return [COLOUR, os.environ['FROM_FILE']]\n",
      "ol.yaml": 'environment:\n  COLOUR: "blue"\n',
      ".env": "FROM_FILE=there\nCOLOUR=red\n",
    });
    expect(put.status, put.text).toBe(201);
    expect((await ask("GET", "/run/fn")).text).toBe('["blue", "there"]');
  });

  test("ol.yaml names the file, the application and the methods", async () => {
    const { ask, put } = await uploaded({
      "main.py":
        "import beside\ndef mine(environ, start_response):\n    start_response('200 OK', [])\n    return [beside.TEXT, __name__.encode()]\n",
      "beside.py": "TEXT = b'beside '\n",
      "ol.yaml":
        "triggers:\n  http:\n    - method: GET\nenvironment:\n  OL_ENTRY_FILE: main.py\n  OL_WSGI_ENTRY: mine\n",
    });
    expect([put.status, JSON.parse(put.text).methods]).toEqual([201, ["GET"]]);
    expect((await ask("GET", "/run/fn")).text).toBe("beside main");
    expect((await ask("POST", "/run/fn")).status).toBe(405);
  });

  test("a file that ol.yaml names and that is not there is refused with 400", async () => {
    const { put } = await uploaded({
      "f.py": "def f(event): pass\n",
      "ol.yaml": "environment:\n  OL_ENTRY_FILE: app.py\n",
    });
    expect([put.status, put.text]).toEqual([400, '{"error":"fn: has no app.py"}']);
  });

  test("an application that ol.yaml names and that is not there is refused with 400", async () => {
    const { put } = await uploaded({
      "f.py": "def f(event): pass\n",
      "ol.yaml": "environment:\n  OL_ASGI_ENTRY: api\n",
    });
    expect([put.status, JSON.parse(put.text).error]).toEqual([
      400,
      "fn: f.py has no api, which ol.yaml names",
    ]);
  });
});

describeReal("web applications", () => {
  test("a WSGI application gets PEP 3333's environ, and its status, headers and body are the answer", async () => {
    const { ask } = await served(WSGI);
    const headers = { "x-a": "1", "content-type": "a/b", host: "example.org:81" };
    const got = await ask("PATCH", "/run/app/%C3%A9%20x/?q=%20&r", Buffer.from([0, 255]), headers);
    expect([got.status, got.headers["content-type"], got.headers["set-cookie"]]).toEqual([
      418,
      "x/y",
      ["a=1", "b=2"],
    ]);
    const seen =
      "['PATCH', '/run/app', '/Ã© x/', 'q=%20&r', 'a/b', '2', '1', 'example.org', '81', 'http']|";
    expect(got.bytes).toEqual(Buffer.concat([Buffer.from(seen), Buffer.from([0, 255])]));
    const logs = JSON.parse((await ask("GET", "/logs/app")).text);
    expect(logs.at(-1).stderr).toBe("seen\n");
    expect((await ask("GET", "/run/app")).text).toContain("'/run/app', '/', ''");
  });

  test("a WSGI application may send in pieces, write, start late, and report an error", async () => {
    const { ask } = await served(WSGI);
    expect((await ask("GET", "/run/app/stream")).text).toBe(`${"a".repeat(300_000)}b`);
    expect((await ask("GET", "/run/app/write")).text).toBe("written returned");
    const late = await ask("GET", "/run/app/late");
    expect([late.status, late.text]).toEqual([202, "late"]);
    const failed = await ask("GET", "/run/app/fails");
    expect([failed.status, JSON.parse(failed.text).error]).toEqual([
      500,
      "KeyError: 'why' (f.py:16)",
    ]);
    const excused = await ask("GET", "/run/app/exc");
    expect([excused.status, excused.headers["x-why"], excused.text]).toEqual([503, "1/0", "sorry"]);
    const silent = await ask("GET", "/run/app/silent");
    expect(JSON.parse(silent.text).error).toBe(
      "RuntimeError: the application did not start a response",
    );
    const head = await ask("HEAD", "/run/app/late");
    expect([head.status, head.headers["content-length"]]).toEqual([202, "4"]);
  });

  test("an ASGI application starts up once, gets the request's scope and body, and may stream", async () => {
    const { ask } = await served(ASGI);
    const got = await ask("POST", "/run/app/a%20b?x=1", "body", { "X-A": "7" });
    expect([got.status, got.headers["x-b"], got.text]).toEqual([
      201,
      ["1", "2"],
      "['POST', '/run/app', '/a b', b'x=1', 'connected', b'7', b'body']",
    ]);
    expect((await ask("GET", "/run/app/waits", "", { "x-a": "7" })).status).toBe(201);
    const events = await ask("GET", "/run/app/sse");
    expect([events.headers["content-type"], events.text]).toEqual([
      "text/event-stream",
      "data: 0\n\ndata: 1\n\ndata: 2\n\n",
    ]);
    const failed = await ask("GET", "/run/app/fails");
    expect([failed.status, JSON.parse(failed.text).error]).toEqual([
      500,
      "KeyError: 'why' (f.py:21)",
    ]);
    const told = await ask("GET", "/run/app/told");
    expect([told.status, told.text]).toEqual([500, "Internal"]);
    const logs = JSON.parse((await ask("GET", "/logs/app")).text);
    expect(logs.at(-1).stderr).toContain("KeyError: 'for the log'");
  });

  test("an async function named app is an ASGI application, and needs no lifespan", async () => {
    const { ask } = await served(`async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
`);
    expect((await ask("GET", "/run/app")).status).toBe(204);
  });
});

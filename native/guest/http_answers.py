"""Web applications, and answers that are more than one JSON value. guest.py loads this when a function needs it.

An answer has a status, headers and a body. If it is not complete at once, its pieces are sent as they come, and
each waits until the client has taken the one before, so that neither side collects them.
"""

from os import _exit

guest_code = True

PIECE_BYTES = 1 << 18
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
JSON = "application/json"
JSON_LINES = "application/x-ndjson"
# The keys of an answer for AWS's function URLs and API gateway. Other objects are plain values.
GATEWAY_KEYS = {"statusCode", "statusDescription", "headers", "multiValueHeaders", "cookies", "body", "isBase64Encoded"}
LEAST_STATUS, MOST_STATUS = 200, 599
ASGI = {"version": "3.0", "spec_version": "2.3"}
IS_COROUTINE = 0x80  # inspect.CO_COROUTINE, without importing inspect


class Answer:
    """A complete answer."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def fields(self):
        return "" if self is SENT else fields_of(self.status, self.headers)


# The answer has been sent in pieces.
SENT = Answer(0, [], None)


def fields_of(status, headers):
    return f',"http":{guest.to_json({"status": status, "headers": headers})}'


# ---------------------------------------------------------------------------------------- functions


def of_bytes(value):
    return Answer(200, [["content-type", BYTES]], bytes(value))


def of_gateway(value):
    """The answer that a `statusCode` describes. A value with other keys or another status is only a value."""
    status = value["statusCode"]
    if type(status) is not int or not LEAST_STATUS <= status <= MOST_STATUS or not GATEWAY_KEYS.issuperset(value):
        return value
    headers = []
    for name, each in {**(value.get("headers") or {}), **(value.get("multiValueHeaders") or {})}.items():
        headers.extend([str(name), str(one)] for one in (each if isinstance(each, (list, tuple)) else [each]))
    headers.extend(["set-cookie", str(each)] for each in value.get("cookies") or [])
    if all(name.lower() != "content-type" for name, _ in headers):
        headers.append(["content-type", JSON])
    return Answer(status, headers, gateway_body(value))


def gateway_body(value):
    body = value.get("body")
    if body is None:
        return b""
    if value.get("isBase64Encoded"):
        from binascii import a2b_base64

        return a2b_base64(body)
    return body_of(body)[0]


def body_of(value):
    """A value as bytes, and their content type."""
    if isinstance(value, str):
        return value.encode(), TEXT
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value), BYTES
    return guest.to_json(value).encode(), JSON


class ClientGone(ConnectionError):
    """The client reads no further piece."""


class Stream:
    """An answer that is sent in pieces."""

    def __init__(self, status, headers):
        self.fields = fields_of(status, headers)

    def send(self, data):
        for start in range(0, len(data), PIECE_BYTES):
            self.send_piece(data[start : start + PIECE_BYTES])

    def send_piece(self, piece):
        guest.write_frame(guest.SOCKET, f'{{"piece":true{self.fields}}}', piece)
        self.fields = ""
        reply = guest.read_frame(guest.SOCKET)
        if reply is None:
            _exit(0)
        if reply != b"go":
            raise ClientGone("the client has closed its connection")


def stream(values):
    """Sends what an iterator yields. The first value decides the content type: text, bytes, or lines of JSON."""
    items = iterate(values) if hasattr(values, "__aiter__") else values
    sending = None
    try:
        for item in items:
            data, kind = body_of(item)
            if kind == JSON:
                data, kind = data + b"\n", JSON_LINES
            sending = sending or Stream(200, [["content-type", kind]])
            sending.send(data)
    except ClientGone:
        pass
    finally:
        close = getattr(items, "close", None)
        if close is not None:
            close()
    return Answer(200, [["content-type", TEXT]], b"") if sending is None or sending.fields else SENT


def iterate(values):
    """The values of an asynchronous iterator."""
    loop = guest.event_loop()
    items = values.__aiter__()
    try:
        while True:
            try:
                yield loop.run_until_complete(items.__anext__())
            except StopAsyncIteration:
                return
    finally:
        if hasattr(items, "aclose"):
            loop.run_until_complete(items.aclose())


# ----------------------------------------------------------------------------------- web applications


def serve_application(application, kind=None):
    """A handler of requests `(http, body)` for a WSGI or ASGI application."""
    if not callable(application):
        raise TypeError(f"the application is no callable, but {type(application).__name__}")
    if (kind or kind_of(application)) == "wsgi":
        return lambda request: call_wsgi(application, *request)
    state = {}
    begin_lifespan(application, state)
    loop = guest.event_loop()
    return lambda request: loop.run_until_complete(call_asgi(application, state, *request))


def kind_of(application):
    """An ASGI application is a coroutine function of three parameters, or an object with such a `__call__`."""
    for each in (application, getattr(type(application), "__call__", None)):
        code = getattr(getattr(each, "__func__", each), "__code__", None)
        if code is None:
            continue
        names = code.co_varnames[: code.co_argcount]
        if code.co_flags & IS_COROUTINE or names[-3:] == ("scope", "receive", "send"):
            return "asgi"
    return "wsgi"


class Response:
    """The answer of an application: complete if its first part is all of it, otherwise sent in pieces."""

    def __init__(self):
        self.status = None
        self.headers = []
        self.kept = None
        self.stream = None
        self.is_complete = False

    def start(self, status, headers):
        self.status = status
        self.headers = headers

    def add(self, data, is_last):
        if self.status is None:
            raise RuntimeError("the application sent a body before it started its response")
        if is_last and self.stream is None and self.kept is None and len(data) <= PIECE_BYTES:
            self.kept = data
            return
        if self.stream is None:
            self.stream = Stream(self.status, self.headers)
            self.stream.send(self.kept or b"")
        self.stream.send(data)

    @property
    def is_begun(self):
        """Whether the client has got a part."""
        return self.stream is not None and not self.stream.fields

    def answer(self):
        if self.status is None:
            raise RuntimeError("the application did not start a response")
        return SENT if self.is_begun else Answer(self.status, self.headers, self.kept or b"")


def call_wsgi(application, request, body):
    from io import BytesIO

    response = Response()

    def start_response(status, headers, exc_info=None):
        if exc_info and response.is_begun:
            raise exc_info[1].with_traceback(exc_info[2])
        if response.status is not None and not exc_info:
            raise AssertionError("start_response was called twice")
        response.start(int(status[:3]), [list(each) for each in headers])
        return lambda data: response.add(data, False)

    parts = application(environ_of(request, BytesIO(body), len(body)), start_response)
    is_single = isinstance(parts, (list, tuple)) and len(parts) == 1
    try:
        for data in parts:
            if data:
                response.add(data, is_single or length_in(response.headers) == len(data))
        answer = response.answer()
    except ClientGone:
        answer = SENT
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    return answer


def length_in(headers):
    """The length of the whole body, if the headers have it."""
    return next((int(value) for name, value in headers if name.lower() == "content-length"), None)


def environ_of(request, stream, length):
    """The environ of PEP 3333."""
    host, _, port = request["host"].partition(":")
    environ = {
        "REQUEST_METHOD": request["method"],
        "SCRIPT_NAME": request["root"],
        "PATH_INFO": request["path"],
        "QUERY_STRING": request["query"],
        "REMOTE_ADDR": request["client"][0],
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/" + request["version"],
        "CONTENT_LENGTH": str(length),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": stream,
        "wsgi.errors": guest.sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
    }
    for name, value in request["headers"]:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            key = "HTTP_" + key
            environ[key] = f"{environ[key]},{value}" if key in environ else value
    return environ


def begin_lifespan(application, state):
    """Starts an ASGI application up. Its shutdown never comes, because containers are killed."""
    loop = guest.event_loop()
    started = loop.create_future()
    events = [{"type": "lifespan.startup"}]

    async def receive():
        return events.pop() if events else await loop.create_future()

    async def send(message):
        if message["type"] == "lifespan.startup.complete":
            started.set_result(None)
        elif message["type"] == "lifespan.startup.failed":
            started.set_exception(RuntimeError(f"the application's startup failed: {message.get('message', '')}"))

    async def live():
        try:
            await application({"type": "lifespan", "asgi": ASGI, "state": state}, receive, send)
        except Exception:
            pass  # an application need not know about its lifespan
        if not started.done():
            started.set_result(None)

    lifespans.append(loop.create_task(live()))
    loop.run_until_complete(started)


# Tasks of applications. A loop has only weak references to its tasks.
lifespans = []


async def call_asgi(application, state, request, body):
    from asyncio import Event

    response = Response()
    gone = Event()
    events = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive():
        if events:
            return events.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            headers = message.get("headers", [])
            response.start(message["status"], [[bytes(each).decode("latin-1") for each in pair] for pair in headers])
        elif message["type"] == "http.response.body":
            response.is_complete = not message.get("more_body", False)
            try:
                response.add(bytes(message.get("body", b"")), response.is_complete)
            except ClientGone:
                gone.set()
                raise

    try:
        await application(scope_of(request, state), receive, send)
    except Exception as error:
        if not gone.is_set() and not response.is_complete:
            raise
        if not gone.is_set():  # frameworks send an answer, then raise for the log
            guest.sys.stderr.write(guest.traceback_text(error))
    return SENT if gone.is_set() else response.answer()


def scope_of(request, state):
    host, _, port = request["host"].partition(":")
    return {
        "type": "http",
        "asgi": ASGI,
        "http_version": request["version"],
        "method": request["method"],
        "scheme": "http",
        "path": request["path"].encode("latin-1").decode("utf-8", "replace"),
        "raw_path": request["rawPath"].encode("latin-1"),
        "query_string": request["query"].encode("latin-1"),
        "root_path": request["root"],
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request["headers"]],
        "client": tuple(request["client"]),
        "server": (host, int(port or 80)),
        "state": dict(state),
    }

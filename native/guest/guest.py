"""The process in a container or Zygote: imports packages, forks on request, serves a handler.

Descriptor 3 is its only connection. In a container it is a stream of frames (the length in bytes as a
little-endian word, then the bytes). The first frame says which function to serve. Each later one is an
invocation, sent when the one before is answered: one line of JSON about it, then the body of the request as
its client sent it. A reply is the same: one line of JSON, then the body of the answer, if there is one. In a
Zygote the descriptor carries packets: first the packages to import, then fork requests, which guest.so
receives.
"""

import sys

AT_START = frozenset(sys.modules)

import gc
import os
from io import UnsupportedOperation
from _thread import allocate_lock
from marshal import dumps, loads
from os import O_RDONLY, close, getpid, read, write
from os import open as open_file
from sys import modules as loaded
from time import monotonic_ns

Module = type(sys)

SOCKET = 3
HERE = "/guest"
# This module, for the other modules of the guest. Tracebacks do not show lines of modules with this mark.
GUEST = loaded[__name__]
guest_code = True
PYC_HEADER_BYTES = 16
LENGTH_BYTES = 4
# Looked up once, so that no fork looks them up again.
number_from = int.from_bytes
bytes_of = int.to_bytes
HANDLER_FOLDER = "/handler/"
COMPILE = "?"
# What the names of folders have in which the files of several distributions are together.
MERGED = "/+merged."
HANDLER_FILE = "f.py"
FUNCTIONS = "f", "lambda_handler"
# Names of web applications, if the module has no function. `app` is OpenLambda's, `application` is WSGI's.
APPLICATIONS = "app", "application"
NO_HANDLER = "{} has no function f: define f(event), lambda_handler(event, context), or a WSGI or ASGI application app"
# Longest traceback that is sent, in characters.
TRACEBACK_CHARS = 1 << 14
# The event of a request without a body.
EMPTY_EVENT = b"{}"
FIRST_READ_BYTES = 1 << 14
LATER_READ_BYTES = 1 << 20
# Python specialises code that has run several times; then a fork of it touches fewer pages.
WARM_UPS = 8
NAMES_PER_FRAME = 256

# What the last request's environment hid, by name; None: the variable was not set.
hidden_variables = {}
# Name, request id, memory in MiB and longest run in microseconds of the current invocation.
call = ("f", "", 0, 0)
loop = None
http_module = None
# Answers of these types are JSON as they are.
PLAIN = frozenset((list, str, int, float, bool, type(None)))


def now_us():
    return monotonic_ns() // 1000


# -------------------------------------------------------------------------------------------- JSON


def as_json_value(value):
    """What stands in an answer for a value that JSON does not know: numpy's numbers and arrays have one."""
    if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is not JSON")


class Scanning:
    """The attributes of a decoder that the C scanner reads."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo = {}


def make_json():
    """
    Loads and dumps JSON with the C parts of the json module only. They are faster than its Python parts,
    a new fork copies fewer pages, and a fresh interpreter need not import `re`. The texts are those of
    `json.dumps`.
    """
    try:
        from _json import encode_basestring_ascii, make_encoder, make_scanner
    except ImportError:
        import json

        return read_with(json.JSONDecoder().raw_decode), lambda value: json.dumps(value, default=as_json_value)
    open_values = {}
    encode = make_encoder(open_values, as_json_value, encode_basestring_ascii, None, ": ", ", ", False, False, True)

    def dumps(value):
        try:
            return "".join(encode(value, 0))
        except BaseException:
            open_values.clear()  # otherwise the next value with a part of this one would seem circular
            raise

    return read_with(make_scanner(Scanning)), dumps


def read_with(scan):
    """Returns a function that does what `json.loads` does with bytes."""

    def read_json(data):
        try:
            text = data.decode().strip(" \t\n\r")
            value, end = scan(text, 0)
            if end == len(text):
                return value
        except (StopIteration, ValueError, SystemError):
            pass  # the scanner's own errors need json.decoder, and fail without it
        import json

        return json.loads(data)  # says what is wrong; it also knows UTF-16 and the mark of a byte order

    return read_json


# ------------------------------------------------------------------------------------------ frames


def read_frame(fd):
    """The next frame's bytes; None if the manager is gone. It sends one at a time, so no other frame follows."""
    data = read(fd, FIRST_READ_BYTES)
    size = LENGTH_BYTES + number_from(data[:LENGTH_BYTES], "little")
    if len(data) < size:
        data = bytearray(data)
        while len(data) < size:
            more = read(fd, LATER_READ_BYTES)
            if not more:
                return None
            data += more
        data = bytes(data)
    return data[LENGTH_BYTES:]


# Threads of a handler print while its answer is written, and frames must not be mixed.
sending = allocate_lock()


def write_frame(fd, text, body=None):
    data = text.encode()
    if body is not None:
        data = b"".join((data, b"\n", body))
    data = bytes_of(len(data), LENGTH_BYTES, "little") + data
    with sending:
        sent = write(fd, data)
        while sent < len(data):
            sent += write(fd, data[sent:])


# ----------------------------------------------------------------------------------------- handler


class Capture:
    """
    Text that a handler prints, up to a limit; text beyond it is counted but not kept. Each line is sent to
    the manager at once, so that it is not lost if the process dies before it answers.
    """

    encoding = "utf-8"
    errors = "replace"
    closed = False
    # The only process that sends lines: a frame of a forked child could land within one of its parent.
    sender = 0

    def __init__(self, name):
        self.name = name
        self.limit = 0
        self.buffer = CaptureBytes(self)
        self.clear()

    def clear(self):
        self.parts = []
        self.length = 0

    def write(self, text):
        room = self.limit - self.length
        if room > 0:
            self.parts.append(text[:room])
            if "\n" in text:
                self.flush()
        self.length += len(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def fileno(self):
        raise UnsupportedOperation("fileno")

    def reconfigure(self, **settings):
        pass

    def flush(self):
        """Sends what is kept. Before the process serves a function, there is nobody to send it to."""
        if self.parts and getpid() == Capture.sender:
            parts, self.parts = self.parts, []
            write_frame(SOCKET, f'{{"{self.name}":{to_json("".join(parts))}}}')

    def close(self):
        self.flush()

    def isatty(self):
        return False

    def writable(self):
        return True

    def take(self):
        text = "".join(self.parts)
        if self.length > self.limit:
            text += f"\n[{self.length - self.limit} more characters]"
        self.clear()
        return text


class CaptureBytes:
    """The `buffer` of a Capture: its bytes are text in UTF-8."""

    def __init__(self, capture):
        self.capture = capture

    def write(self, data):
        self.capture.write(bytes(data).decode("utf-8", "replace"))
        return len(data)

    def flush(self):
        self.capture.flush()

    def writable(self):
        return True


out = Capture("stdout")
err = Capture("stderr")


def output_fields():
    """What was printed and not sent yet, as fields of a frame. Most frames have none."""
    fields = f',"stdout":{to_json(out.take())}' if out.length else ""
    return fields + f',"stderr":{to_json(err.take())}' if err.length else fields


def import_all(names):
    """
    Imports modules ahead of the handler: `a.b`, or `a.b:c` for `from a.b import c`. Some cannot be imported,
    because they need another package or a system library, and most functions never import these. So a failure
    is no fault here: if the handler imports the module, the handler gets the error. Returns the failures, one
    line each, without modules that are not there: their packages may be missing in this process.
    """
    failures = []
    for name in names:
        module, _, parts = name.partition(":")
        try:
            __import__(module, None, None, parts.split(",") if parts else ())
        except BaseException as error:
            if not is_absent(module, error):
                failures.append(f"import {module}: {type(error).__name__}: {error}")
    return failures


def is_absent(module, error):
    missing = getattr(error, "name", None)
    return isinstance(error, ModuleNotFoundError) and (module + ".").startswith(f"{missing}.")


def extend_loaded(folders):
    """
    Lets packages that a Zygote has imported find their parts in merged folders: the Zygote need not hold all
    distributions that share a package.
    """
    for name, module in list(loaded.items()):
        places = getattr(module, "__path__", None)
        if type(places) is list:
            found = [f"{folder}/{name.replace('.', '/')}" for folder in folders]
            places += [place for place in found if place not in places and os.path.isdir(place)]


def link_beside(folder, entries, file):
    """
    Links what was uploaded beside the handler into the current folder: a program that is started in its own
    folder finds such files by relative paths. For a handler without them, this makes no system call.
    """
    for entry in entries:
        if entry != file and entry != f"{file}c":
            try:
                os.symlink(f"{folder}/{entry}", entry)
            except FileExistsError:
                pass  # an import ahead has left a file of this name


def forget_hidden_modules(entries):
    """
    Drops the modules that the function's own files hide. Python looks into the folder of a program first,
    but a Zygote has imported these modules before the function was known.
    """
    for entry in entries:
        name = entry.partition(".")[0]
        if name in loaded and name not in AT_START and name not in sys.builtin_module_names:
            for each in [each for each in loaded if each == name or each.startswith(name + ".")]:
                del loaded[each]


def load_handler(folder, settings):
    """
    What serves invocations, and whether it is a web application. The code comes from the compiled file next
    to the source, which the manager keeps current.
    """
    file = settings.get("entry", HANDLER_FILE)
    code = compiled(f"{folder}/{file}c") or compile_handler(folder, file)
    name = file[: -len(".py")].replace("/", ".")
    module = Module(name)
    module.__file__ = f"{folder}/{file}"
    loaded[name] = module
    exec(code, module.__dict__)
    for kind in ("wsgi", "asgi"):
        if kind in settings:
            return http().serve_application(getattr(module, settings[kind]), kind), True
    if hasattr(module, "f"):
        return module.f, False
    if hasattr(module, "lambda_handler"):
        return lambda event: module.lambda_handler(event, LambdaContext(*call)), False
    for each in APPLICATIONS:
        if hasattr(module, each):
            return http().serve_application(getattr(module, each)), True
    raise AttributeError(NO_HANDLER.format(file))


def http():
    """The module for web applications and for answers that are more than a JSON value. Most functions need none."""
    global http_module
    if http_module is None:
        http_module = load_part("http_answers")
    return http_module


def settle(result):
    """The value of an answer that is awaited, and the answer of one that is more than a JSON value."""
    if hasattr(result, "__await__"):
        result = event_loop().run_until_complete(result)
    if isinstance(result, dict):
        return http().of_gateway(result) if "statusCode" in result else result
    if isinstance(result, (bytes, bytearray, memoryview)):
        return http().of_bytes(result)
    if hasattr(result, "__next__") or hasattr(result, "__aiter__"):
        return http().stream(result)
    return result


class LambdaContext:
    """The context of AWS Lambda, as its documentation for Python lists it."""

    function_version = "$LATEST"
    identity = None
    client_context = None

    def __init__(self, name, request_id, memory_mib, timeout_us):
        self.function_name = name
        self.invoked_function_arn = f"arn:aws:lambda:local:000000000000:function:{name}"
        self.aws_request_id = request_id
        self.memory_limit_in_mb = str(memory_mib)
        self.log_group_name = f"/aws/lambda/{name}"
        self.log_stream_name = "[$LATEST]"
        self._ends_us = now_us() + timeout_us

    def get_remaining_time_in_millis(self):
        return max(0, (self._ends_us - now_us()) // 1000)


def event_loop():
    """The loop of all invocations: what one leaves open, for example a connection, serves the next."""
    global loop
    if loop is None:
        import asyncio

        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
    return loop


def compiled(path):
    """The code in a compiled file; None if there is no such file, or if it is of another Python."""
    try:
        fd = open_file(path, O_RDONLY)
    except OSError:
        return None
    data = read(fd, FIRST_READ_BYTES)
    if len(data) == FIRST_READ_BYTES:
        data = b"".join([data, *iter(lambda: read(fd, LATER_READ_BYTES), b"")])
    close(fd)
    try:
        return loads(data[PYC_HEADER_BYTES:]) if data.startswith(MAGIC) else None
    except (EOFError, TypeError, ValueError):
        return None  # the file is cut off


def compile_handler(folder, file):
    source = f"{folder}/{file}"
    with open(source, "rb") as opened:
        return compile(opened.read(), source, "exec")


def tell_compiled(fd, folder, settings):
    """Sends the manager the file that `compiled` reads. The handler is compiled but not run."""
    from binascii import b2a_base64

    file = settings.get("entry", HANDLER_FILE)
    try:
        code = compile_handler(folder, file)
    except OSError:
        raise  # the file could not be read, so its text is not at fault
    except Exception as error:
        write_frame(fd, f'{{"uncompilable":{to_json(describe_source_fault(file, error))}}}')
        return
    entry = settings.get("wsgi") or settings.get("asgi")
    names = FUNCTIONS + APPLICATIONS if entry is None else (entry,)
    if not any(may_define(code, name) for name in names):
        fault = NO_HANDLER.format(file) if entry is None else f"{file} has no {entry}, which ol.yaml names"
        write_frame(fd, f'{{"uncompilable":{to_json(fault)}}}')
        return
    data = MAGIC + bytes(PYC_HEADER_BYTES - len(MAGIC)) + dumps(code)
    names, learns = load_part("ahead").named_by(folder)
    named = f'"imports":{to_json(names)},"learns":{to_json(learns)}'
    write_frame(fd, f'{{"compiled":"{b2a_base64(data, newline=False).decode()}",{named}}}')
    read(fd, 1)  # the manager ends this process when it has read all


# A module that uses one of these names may define names that its code does not show.
INDIRECT = frozenset(("exec", "eval", "globals", "locals", "vars", "setattr", "modules", "__dict__"))


def may_define(code, name):
    """Whether a module may define a name, as far as its code shows. True if in doubt."""
    if name in code.co_names or not INDIRECT.isdisjoint(code.co_names) or ("*",) in code.co_consts:
        return True
    return any(may_define(each, name) for each in code.co_consts if hasattr(each, "co_names"))


def describe_source_fault(file, error):
    """Place, type and message of an error of `compile`, on one line: `f.py:3: SyntaxError: ...`."""
    if isinstance(error, SyntaxError) and error.lineno is not None:
        return f"{file}:{error.lineno}: {type(error).__name__}: {error.msg}"
    return f"{file}: {type(error).__name__}: {error}"


def describe(error):
    """Type, message and the innermost line of an exception, on one line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None or is_ours(place):
        return f"{type(error).__name__}: {error}"
    file = place.tb_frame.f_code.co_filename
    file = file[len(HANDLER_FOLDER) :] if file.startswith(HANDLER_FOLDER) else file
    return f"{type(error).__name__}: {error} ({file}:{place.tb_lineno})"


def is_ours(place):
    """Whether a line of a traceback is of the guest's own code."""
    return place.tb_frame.f_globals.get("guest_code") is True


def traceback_text(error):
    """Python's own traceback from the function's code on; the end of a long one."""
    place = error.__traceback__
    while place is not None and is_ours(place):
        place = place.tb_next
    try:
        from traceback import format_exception

        return "".join(format_exception(type(error), error, place))[-TRACEBACK_CHARS:]
    except BaseException:
        return ""  # for example, too little memory or stack is left


def traceback_field(error):
    """A traceback as a field of a frame."""
    text = traceback_text(error)
    return text and f',"traceback":{to_json(text)}'


def set_environment(extra):
    """
    Sets the variables of a request, after undoing those of the request before. Everything else that the
    function or its packages set in the environment stays, as in any Python process.
    """
    for name, value in hidden_variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    hidden_variables.clear()
    for name, value in extra.items():
        hidden_variables[name] = os.environ.get(name)
        os.environ[name] = value


def invoke(handler, is_application, frame):
    """Runs the handler once. Returns the reply: a line about it, and the body of the answer or None."""
    global call
    head, _, body = frame.partition(b"\n")
    request = from_json(head)
    set_environment(request["env"])
    call = request.get("call", call)
    began = now_us()
    answer = error = None
    traceback = about = ""
    try:
        event = (request["http"], body) if is_application else from_json(body or EMPTY_EVENT)
    except (ValueError, RecursionError) as failure:
        error = f"the event is not JSON: {failure}"
        return f'{{"outcome":"bad-event","us":[{began},{began}],"error":{to_json(error)}}}', None
    del frame, body
    began = now_us()
    try:
        result = handler(event)
        if type(result) not in PLAIN and (type(result) is not dict or "statusCode" in result):
            result = settle(result)
        outcome = "ok"
    except SystemExit as ending:
        outcome, error = "exit", f"the handler called exit({ending.code!r})"
    except BaseException as failure:
        outcome, error = "exception", describe(failure)
        traceback = traceback_field(failure)
    ended = now_us()
    if outcome == "ok":
        try:
            about, answer = rendered(result)
        except BaseException as failure:
            outcome, error = "exception", f"the answer is not JSON: {describe(failure)}"
    if answer is not None and len(answer) > answer_bytes:
        outcome = "oversized"
        error = f"the answer has {len(answer)} bytes, more than {answer_bytes}"
        about, answer = "", None
    # Most replies have no other fields, and each field would cost a new fork more copied pages.
    reply = f'{{"outcome":"{outcome}","us":[{began},{ended}]{about}'
    if error is not None:
        reply += f',"error":{to_json(error)}{traceback}'
    return reply + output_fields() + "}", answer


def rendered(result):
    """An answer as fields of the reply, and its body."""
    if http_module is not None and type(result) is http_module.Answer:
        return result.fields(), result.body
    return "", to_json(result).encode()


def serve(fd, received):
    """
    Serves the function that the first frame names, until the manager closes the connection.
    `received` is the time at which its fork was requested; 0 for a fresh interpreter.
    """
    spec = read_frame(fd)
    while spec == b"warm":
        warm_up()
        write_frame(fd, '{"warm":true}')
        spec = read_frame(fd)
    if spec is None:
        return
    began = now_us()
    # This is plain text, because a fork has not copied the pages for JSON yet.
    folder, paths, modules, learns, given = spec.decode().split("\t")
    try:
        settings = from_json(given.encode()) if given else {}
        if modules == COMPILE:
            return tell_compiled(fd, folder, settings)
        if "env" in settings:
            set_variables(settings["env"])
        sys.path[:] = [folder, *base_path, *paths.split()]
        if MERGED in paths:
            extend_loaded([path for path in sys.path if MERGED in path])
        import_all(modules.split())
        imported = now_us()
        before = frozenset(loaded) if learns else None
        entries = os.listdir(folder)
        forget_hidden_modules(entries)
        link_beside(folder, entries, settings.get("entry", HANDLER_FILE))
        handler, is_application = load_handler(folder, settings)
    except BaseException as failure:
        fields = to_json(describe(failure)) + traceback_field(failure) + output_fields()
        write_frame(fd, f'{{"failed":{fields}}}')
        return
    about = ',"application":true' if is_application else ""
    write_frame(fd, f'{{"ready":true,"us":[{received},{began},{imported},{now_us()}]{about}}}')
    while (frame := read_frame(fd)) is not None:
        reply = invoke(handler, is_application, frame)
        if before is not None:
            tell_seen(fd, before)
            before = None
        write_frame(fd, *reply)


def tell_seen(fd, before):
    """Sends the modules that a first call has imported, before its reply, after which this process may end."""
    seen = load_part("ahead").seen_since(before)
    for at in range(0, len(seen), NAMES_PER_FRAME):
        write_frame(fd, f'{{"seen":{to_json(seen[at : at + NAMES_PER_FRAME])}}}')


def set_variables(variables):
    """Sets the variables that belong to the function, for the life of the process."""
    os.environ.update(variables)
    if "TZ" in variables:
        import time

        time.tzset()


def warm_up():
    """Performs a start and an invocation once, so that a fork finds their pages and caches warm."""
    import _socket

    # Packets, because the frames that are written here together must be read one by one.
    near, far = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    kept = sys.path[:]
    write_frame(near.fileno(), f"{HERE}/warm\t\t\t\t")
    write_frame(near.fileno(), '{"env": {}}', b'{"x": 1}')
    near.shutdown(_socket.SHUT_WR)
    serve(far.fileno(), 0)
    sys.path[:] = kept
    near.close()
    far.close()
    loaded.pop("f", None)


# ------------------------------------------------------------------------------------------ Zygotes


def zygote(forks):
    """
    Imports the packages that its first packet names, then serves fork requests. A further packet names more
    modules, which it imports as a Zygote that is its child would. Returns only in a child that becomes a
    container: the time at which its fork was requested.
    """
    received = 0
    is_first = True
    while True:
        began = now_us()
        packet = read(SOCKET, 1 << 20)
        if not packet:
            os._exit(0)
        spec = from_json(packet)
        try:
            sys.path[:] = base_path + spec["path"]
            forks.begin_imports()
            failures = import_all(spec["imports"])
            forks.end_imports()
        except BaseException as failure:
            write(SOCKET, to_json({"failed": describe(failure)}).encode())
            os._exit(1)
        imported = now_us()
        without = spec["without"]
        if is_first and "warmed-zygotes" not in without:
            for _ in range(WARM_UPS):
                warm_up()
        is_first = False
        out.clear()
        err.clear()
        acts = forks.prepare(without)
        # Without this, a garbage collection in a fork would touch, and so copy, all these objects.
        if "frozen-heap" not in without:
            gc.collect()
            gc.freeze()
        forks.run_befores()
        stamps = [received, began, imported, now_us()]
        ready = {"ready": True, "us": stamps, "notes": failures, "found": forks.found()}
        write(SOCKET, to_json(ready).encode())
        del packet, spec, stamps, failures, ready
        received = forks.serve(SOCKET)
        for act in acts:
            act()
        if received > 0:
            return received
        received = -received  # 0: it is not a child, but imports more


def main(role, most_answer_bytes, most_output_chars):
    global MAGIC, answer_bytes, base_path, from_json, to_json
    from_json, to_json = make_json()
    MAGIC = loaded["_frozen_importlib_external"].MAGIC_NUMBER
    base_path = sys.path[1:] if sys.path and sys.path[0] == HERE else sys.path[:]
    answer_bytes = int(most_answer_bytes)
    out.limit = err.limit = int(most_output_chars)
    sys.stdout, sys.stderr = out, err
    os.set_inheritable(SOCKET, False)
    look_like_a_program()
    received = 0
    if role == "zygote":
        import json  # handlers use it, and should find it imported
        import mmap  # the handlers of a trace use it too

        forks = load_part("forks")
        forks.begin(HERE + "/guest.so")
        received = zygote(forks)
    Capture.sender = getpid()
    serve(SOCKET, received)


def load_part(name):
    """A module next to this file. No import finds it, so that no package's module is hidden."""
    part = Module(name)
    part.guest = GUEST
    exec(compiled(f"{HERE}/{name}.pyc"), part.__dict__)
    return part


def look_like_a_program():
    """
    Shows functions what a Python program sees: `__main__` is a module without a file, so that
    multiprocessing does not run this program again in the processes that it spawns; there is one argument,
    and there are `exit` and `quit`.
    """
    import builtins
    from _sitebuiltins import Quitter

    loaded["__main__"] = Module("__main__")
    sys.argv = [""]
    builtins.exit = Quitter("exit", "Ctrl-D")
    builtins.quit = Quitter("quit", "Ctrl-D")


if __name__ == "__main__":
    main(*sys.argv[1:])

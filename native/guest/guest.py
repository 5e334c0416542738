"""The process inside a container or Zygote: imports packages, forks on request, serves a handler.

Descriptor 3 is its only connection. A container's is a stream of frames (length in four bytes, then
text): first what to become, then one invocation after another as JSON. A Zygote's carries packets: what to
import, then fork requests, which guest.so takes.
"""

import gc
import marshal
import os
import sys
import time

SOCKET = 3
HERE = "/guest"
PYC_HEADER_BYTES = 16

base_environment = dict(os.environ)
base_environment_data = dict(os.environ._data)
fork_hooks = []


def now_us():
    return time.monotonic_ns() // 1000


# -------------------------------------------------------------------------------------------- JSON


def refuse(value):
    raise TypeError(f"{type(value).__name__} is not JSON")


class Scanning:
    """What the C scanner asks of a decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo = {}


def make_json():
    """
    The C parts of the json module without its Python: half the time, in a new fork fewer pages to
    copy, and a fresh interpreter need not import `re` (4 ms).
    """
    try:
        from _json import encode_basestring_ascii, make_encoder, make_scanner
    except ImportError:
        import json

        return json.loads, json.dumps
    scan = make_scanner(Scanning)
    encode = make_encoder({}, refuse, encode_basestring_ascii, None, ":", ",", False, False, False)
    return lambda text: scan(text, 0)[0], lambda value: "".join(encode(value, 0))


# ------------------------------------------------------------------------------------------ frames


def read_exactly(fd, count):
    data = os.read(fd, count)
    while len(data) < count:
        more = os.read(fd, count - len(data))
        if not more:
            return b""
        data += more
    return data


def read_frame(fd):
    """The text of the next frame, None when the manager is gone."""
    header = read_exactly(fd, 4)
    if not header:
        return None
    return read_exactly(fd, int.from_bytes(header, "little")).decode()


def write_frame(fd, text):
    data = text.encode()
    data = len(data).to_bytes(4, "little") + data
    sent = os.write(fd, data)
    while sent < len(data):
        sent += os.write(fd, data[sent:])


# ----------------------------------------------------------------------------------------- handler


class Capture:
    """Text a handler prints, up to a bound; what is beyond it is counted, not kept."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self):
        self.limit = 0
        self.clear()

    def clear(self):
        self.parts = []
        self.length = 0

    def write(self, text):
        room = self.limit - self.length
        if room > 0:
            self.parts.append(text[:room])
        self.length += len(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def flush(self):
        pass

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


captures = (Capture(), Capture())


def import_all(names):
    for name in names:
        try:
            __import__(name)
        except BaseException as error:
            raise RuntimeError(f"import {name}: {type(error).__name__}: {error}") from None


def load_handler(folder):
    """The `f` of folder/f.py, from its compiled form beside it where that is current."""
    source = folder + "/f.py"
    code = cached_code(source, folder + "/f.pyc")
    if code is None:
        with open(source, "rb") as file:
            code = compile(file.read(), source, "exec")
    module = type(sys)("f")
    module.__file__ = source
    sys.modules["f"] = module
    exec(code, module.__dict__)
    return module.f


def cached_code(source, compiled):
    try:
        fd = os.open(compiled, os.O_RDONLY)
    except OSError:
        return None
    try:
        data = os.read(fd, os.fstat(fd).st_size)
        status = os.stat(source)
    finally:
        os.close(fd)
    expected = (
        MAGIC
        + bytes(4)
        + (int(status.st_mtime) & 0xFFFFFFFF).to_bytes(4, "little")
        + (status.st_size & 0xFFFFFFFF).to_bytes(4, "little")
    )
    if data[:PYC_HEADER_BYTES] != expected:
        return None
    return marshal.loads(data[PYC_HEADER_BYTES:])


def describe(error):
    """Type, message and the innermost line of an exception, on one line."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" ({place.tb_frame.f_code.co_filename}:{place.tb_lineno})" if place else ""
    return f"{type(error).__name__}: {error}{where}"


def set_environment(extra):
    if not extra and os.environ._data == base_environment_data:
        return
    os.environ.clear()
    os.environ.update(base_environment)
    os.environ.update(extra)


def invoke(handler, request, answer_bytes):
    """Runs the handler once; the reply as text."""
    set_environment(request["env"])
    began = now_us()
    answer = "null"
    error = None
    try:
        result = handler(request.get("event"))
        outcome = "ok"
    except SystemExit as ending:
        outcome, error = "exit", f"the handler called exit({ending.code!r})"
    except BaseException as failure:
        outcome, error = "exception", describe(failure)
    ended = now_us()
    if outcome == "ok":
        try:
            answer = to_json(result)
        except BaseException as failure:
            outcome, error = "exception", f"the answer is not JSON: {describe(failure)}"
        if len(answer) > answer_bytes:
            outcome = "oversized"
            error = f"the answer has {len(answer)} bytes, more than {answer_bytes}"
            answer = "null"
    head = to_json({
        "outcome": outcome,
        "error": error,
        "us": [began, ended],
        "stdout": captures[0].take(),
        "stderr": captures[1].take(),
    })
    return f'{head[:-1]}, "answer": {answer}}}'


def serve(fd):
    """A container's life: becomes what the first frame says, then answers until the manager hangs up."""
    spec = read_frame(fd)
    while spec == "warm":
        warm_up()
        write_frame(fd, '{"warm": true}')
        spec = read_frame(fd)
    if spec is None:
        return
    began = now_us()
    # Lines of plain text: a fork has the pages for JSON yet to copy.
    limits, folder, paths, modules = spec.split("\n")
    answer_bytes, output_chars = map(int, limits.split())
    for capture in captures:
        capture.limit = output_chars
    sys.stdout, sys.stderr = captures
    try:
        sys.path[:] = [*paths.split(), *base_path, folder]
        import_all(modules.split())
        imported = now_us()
        handler = load_handler(folder)
    except BaseException as failure:
        write_frame(fd, to_json({"failed": describe(failure)}))
        return
    write_frame(fd, to_json({"ready": True, "us": [*fork_stamps(), began, imported, now_us()]}))
    while (request := read_frame(fd)) is not None:
        write_frame(fd, invoke(handler, from_json(request), answer_bytes))


def warm_up():
    """Walks the path of a start and an invocation once, so that a fork finds its pages and caches hot."""
    import _socket

    near, far = _socket.socketpair()
    kept = sys.stdout, sys.stderr, sys.path[:]
    write_frame(near.fileno(), f"1000 1000\n{HERE}/warm\n\n")
    write_frame(near.fileno(), '{"event": {"x": 1}, "env": {}}')
    near.shutdown(_socket.SHUT_WR)
    serve(far.fileno())
    sys.stdout, sys.stderr, sys.path[:] = kept
    near.close()
    far.close()
    sys.modules.pop("f", None)


# ------------------------------------------------------------------------------------------ Zygotes


def record_fork_hooks():
    """
    Notes the at-fork hooks of packages. guest.so forks without running Python's hooks; those of the
    standard library guard against threads, which a Zygote has none of, or reseed `random`.
    """
    register = os.register_at_fork
    harmless = {"threading", "random", "logging", "concurrent.futures.thread", "_weakrefset", "weakref"}

    def noting(*, before=None, after_in_child=None, after_in_parent=None):
        register(
            **{
                name: hook
                for name, hook in (
                    ("before", before),
                    ("after_in_child", after_in_child),
                    ("after_in_parent", after_in_parent),
                )
                if hook is not None
            }
        )
        owner = getattr(after_in_child, "__module__", None)
        if after_in_child is not None and owner not in harmless:
            fork_hooks.append(after_in_child)

    os.register_at_fork = noting


def after_fork(without):
    """What must differ between the children of one Zygote."""
    if "skipped-fork-hooks" in without:
        import ctypes

        ctypes.pythonapi.PyOS_AfterFork_Child()
    if "random" in sys.modules:
        sys.modules["random"].seed(int.from_bytes(os.urandom(16), "little"))
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed(int.from_bytes(os.urandom(4), "little"))
    for hook in fork_hooks:
        hook()


def zygote(library):
    """Imports what its first packet says, then forks for ever; returns in a child that is a container."""
    is_first = True
    while True:
        began = now_us()
        packet = os.read(SOCKET, 1 << 20)
        if not packet:
            os._exit(0)
        spec = from_json(packet.decode())
        try:
            sys.path[:] = spec["path"] + base_path
            import_all(spec["imports"])
        except BaseException as failure:
            os.write(SOCKET, to_json({"failed": describe(failure)}).encode())
            os._exit(1)
        imported = now_us()
        without = spec["without"]
        if is_first and "warmed-zygotes" not in without:
            warm_up()
        is_first = False
        # A later collection in a fork would touch, and so copy, all that is frozen here.
        if "frozen-heap" not in without:
            gc.collect()
            gc.freeze()
        stamps = [*fork_stamps(), began, imported, now_us()]
        threads = thread_count()
        os.write(SOCKET, to_json({"ready": True, "us": stamps, "threads": threads}).encode())
        del packet, spec, stamps
        is_container = library.guest_serve(SOCKET) == 1
        after_fork(without)
        if is_container:
            return


def thread_count():
    """Threads of this process where /proc tells; a fork would lose all but one."""
    threading = sys.modules.get("threading")
    return threading.active_count() if threading else 1


def main(role):
    global MAGIC, base_path, fork_stamps, from_json, to_json
    from_json, to_json = make_json()
    MAGIC = sys.modules["_frozen_importlib_external"].MAGIC_NUMBER
    base_path = sys.path[1:] if sys.path and sys.path[0] == HERE else sys.path[:]
    fork_stamps = lambda: [0, 0, 0]
    os.set_inheritable(SOCKET, False)
    if role == "zygote":
        import ctypes
        import json  # handlers use it, and should find it imported
        import mmap  # so do those of a replayed trace: 0.8 ms in a fork that has it not

        library = ctypes.PyDLL(HERE + "/guest.so")
        stamps = (ctypes.c_uint64 * 3).in_dll(library, "guest_stamps")
        fork_stamps = lambda: stamps[:]
        record_fork_hooks()
        zygote(library)
    serve(SOCKET)


main(sys.argv[1])

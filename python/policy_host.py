"""Runs one policy of a user for socklab: `python3 policy_host.py POLICY.py TO FROM LIMIT_S`.

socklab asks on the descriptor TO and reads answers from FROM; each message is one line of JSON.
While the policy answers, it may ask the engine's view, and socklab replies before it reads the
answer. Names are snake_case here and camelCase in socklab. What the policy prints goes to standard
error.
"""

import json
import os
import re
import signal
import sys
import traceback
from types import SimpleNamespace

PATH = os.path.abspath(sys.argv[1])
LIMIT_S = float(sys.argv[4])


def end_with_parent():
    """The kernel ends this process with socklab, even if the policy loops for ever."""
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    except (ImportError, OSError, AttributeError):
        pass  # not Linux: the process ends when it reads the end of its input


def snake(name):
    return re.sub(r"[A-Z]", lambda match: "_" + match[0].lower(), name)


def camel(name):
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)


def read(value):
    """Data of socklab as Python has it: objects with attributes, and sets."""
    if isinstance(value, list):
        return [read(each) for each in value]
    if not isinstance(value, dict):
        return value
    if list(value) == ["$set"]:
        return frozenset(value["$set"])
    if list(value) == ["$act"]:
        return part_of(LINE, "act", dict.fromkeys(value["$act"], "method"))
    return SimpleNamespace(**{snake(name): read(each) for name, each in value.items()})


def write(value):
    """An answer as JSON can represent it."""
    if isinstance(value, SimpleNamespace):
        return write(vars(value))
    if isinstance(value, dict):
        return {camel(str(name)): write(each) for name, each in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, (list, tuple, range)) or hasattr(value, "__next__"):
        return [write(each) for each in value]
    if hasattr(value, "item"):
        return value.item()  # a number of numpy
    return value


TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity')
WORDS = {"NaN": "null", "Infinity": "1e999", "-Infinity": "-1e999"}


def encode(message):
    text = json.dumps(message, separators=(",", ":"))
    if "Infinity" in text or "NaN" in text:
        text = TOKEN.sub(lambda match: WORDS.get(match[0], match[0]), text)
    return text.encode() + b"\n"


class Line:
    """The connection to socklab."""

    def __init__(self):
        self.input = os.fdopen(int(sys.argv[2]), "rb")
        self.output = os.fdopen(int(sys.argv[3]), "wb", buffering=0)

    def receive(self):
        text = self.input.readline()
        if text == b"":
            sys.exit(0)
        return json.loads(text)

    def send(self, *message):
        self.output.write(encode(message))

    def ask(self, part, member, args):
        self.send("view", part, member, args)
        return read(self.receive())


LINE = Line()


def part_of(line, name, kinds):
    """A part of the view, whose values are properties and whose methods ask socklab."""
    members = {}
    for member, kind in kinds.items():
        if kind == "value":
            members[snake(member)] = property(lambda _, m=member: line.ask(name, m, []))
        else:
            members[snake(member)] = lambda _, *args, m=member: line.ask(name, m, list(args))
    return type(name.capitalize(), (), members)()


def place_of(error):
    """File and line of the policy where an exception arose."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if os.path.dirname(PATH) in os.path.abspath(frame.filename)]
    frame = (own or frames)[-1]
    return f"{os.path.abspath(frame.filename)}:{frame.lineno}"


def first_line_of(method):
    code = getattr(method, "__code__", None)
    return code and f"{code.co_filename}:{code.co_firstlineno}"


def too_slow(_signal, _frame):
    raise TimeoutError(f"no answer within {LIMIT_S:g} s")


def set_limit(seconds):
    """An alarm raises an exception; if C code keeps it waiting, SIGPROF ends the process."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    signal.setitimer(signal.ITIMER_PROF, 2 * seconds)


def load():
    module = {"__name__": "policy", "__file__": PATH}
    sys.path.insert(0, os.path.dirname(PATH))
    with open(PATH, encoding="utf-8") as file:
        exec(compile(file.read(), PATH, "exec"), module)
    names = ("family", "name", "summary", "source", "departures", "needs_packages", "parameters")
    spec = {name: module[name] for name in names if name in module}
    return spec, module.get("create")


def make(create, message, line):
    """Makes the policy; returns its parts by family, and a view for its questions."""
    parameters, context, view_parts = message
    context = read(context)
    context.random = SimpleNamespace(next=lambda: line.ask("random", "next", []))
    view = SimpleNamespace(functions=context.functions, packages=context.catalogue.packages)
    for name, kinds in view_parts.items():
        setattr(view, name, part_of(line, name, kinds))
    policy = create(parameters, context)
    return (policy if isinstance(policy, dict) else {"": policy}), view


def methods_of(policy, names):
    found = {name: getattr(policy, snake(name), None) for name in names}
    return {name: method for name, method in found.items() if method is not None}


def serve(line):
    spec, create = load()
    if create is None:
        line.send("error", "NameError", "no function create(parameters, context)", f"{PATH}:1")
        return
    set_limit(0)
    line.send("spec", write(spec))
    message = line.receive()
    set_limit(LIMIT_S)
    parts, view = make(create, message[:3], line)
    methods = {name: methods_of(policy, message[3]) for name, policy in parts.items()}
    described = {
        name: {
            "methods": {each: first_line_of(method) for each, method in found.items()},
            "flags": {flag: getattr(parts[name], snake(flag), None) for flag in message[4]},
        }
        for name, found in methods.items()
    }
    set_limit(0)
    line.send("made", described)
    while True:
        part, name, now_us, args, added = line.receive()
        view.now_us = now_us
        view.functions.extend(read(added))
        given = [read(arg) for arg in args]
        set_limit(LIMIT_S)
        answer = methods[part][name](view, *given)
        set_limit(0)
        changed = [write(arg) if isinstance(arg, SimpleNamespace) else None for arg in given]
        line.send("answer", write(answer), changed)


def main():
    end_with_parent()
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, too_slow)
    set_limit(LIMIT_S)
    try:
        serve(LINE)
    except Exception as error:  # the policy's fault: socklab ends the run with one line
        set_limit(0)
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        LINE.send("error", type(error).__name__, text, place_of(error))


main()

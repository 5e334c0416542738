"""A build backend (PEP 517) that looks around while its package is built, and packs what it found."""

import json
import os
import socket
import zipfile

ATTEMPTS = json.load(open(os.path.join(os.path.dirname(__file__), "attempts.json")))


def attempt(what):
    try:
        return what()
    except OSError as error:
        return os.strerror(error.errno) if error.errno else type(error).__name__


def read(path):
    if os.path.isdir(path):
        return sorted(os.listdir(path))
    with open(path) as file:
        return file.read()


def write(path):
    with open(path, "w") as file:
        file.write("x")
    return "written"


def ask(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as near:
        near.sendall(b"GET /status HTTP/1.1\r\nhost: x\r\n\r\n")
        return near.recv(100).decode()


def connect(name):
    with socket.socket(socket.AF_UNIX) as near:
        near.connect("\0" + name)
    return "connected"


def leave_process():
    if os.fork() == 0:
        os.setsid()
        os.closerange(0, 256)  # pip would wait for a process that has its pipe open
        os.execv("/bin/sleep", ["sleep", ATTEMPTS["sleepSeconds"]])
    return "left"


def look_around():
    return {
        "read": {path: attempt(lambda: read(path)) for path in ATTEMPTS["read"]},
        "write": {path: attempt(lambda: write(path)) for path in ATTEMPTS["write"]},
        "kill": {str(pid): attempt(lambda: os.kill(pid, 9)) for pid in ATTEMPTS["kill"]},
        "worker": attempt(lambda: ask(ATTEMPTS["port"])),
        "abstract": attempt(lambda: connect(ATTEMPTS["abstract"])),
        "root": attempt(lambda: os.setuid(0)),
        "user": os.getuid(),
        "root_folder": sorted(os.listdir("/")),
        "staging": sorted(os.listdir("/staging")),
        "environment": sorted(os.environ),
        "left": attempt(leave_process),
    }


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name = "hostile-1.0-py3-none-any.whl"
    info = "hostile-1.0.dist-info/"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        wheel.writestr("hostile.py", f"FOUND = {look_around()!r}\n")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n")
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(info + "RECORD", "hostile.py,,\n" + info + "METADATA,,\n" + info + "RECORD,,\n")
    return name

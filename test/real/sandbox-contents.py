"""A handler that does what plain Python programs do: f({"do": name}) returns what they get."""

import getpass
import grp
import mimetypes
import multiprocessing
import multiprocessing.shared_memory
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import threading
from concurrent.futures import ProcessPoolExecutor


def square(x):
    return x * x


def shared_memory():
    memory = multiprocessing.shared_memory.SharedMemory(create=True, size=4096)
    memory.buf[0] = 42
    again = multiprocessing.shared_memory.SharedMemory(memory.name)
    found = again.buf[0]
    again.close()
    memory.close()
    memory.unlink()
    return found


def shared_memory_beyond_scratch(size):
    """Writes shared memory until there is no space; the bytes written."""
    written = 0
    try:
        with open("/dev/shm/big", "wb", buffering=0) as file:
            while written < size:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        os.unlink("/dev/shm/big")
        return [written, os.strerror(error.errno)]
    return [written, "no end"]


def queue():
    items = multiprocessing.Queue()
    process = multiprocessing.Process(target=items.put, args=("sent",))
    process.start()
    got = items.get(timeout=20)
    process.join()
    return got


def pools():
    with multiprocessing.Pool(2) as pool:
        first = pool.map(square, [1, 2, 3])
    with ProcessPoolExecutor(2) as pool:
        return [first, list(pool.map(square, [1, 2, 3]))]


def threads():
    """Starts 100 threads that live at the same time."""
    gate = threading.Barrier(101)
    many = [threading.Thread(target=gate.wait) for _ in range(100)]
    for each in many:
        each.start()
    gate.wait()
    for each in many:
        each.join()
    return len(many)


def user():
    own = pwd.getpwuid(os.getuid())
    return [getpass.getuser() == own.pw_name, own.pw_dir, os.path.expanduser("~"),
            grp.getgrgid(os.getgid()).gr_name == own.pw_name]


def write_here():
    with open("made-here.txt", "w") as file:
        file.write("x")
    os.makedirs(os.path.expanduser("~/.cache/mine"))
    return [os.getcwd(), os.path.exists("/scratch/made-here.txt")]


def private_keys():
    found = []
    for top in ("/etc/ssl", "/etc/pki"):
        for folder, folders, files in os.walk(top):
            found += [os.path.join(folder, each) for each in folders + files if "private" in each]
    return found


def change_etc():
    """Tries to become known under another name, or to be trusted; the errors."""
    answers = []
    for path in ("/etc/passwd", "/etc/ssl/certs/mine.pem", "/etc/alternatives/awk", "/proc/cpuinfo"):
        try:
            with open(path, "a") as file:
                file.write("x")
            answers.append("written")
        except OSError as error:
            answers.append(os.strerror(error.errno))
    return answers


def processes():
    """Who /proc shows, for this process and for a child that it starts."""
    child = subprocess.run(["sh", "-c", "readlink /proc/self/exe; cat /proc/$$/comm"], capture_output=True, text=True)
    return {"numbers": sorted(int(each) for each in os.listdir("/proc") if each.isdigit()),
            "self": os.readlink("/proc/self"), "python": os.path.realpath(os.readlink("/proc/self/exe")),
            "child": child.stdout.split("\n")[1], "threads": len(os.listdir("/proc/self/task")),
            "files": sorted(int(each) for each in os.listdir("/proc/self/fd"))[:4],
            "memory": "MemTotal" in open("/proc/meminfo").read(),
            "stat": open("/proc/stat").read().startswith("cpu ")}


def terminal():
    """Sends a line through a pseudo-terminal, as pexpect does."""
    import pty

    near, far = pty.openpty()
    os.write(near, b"line\n")
    got = os.read(far, 100)
    name = os.ttyname(far)
    os.close(near)
    os.close(far)
    return [got.decode(), name, sorted(os.listdir("/dev/pts"))]


def terminals():
    """Opens pseudo-terminals until there are no more; how many."""
    opened = []
    try:
        while len(opened) < 1000:
            opened.append(os.posix_openpt(os.O_RDWR) if hasattr(os, "posix_openpt") else os.open("/dev/ptmx", os.O_RDWR))
    except OSError:
        pass
    for each in opened:
        os.close(each)
    return len(opened)


DEEDS = {
    "certificates": lambda: ssl.create_default_context().cert_store_stats()["x509_ca"],
    "lock": lambda: multiprocessing.Lock().acquire(timeout=5),
    "awk": lambda: subprocess.run(["awk", "BEGIN { print 6 * 7 }"], capture_output=True, text=True).stdout,
    "which": lambda: shutil.which("awk"),
    "mime": lambda: mimetypes.guess_type("a.docx")[0],
    "service": lambda: [socket.getservbyname("https"), socket.getprotobyname("icmp")],
    "processors": lambda: open("/proc/cpuinfo").read(),
    "sharedMemory": shared_memory, "queue": queue, "pools": pools, "threads": threads, "user": user,
    "writeHere": write_here, "privateKeys": private_keys, "changeEtc": change_etc,
    "shm": lambda: sorted(os.listdir("/dev/shm")), "processes": processes, "terminal": terminal, "terminals": terminals,
}


def f(event):
    if event["do"] == "fillShm":
        return shared_memory_beyond_scratch(event["bytes"])
    return DEEDS[event["do"]]()

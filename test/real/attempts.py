"""A handler that tries to break out: f({"attempt": name, ...}) returns the result of the attempt."""

import ctypes
import mmap
import os
import signal
import socket

libc = ctypes.CDLL(None, use_errno=True)
SYSCALLS = {
    "ptrace": 101, "pivot_root": 155, "chroot": 161, "mount": 165, "umount2": 166, "keyctl": 250,
    "unshare": 272, "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310,
    "finit_module": 313, "bpf": 321, "perf_event_open": 298, "io_uring_setup": 425,
    "open_tree": 428, "clone3": 435, "kexec_load": 246, "sethostname": 170, "reboot": 169,
    "clone": 56, "open_tree_attr": 467, "quotactl_fd": 443, "statmount": 457, "listmount": 458,
    "listns": 470, "memfd_secret": 447, "cachestat": 451, "mbind": 237, "set_mempolicy": 238,
    "set_mempolicy_home_node": 450, "migrate_pages": 256, "sync": 162, "syncfs": 306,
}
NEW_USER_NAMESPACE = 0x10000000
IPPROTO_MPTCP = 262
X32_CALLS = 0x40000000
servers = []


def attempt(what):
    """The errno's text, or the result."""
    try:
        return what()
    except OSError as error:
        return os.strerror(error.errno)


def call(name, *arguments):
    return call_number(SYSCALLS[name], *arguments)


def call_number(number, *arguments):
    if libc.syscall(number, *arguments) >= 0:
        return "allowed"
    return os.strerror(ctypes.get_errno())


def make_socket(family, kind, protocol):
    """Makes and closes a socket; nothing is bound, sent or connected."""
    socket.socket(family, kind, protocol).close()
    return "made"


def sockets():
    """Results of making a socket of each family that Linux has, then of protocols and pairs."""
    families = {family: make_kind(family) for family in range(46)}
    netlink = {protocol: attempt(lambda: make_socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol))
               for protocol in range(23)}
    mptcp = [attempt(lambda: make_socket(family, socket.SOCK_STREAM, IPPROTO_MPTCP))
             for family in (socket.AF_INET, socket.AF_INET6)]
    pairs = {family: attempt(lambda: len(socket.socketpair(family)))
             for family in (socket.AF_UNIX, 30, 40)}  # 30: AF_TIPC, 40: AF_VSOCK
    return {"families": families, "netlink": netlink, "mptcp": mptcp, "pairs": pairs}


def make_kind(family):
    return attempt(lambda: make_socket(family, socket.SOCK_DGRAM, 0))


def use_sockets():
    """Does what packages do: addresses of a name, interfaces (by netlink), loopback over TCP."""
    names = {each[4][0] for each in socket.getaddrinfo("127.0.0.1", 80)}
    return [sorted(names), [name for _, name in socket.if_nameindex()], talk(0)]


def enter_as_32_bit():
    """Calls getpid by the entry of 32-bit programs: mov eax, 20; int 0x80; ret."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(bytes.fromhex("b814000000cd80c3"))
    start = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return ctypes.CFUNCTYPE(ctypes.c_int)(start)()


def write(path):
    with open(path, "w") as file:
        file.write("x")
    return "written"


def fill(path):
    written = 0
    try:
        with open(path, "wb", buffering=0) as file:
            while written < 1 << 32:
                written += file.write(bytes(1 << 20))
    except OSError as error:
        os.unlink(path)
        return [written, os.strerror(error.errno)]
    return [written, "no end"]


def fork_bomb():
    children = 0
    try:
        while children < 10000:
            if os.fork() == 0:
                while True:
                    signal.pause()
            children += 1
    except OSError as error:
        return [children, os.strerror(error.errno)]
    return [children, "no end"]


def climb():
    """The classic way out of a chroot: up from a folder opened before, many times."""
    top = os.open("/", os.O_RDONLY)
    os.mkdir("/scratch/jail") if not os.path.exists("/scratch/jail") else None
    jailed = call("chroot", b"/scratch/jail")
    os.fchdir(top)
    for _ in range(64):
        os.chdir("..")
    found = sorted(os.listdir("."))
    os.close(top)
    return [jailed, found]


def status():
    return {
        "user": os.getresuid(),
        "group": os.getresgid(),
        "groups": os.getgroups(),
        "pid": os.getpid(),
        "fds": [fd for fd in range(256) if is_open(fd)],
        "becomeRoot": attempt(lambda: os.setuid(0)),
        "otherUser": attempt(lambda: os.setresuid(200001, 200001, 200001)),
        "noNewPrivileges": libc.prctl(39, 0, 0, 0, 0),
        "seccomp": libc.prctl(21, 0, 0, 0, 0),
        "bounding": [cap for cap in range(41) if libc.prctl(23, cap, 0, 0, 0) == 1],
        "ambient": [cap for cap in range(41) if libc.prctl(47, 1, cap, 0, 0) == 1],
    }


def is_open(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False


def connect(family, address):
    with socket.socket(family) as near:
        near.settimeout(1)
        near.connect(address)
        return "connected"


def move():
    for name in ("a", "b"):
        os.mkdir(f"/scratch/{name}")
    write("/scratch/a/file")
    os.rename("/scratch/a/file", "/scratch/b/file")
    os.link("/scratch/b/file", "/scratch/a/file")
    return ["moved", "linked"]


def listen(address):
    """Listens as long as the container lives."""
    server = socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET)
    server.bind(address)
    server.listen()
    servers.append(server)
    return "listening"


def talk(port):
    """Opens and closes a connection. The server's end is closed first, which leaves it in TIME_WAIT."""
    with socket.socket() as server, socket.socket() as near:
        server.bind(("127.0.0.1", port))
        server.listen()
        near.connect(server.getsockname())
        far, _ = server.accept()
        far.close()
        near.recv(1)
    return "talked"


def read_file(path):
    with open(path, "rb", buffering=0) as file:
        return len(file.read(4096))


def proc_probes(secret):
    """Looks for others and for the machine through /proc, harmlessly; what each look finds."""
    texts = [text for name in os.listdir("/proc") if name.isdigit() for text in texts_of(f"/proc/{name}")]
    return {
        "numbers": sorted(int(name) for name in os.listdir("/proc") if name.isdigit()),
        "secret": any(secret.encode() in text for text in texts),
        "roots": sorted({os.readlink(f"/proc/{name}/root") for name in ("1", "self", "thread-self")}),
        "throughRoot": sorted(os.listdir("/proc/1/root")) == sorted(os.listdir("/")),
        "throughUp": sorted(os.listdir("/proc/1/root/../../..")) == sorted(os.listdir("/")),
        "mounts": [attempt(lambda: len(open(f"/proc/self/{name}").read()))
                   for name in ("mounts", "mountinfo", "mountstats")],
        "hidden": {name: attempt(lambda: read_file(f"/proc/{name}")) for name in
                   ("keys", "key-users", "interrupts", "modules", "kcore", "timer_list", "kmsg")},
        "written": {name: attempt(lambda: write(f"/proc/{name}")) for name in
                    ("sysrq-trigger", "sys/kernel/hostname", "sys/vm/drop_caches", "sys/kernel/core_pattern",
                     "self/oom_score_adj", "self/mem", "1/comm", "irq/default_smp_affinity")},
        "mappedFiles": attempt(lambda: len(os.listdir("/proc/self/map_files")) and
                               os.stat("/proc/self/map_files/" + os.listdir("/proc/self/map_files")[0]) and "followed"),
        "namespaces": attempt(lambda: call("setns", os.open("/proc/self/ns/pid", os.O_RDONLY), 0)),
    }


def texts_of(folder):
    for name in ("environ", "cmdline", "comm", "status", "cgroup"):
        try:
            with open(f"{folder}/{name}", "rb") as file:
                yield file.read()
        except OSError:
            pass


def terminal_probes():
    """Asks a terminal of this process for another line discipline, and for input that nobody wrote."""
    import fcntl
    import pty
    import termios

    near, far = pty.openpty()
    answers = [attempt(lambda: fcntl.ioctl(far, termios.TIOCSETD, b"\2\0\0\0") and "set"),
               attempt(lambda: fcntl.ioctl(far, termios.TIOCSTI, b"x") and "put")]
    os.close(near)
    os.close(far)
    return answers


def device():
    os.mknod("/scratch/disk", 0o60600, os.makedev(254, 0))
    return "made"


def f(event):
    name = event["attempt"]
    if name == "write":
        return [attempt(lambda: write(path)) for path in event["paths"]]
    if name == "read":
        return [attempt(lambda: sorted(os.listdir(path))) for path in event["paths"]]
    if name == "calls":
        blank = ctypes.create_string_buffer(256)
        return {
            each: call(each, NEW_USER_NAMESPACE if each in ("unshare", "clone") else 0, blank, 0, 0, 0)
            for each in SYSCALLS
        }
    if name == "kill":
        return [attempt(lambda: os.kill(pid, signal.SIGKILL)) for pid in event["pids"]]
    if name == "connect":
        return attempt(lambda: connect(socket.AF_INET, ("127.0.0.1", event["port"])))
    if name == "connectTo":
        return attempt(lambda: connect(socket.AF_INET, tuple(event["address"])))
    if name == "listenAt":
        return attempt(lambda: listen(("127.0.0.1", event["port"])))
    if name == "talk":
        return attempt(lambda: talk(event["port"]))
    if name == "proc":
        return proc_probes(event["secret"])
    if name == "connectAbstract":
        return attempt(lambda: connect(socket.AF_UNIX, "\0" + event["name"]))
    if name == "listenAbstract":
        return attempt(lambda: listen("\0" + event["name"]))
    return {"climb": climb, "fill": lambda: fill("/scratch/f"), "forkBomb": fork_bomb,
            "status": status, "move": move, "sockets": sockets, "useSockets": use_sockets,
            "enterAs32Bit": enter_as_32_bit,
            "x32": lambda: call_number(X32_CALLS + SYSCALLS["sync"]), "device": lambda: attempt(device),
            "terminal": terminal_probes, "pid": os.getpid}[name]()

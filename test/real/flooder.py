"""Writes to its descriptor 3 until the other end is closed, and prints how many bytes the kernel accepted."""

import os
import socket
import sys

sender = socket.socket(fileno=3)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, int(sys.argv[1]))
queue_bytes = sender.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
taken = 0
try:
    while taken < 1 << 30:
        taken += sender.send(b"x" * 4096)
except (BrokenPipeError, ConnectionResetError):
    pass
print(queue_bytes, taken)
sys.stdout.flush()
os._exit(0)

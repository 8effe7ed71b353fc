"""What a daemon tells its service manager (sd_notify(3)), with the time by the kernel: a log line
may come late, and of thousands some not at all."""

import contextlib
import os
import socket
import struct

from sniffer import SO_TIMESTAMPNS

from suite.adverts import clock_offset

MOST = 4096  # bytes of a message


class Notices:
    """Of one node, while its block lasts; those who are started `inside` it tell them."""

    def __init__(self, path):
        self.path = path
        self.offset = clock_offset()
        self.times = []

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)
        self.socket.bind(str(self.path))
        return self

    def __exit__(self, *_):
        self.socket.close()

    @contextlib.contextmanager
    def inside(self):
        os.environ["NOTIFY_SOCKET"] = str(self.path)
        try:
            yield
        finally:
            del os.environ["NOTIFY_SOCKET"]

    def ready(self, since):
        """When it first said so after that moment; nothing when it did not."""
        with contextlib.suppress(BlockingIOError):
            while True:
                message, control, _, _ = self.socket.recvmsg(MOST, 64)
                seconds, nanoseconds = struct.unpack("@qq", control[0][2][:16])
                if b"READY=1" in message.splitlines():
                    self.times.append(seconds + nanoseconds / 1e9 + self.offset)
        return next((at for at in self.times if at >= since), None)

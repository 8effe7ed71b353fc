"""Clients that want to keep everybody else out: many connections and never a whole request, or
requests without end."""

import contextlib
import resource
import select
import socket
import threading
import time

from network import inside

CROWD = 1000


class Attack:
    """Keeps `CROWD` connections busy with one byte a second each; those that are closed are opened
    again. `connect` makes one; `beginning` is the request that never ends."""

    def __init__(self, namespace, connect, beginning):
        self.namespace = namespace
        self.connect = connect
        self.beginning = beginning
        self.opened = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, hard), hard))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _run(self):
        crowd = []
        with inside(self.namespace):
            while not self.stopping.is_set():
                crowd = [line for line in crowd if self.drip(line)]
                while len(crowd) < CROWD and not self.stopping.is_set():
                    line = self.open()
                    if line is None:
                        break
                    crowd.append(line)
                self.stopping.wait(0.2)
        for line in crowd:
            line.close()

    def open(self):
        """One more of them; nothing when that fails."""
        try:
            line = self.connect()
            line.setblocking(False)
            line.send(self.beginning)
        except OSError:
            return None
        self.opened += 1
        return line

    @staticmethod
    def drip(line):
        """Whether it is still open."""
        try:
            line.send(b"x")
            return True
        except OSError:
            line.close()
            return False


class Greed:
    """As many clients of the control socket as there are places, who ask without a pause, each
    before the last answer is there."""

    QUESTIONS = b'{"command": "status"}\n{"command": "events"}\n' * 500

    def __init__(self, node):
        self.node = node
        self.answers = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()

    def _run(self):
        lines = [control_socket(self.node) for _ in range(31)]  # one place for the honest
        for line in lines:
            line.setblocking(False)
        while not self.stopping.is_set() and lines:
            readable, writable, _ = select.select(lines, lines, [], 0.1)
            for line in writable:
                with contextlib.suppress(OSError):
                    line.send(self.QUESTIONS)
            for line in readable:
                with contextlib.suppress(OSError):
                    self.answers += line.recv(1 << 20).count(b"\n")
        for line in lines:
            line.close()


def control_socket(node):
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(2)
    line.connect(str(node.directory / "control.sock"))
    return line


def slow_loris(node):
    """On the HTTP port of that node."""
    port = node.router.METRICS_PORT
    return Attack(node.lab.network.name(node.role),
                  lambda: socket.create_connection(("127.0.0.1", port), 2),
                  b"GET / HTTP/1.1\r\nX-Slow: ")


def never_a_line(node):
    """On the control socket of that node."""
    return Attack(node.lab.network.name(node.role), lambda: control_socket(node),
                  b'{"command": "')


def pause(seconds):
    """How long an attack goes on, and the quiet before it."""
    time.sleep(seconds)

"""What goes on beside the advertisements: each is a context manager around the time in question."""

import contextlib
import signal
import threading

from daemons import ask, wait_until

from suite import machine
from suite.case import HAGUARD


@contextlib.contextmanager
def nothing(_node, _peer):
    yield


@contextlib.contextmanager
def busy(_node, _peer):
    with machine.busy_cores():
        yield


class EverySecond:
    """Does something at once and then each second, until the end of its block; what went wrong with
    it is raised there."""

    def __init__(self, action):
        self.action = action
        self.problem = None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        assert self.problem is None, f"beside the measurement: {self.problem}"

    def _run(self):
        try:
            while not self.ending.wait(1):
                self.action()
        except (OSError, AssertionError, RuntimeError) as problem:
            self.problem = problem


def scrape(node, peer):
    """Of keepalived as exporters do it: signals that make it write its data and statistics."""
    def haguard():
        status, _ = node.router.get("/metrics")
        assert status == 200, f"/metrics answers {status}"

    def keepalived():
        node.router.send(signal.SIGUSR1)
        node.router.send(signal.SIGUSR2)
    return EverySecond(haguard if peer == HAGUARD else keepalived)


def reload(node, _peer):
    """The daemon's own configuration, unchanged."""
    return EverySecond(lambda: node.router.send(signal.SIGHUP))


def reload_haproxy(node, _peer):
    """As systemd does it."""
    def once():
        before = node.haproxy.worker_pid()
        node.haproxy.send(signal.SIGUSR2)
        wait_until(lambda: node.haproxy.worker_pid() not in (None, before), what="a new worker")
        wait_until(lambda: ask(node.haproxy.admin_socket, "show info"), what="HAProxy answers")
    return EverySecond(once)

"""Two proxies that are used again and again: the network and the HAProxies stay, the daemons are
new for each measurement, so that nothing is left of the last one, neither what a node remembers of
its peer nor that its roles changed often."""

import contextlib
import os
import random
import shutil
import signal
import time

from daemons import wait_until
from holding import Holding
from lab import Lab, host
from network import now

from suite import machine, peers
from suite.adverts import Capture

GOLDEN = 0.6180339887  # multiples of it, without the whole, are spread evenly however many they are
PREPARED = 20  # seconds to come to the state in which the fault is done


def processes(daemon):
    """The daemon and its children."""
    return [*machine.children(daemon.pid), daemon.pid]


def signal_all(daemon, signum):
    """The parent first: it must not tidy up behind its children, or start them again. When."""
    found = processes(daemon)
    at = daemon.send(signal.SIGSTOP)
    for pid in found:
        with contextlib.suppress(ProcessLookupError):  # a child that has just ended
            os.kill(pid, signum)
    return at


class Pair:
    """`peer` on both nodes; `wanted`: what the group of the case is."""

    def __init__(self, lab, peer):
        self.lab = lab
        self.peer = peer
        for node in lab.nodes:
            node.start_haproxy()
        self.holding = Holding(lab, host(lab.group.vip))
        self.adverts = lab.enter_context(Capture((lab.network.name("lan"), "node1")))
        self.moments = 0

    def start(self, first, second, realtime=True):
        """Both daemons anew; `first` begins, so the other one knows it. Up to the moment in which
        node1 holds the address and node2 stands by."""
        self.clear()
        for node in (first, second):
            peers.start(self.peer, node, realtime)
            time.sleep(0.1)
        self.settle(self.lab.node1)

    def settle(self, active):
        """Only this node holds the address and the other one stands by."""
        other = next(node for node in self.lab.nodes if node is not active)
        active.wait_active(PREPARED + 5 * self.lab.group.interval)
        other.wait_state("backup")

    def await_moment(self):
        """A fault comes at any time between two runs of a script, and in one run after the other
        at other times after an advertisement of node1: evenly spread, and the same for each peer,
        because where nobody tells of a fault, when it is noticed depends on this."""
        time.sleep(random.uniform(0, peers.SCRIPT_INTERVAL[self.peer]))
        interval = self.lab.group.interval
        share = (0.5 + self.moments * GOLDEN) % 1
        self.moments += 1
        heard = self.adverts.last(now())
        if heard is not None:
            time.sleep((heard + share * interval - now()) % interval)

    def end(self):
        """The lab would leave stopped children of a keepalived behind."""
        for node in self.lab.nodes:
            self._end_router(node)

    def clear(self):
        self.end()
        for node in self.lab.nodes:
            self._repair_wire(node)
            self._repair_haproxy(node)
        wait_until(lambda: not self.lab.holders(), what="the address is gone", interval=0.02)
        self.adverts.stamps.clear()
        self.lab.daemons[:] = [daemon for daemon in self.lab.daemons if daemon.running()]

    def _end_router(self, node):
        if node.router and node.router.running():
            with contextlib.suppress(ProcessLookupError):  # one that was stopping anyway
                signal_all(node.router, signal.SIGKILL)
            node.router.wait()
        node.router = None
        for name in ("run", "state"):
            shutil.rmtree(node.directory / name, ignore_errors=True)
        for name in ("keepalived.pid", "vrrp.pid"):
            (node.directory / name).unlink(missing_ok=True)
        for address in node.held():
            with contextlib.suppress(RuntimeError):  # its lease may end at this moment
                self.lab.network.ip(node.role, "address", "del", address, "dev", "etx2")

    def _repair_wire(self, node):
        self.lab.network.carrier(node.role, up=True)
        self.lab.network.plug(node.role)

    @staticmethod
    def _repair_haproxy(node):
        haproxy = node.haproxy
        if haproxy.running():
            with contextlib.suppress(ProcessLookupError):
                for pid in machine.children(haproxy.pid):
                    os.kill(pid, signal.SIGCONT)
            if not haproxy.worker_pid():
                haproxy.send(signal.SIGKILL)
                haproxy.wait()
        if not haproxy.running():
            haproxy.start()

    def only_holder(self, at):
        """Who had the address at that moment; nothing when it was nobody, or two."""
        span = self.holding.spans(at, at + 1e-6)[0]
        return next(iter(span[2])) if len(span[2]) == 1 else None


@contextlib.contextmanager
def pair(peer, **wanted):
    with Lab(peers.group_for(peer, **wanted)) as lab:
        lab.sniffer.stop()  # it would take part of the processor with each request of the client
        both = Pair(lab, peer)
        try:
            yield both
        finally:
            both.end()

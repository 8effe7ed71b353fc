"""What grows with the number of virtual routers and of addresses: two nodes, and nothing else goes
on. Each run starts both daemons anew, hands over, and loses a node. Without real-time priority: the
limits that keepalived has with it kill it where it has much to do."""

import contextlib
import functools
import shutil
import signal
import time

from daemons import wait_until
from lab import Lab
from network import now

from suite import crowd, kernel, machine, peers
from suite.adverts import ARP_ONLY, Capture, announced
from suite.arrivals import Arrivals
from suite.case import BEST, HAGUARD, Case, Figure
from suite.notices import Notices
from suite.numbers import median
from suite.pair import signal_all

INTERVAL = 1.0
REST = 2.0  # seconds
LIMIT = 60  # seconds for each step: beyond it nothing is said of those that follow
STEP = 0.02
COMMENT = {HAGUARD: "# changed\n", BEST: "! changed\n"}
INSTANCES = (1, 10, 100, 500, 1000, 2000)
ADDRESSES = (100, 1000, 5000)  # one is one instance
JUDGED = 1000  # addresses: compared with the floor
FLOOR_RUNS = 5


class Late(Exception):
    """Something has not happened within LIMIT, or cannot any more."""


def within(condition, what):
    try:
        return wait_until(condition, LIMIT, what, STEP)
    except AssertionError as problem:
        raise Late(str(problem)) from None


class Crowd:
    """Both nodes with these members. node1 is better, but leaves an Active one alone."""

    def __init__(self, lab, peer, members):
        self.lab = lab
        self.peer = peer
        self.members = members
        self.wanted = {address for member in members for address in member.addresses}
        self.ports = crowd.add_lans(lab.network, members)
        self.others = [(namespace, "node2") for namespace, _ in self.ports]
        self.arrivals = {node.role: lab.enter_context(Arrivals(lab, node)) for node in lab.nodes}
        self.notices = {node.role: lab.enter_context(Notices(lab.directory / f"{node.role}.notify"))
                        for node in lab.nodes}

    def start(self, node):
        """Milliseconds from the start of its process until it waits as Backup of all."""
        for path in ("run", "state", "keepalived.pid", "vrrp.pid"):
            remove(node.directory / path)
        begun = now()
        with self.notices[node.role].inside():
            crowd.start(self.peer, node, self.members, preempt=False, realtime=False)
        return (within(lambda: self.started(node, begun), f"{node.role} is Backup of all")
                - begun) * 1000

    def started(self, node, since):
        """When; nothing while it is not. haguard is ready when all wait, keepalived logs each."""
        self.assert_running(node)
        if self.peer == HAGUARD:
            return self.notices[node.role].ready(since)
        waiting = node.router.logged("Entering BACKUP STATE", since)
        return waiting[-1].time if len(waiting) >= len(self.members) else None

    def reloaded(self, node, since):
        """The same of a reload."""
        self.assert_running(node)
        if self.peer == HAGUARD:
            return self.notices[node.role].ready(since)
        done = node.router.logged("Reload complete", since)
        return done[0].time if done else None

    @staticmethod
    def assert_running(node):
        router = node.router
        assert router.running(), f"{router.label} has ended: {router.lines[-1:]}"

    def held(self, node):
        """Nothing while an address is missing, or else when the last one came."""
        arrivals = self.arrivals[node.role].read()
        if not arrivals.held >= self.wanted:
            return None
        return max(arrivals.added[address] for address in self.wanted)

    def rid(self, node):
        """The same of the time when the last one went."""
        arrivals = self.arrivals[node.role].read()
        if arrivals.held & self.wanted:
            return None
        return max(arrivals.removed[address] for address in self.wanted)

    @staticmethod
    def kill(node):
        signal_all(node.router, signal.SIGKILL)
        node.router.wait()

    def clear(self):
        for node in self.lab.nodes:
            if node.router and node.router.running():
                self.kill(node)
            self.lab.network.ip(node.role, "address", "flush", "to", crowd.RANGE)
            self.arrivals[node.role].forget()
        self.lab.daemons[:] = [daemon for daemon in self.lab.daemons if daemon.running()]


def remove(path):
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def at_rest(stage):
    """Per cent of a core of both, and what the Active one has."""
    pids = [node.router.pid for node in stage.lab.nodes]
    before = [machine.schedule_seconds(pid) for pid in pids]
    since = now()
    time.sleep(REST)
    used = [(machine.schedule_seconds(pid) - was) / (now() - since) * 100
            for pid, was in zip(pids, before)]
    return {"CPU, Active": used[0], "CPU, Backup": used[1],
            "RSS": machine.resident_bytes(pids[0]) / 2 ** 20,
            "descriptors": machine.descriptors(pids[0])}


def reload(stage, node):
    """Milliseconds from the signal to the time it says that it has; only a comment has changed."""
    with node.router.config.open("a") as config:
        config.write(COMMENT[stage.peer])
    at = node.router.send(signal.SIGHUP)
    return (within(lambda: stage.reloaded(node, at), "reloaded") - at) * 1000


def hand_over(stage, active, backup):
    at = active.router.send(signal.SIGTERM)
    gone = within(lambda: stage.rid(active), f"{active.role} holds none")
    held = within(lambda: stage.held(backup), f"{backup.role} holds all")
    with contextlib.suppress(AssertionError):
        active.router.wait(LIMIT)
    return (max(gone, held) - at) * 1000


def deadlines(stage, adverts):
    """When node1 knows that node2 is gone, by the address: after three intervals and the skew
    (RFC 9568, 6.1) without an advertisement of it."""
    last = {(stamp.port, stamp.vrid): stamp.time for stamp in list(adverts.stamps)}
    patience = (3 + (256 - dict(peers.PRIORITIES)["node1"]) / 256) * INTERVAL
    return {address: last[stage.others[member.lan], member.vrid] + patience
            for member in stage.members for address in member.addresses}


def announcements(stage, heard, since):
    """The first of each address, nothing while one is missing."""
    first = {}
    for stamp in list(heard.stamps):
        if stamp.time >= since:
            first.setdefault(stamp.vrid, stamp.time)
    return first if first.keys() >= stage.wanted else None


def take_over(stage, lost, winner):
    """From the deadline of each address to it in the kernel and to its announcement: the worst.
    Where there are several virtual routers, their deadlines may differ."""
    with Capture(*stage.others) as adverts, Capture(*stage.ports, program=ARP_ONLY,
                                                    whose=announced) as heard:
        within(lambda: adverts.routers(0, now()) == len(stage.members), "each router is heard")
        stage.kill(lost)
        within(lambda: stage.held(winner), f"{winner.role} holds all")
        due = deadlines(stage, adverts)
        first = within(lambda: announcements(stage, heard, min(due.values())), "announced")
    added = stage.arrivals[winner.role].added
    return {"take over": max(added[address] - due[address] for address in stage.wanted) * 1000,
            "announced": max(first[address] - due[address] for address in stage.wanted) * 1000}


def at_once(stage, node):
    """It starts alone, so the time of all routers is up at one moment: from the first address in
    the kernel to the last one, and to the last that is announced."""
    with Capture(*stage.ports, program=ARP_ONLY, whose=announced) as heard:
        since = now()
        stage.start(node)
        last = within(lambda: stage.held(node), f"{node.role} holds all")
        told = within(lambda: announcements(stage, heard, since), "announced")
    begun = min(stage.arrivals[node.role].added[address] for address in stage.wanted)
    return {"at once": (last - begun) * 1000,
            "at once, announced": (max(told[address] for address in stage.wanted) - begun) * 1000}


def steps(stage):
    """Samples, one step after the other."""
    first, second = stage.lab.nodes
    stage.clear()
    yield at_once(stage, first)
    yield {"start": stage.start(second)}
    yield at_rest(stage)
    yield {"hand over": hand_over(stage, first, second)}
    stage.start(first)
    yield {"reload": reload(stage, second)}
    yield take_over(stage, second, first)


def once(stage, figures, reference):
    """`reference`: measures the floor, in the network of the stage."""
    sample = {figure.key: None for figure in figures}
    try:
        for step in steps(stage):
            sample |= step
    except Late as problem:
        sample["note"] = str(problem)
    stage.clear()
    if reference and sample["at once, announced"] is not None:
        sample |= reference(stage, sample)
    return sample


def above_floor(stage, sample):
    """How many times what the kernel takes for the same, with the same who listen."""
    count = len(stage.wanted)
    network = stage.lab.network
    addresses = median(kernel.floor(network, "addresses4", count, FLOOR_RUNS)["add"])
    frames = median(kernel.floor(network, "frames", count, FLOOR_RUNS)["sendto"])
    return {"at once : floor": sample["at once"] / addresses,
            "at once, announced : floor": sample["at once, announced"] / (addresses + frames)}


@contextlib.contextmanager
def two_nodes(members, figures, reference, peer):
    with Lab() as lab:
        lab.sniffer.stop()
        yield functools.partial(once, Crowd(lab, peer, members), figures, reference)


FIGURES = (Figure("take over"), Figure("announced"), Figure("at once"),
           Figure("at once, announced"), Figure("hand over"), Figure("start"),
           Figure("reload"), Figure("CPU, Active", unit="% of a core"),
           Figure("CPU, Backup", unit="% of a core"), Figure("RSS", unit="MiB"),
           Figure("descriptors", unit=""))
ABOVE = (Figure("at once : floor", unit="x floor", bound=2),
         Figure("at once, announced : floor", unit="x floor", bound=2))


def case(what, count, members, above=()):
    figures = FIGURES + above
    name = f"{count:,} {what if count > 1 else what.removesuffix('s')}"
    return Case("scale", name, functools.partial(two_nodes, members, figures,
                                                 above_floor if above else None),
                figures, peers=(HAGUARD, BEST), runs=3, grows=what, size=count)


CASES = [
    *(case("instances", count, [crowd.Member(number, INTERVAL) for number in range(count)])
      for count in INSTANCES),
    *(case("addresses", count, crowd.of_addresses(count, INTERVAL),
           ABOVE if count == JUDGED else ()) for count in ADDRESSES),
]

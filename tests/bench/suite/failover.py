"""What the client sees of a fail-over: from the fault to the end of the first request that the
right node answered, requests that failed, and how long nobody answered; beside it, from the kernel
of both nodes, how long nobody held the address and how long both did."""

import contextlib
import dataclasses
import functools
import time

from daemons import wait_until
from network import now
from probing import failed

from suite import faults
from suite.case import BEST, HAGUARD, PEERS, Case, Figure
from suite.pair import pair

PROBE_MS = 2
SLOW = 0.2     # seconds: a SYN was sent again
WATCHED = 6.0  # seconds after the fault, unless the roles are clear earlier
SEEN = 15.0    # a fail-over that takes longer did not happen


@dataclasses.dataclass(frozen=True)
class Fault:
    """`strike` returns when it was done; `before` brings the pair into the state for it."""
    name: str
    strike: callable
    before: callable = lambda _pair: None
    serves_before: str = "proxy-1"
    serves_after: str = "proxy-2"
    known: bool = False    # node1 has heard node2, as a node has that came back
    parted: bool = False   # afterwards both nodes hold the address, and cannot know
    silent: bool = False   # node1 does not tell: node2 waits for an advertisement that never comes
    seen: float = SEEN


KILLED = Fault("HAProxy killed", faults.kill_haproxy)
MASTER_KILLED = Fault("HAProxy's master killed", faults.kill_master)
HUNG = Fault("HAProxy hung", faults.hang_haproxy, seen=30)
SOFT_STOPPED = Fault("HAProxy soft-stopped", faults.soft_stop_haproxy)
DAEMON_STOPPED = Fault("daemon stopped", faults.stop_daemon)
DAEMON_KILLED = Fault("daemon killed", faults.kill_daemon, silent=True)
DAEMON_HUNG = Fault("daemon hung", faults.hang_daemon, silent=True)
CUT = Fault("node cut off", faults.cut_node, parted=True, silent=True)
CARRIER = Fault("carrier lost", faults.lose_carrier, silent=True)
WEIGHT = Fault("weight lost", faults.lose_weight, known=True)
BACK = Fault("preempt back", faults.return_haproxy, before=faults.without_haproxy,
             serves_before="proxy-2", serves_after="proxy-1")
HEALED = Fault("heal after a partition", faults.heal_partition, before=faults.parted,
               serves_before="proxy-2", serves_after="proxy-1")


def measure(fault, machines):
    """One fault on fresh daemons."""
    lab = machines.lab
    machines.start(*(reversed(lab.nodes) if fault.known else lab.nodes))
    fault.before(machines)
    prober = lab.start_prober(next(node for node in lab.nodes if node.name == fault.serves_before),
                              interval_ms=PROBE_MS)
    try:
        machines.await_moment()
        at = fault.strike(machines)
        assert fault is HEALED or machines.only_holder(at - 0.001) == fault.serves_before, \
            f"before the fault {fault.serves_before} was not alone with the address"
        served = first_served(prober, fault, at)
        if not fault.parted:
            watch(lab, fault, at)
        time.sleep(0.2)
        until = now()
        found = sample(machines.holding, prober.stop(), at, until, served)
        heard = machines.adverts.last(at)
        found["after the last advertisement"] = served and heard and (served - heard) * 1000
        return {figure.key: found[figure.key] for figure in figures(fault)}
    finally:
        prober.destroy()


def first_served(prober, fault, at):
    """The end of the first request that the right node answered; nothing when there was none."""
    with contextlib.suppress(AssertionError):
        return prober.first_served(fault.serves_after, at, fault.seen).done
    assert prober.process.poll() is None, "the prober has ended"
    return None


def watch(lab, fault, at):
    """Until only the right node has the address, or for as long as two holders are looked at."""
    with contextlib.suppress(AssertionError):
        wait_until(lambda: [node.name for node in lab.holders()] == [fault.serves_after],
                   max(0, at + WATCHED - now()), interval=0.05)


def sample(holding, probes, at, until, served):
    """All figures of one fail-over; times in milliseconds."""
    answered = [probe for probe in probes if probe.status == "ok"]
    ends = sorted(probe.done for probe in answered if probe.done < until)
    gaps = [after - before for before, after in zip(ends, [*ends[1:], until]) if after > at]
    return {
        "served": None if served is None else (served - at) * 1000,
        "failed requests": len(failed(probes, at - 0.1, until)),
        "slow requests": sum(probe.done - probe.sent > SLOW for probe in answered),
        "longest gap": max(gaps, default=until - at) * 1000,
        "no holder": holding.longest(0, at, until) * 1000,
        "two holders": holding.longest(2, at, until) * 1000,
    }


@contextlib.contextmanager
def stage(fault, wanted, peer):
    with pair(peer, **wanted) as machines:
        yield functools.partial(measure, fault, machines)


def figures(fault, served=None, tutorial=None):
    """Where node1 does not tell, the time from its last advertisement is what the daemons differ
    in; that until the fault is chance."""
    shown = [Figure("served", bound=served, best=1.1 if fault.silent else 1.05, tutorial=tutorial)]
    if fault.silent:
        shown.append(Figure("after the last advertisement", best=1.05))
    shown += [Figure("failed requests", unit=""), Figure("slow requests", unit=""),
              Figure("longest gap"), Figure("no holder")]
    if not fault.parted:
        shown.append(Figure("two holders"))
    return tuple(shown)


V3 = {"version": 3, "interval": 1.0}
V3_100MS = {"version": 3, "interval": 0.1}
V3_10MS = {"version": 3, "interval": 0.01}
V2 = {"version": 2, "interval": 1.0, "password": "1111"}
UNICAST = {"version": 3, "interval": 0.1, "unicast": True}
IPV6 = {"version": 3, "interval": 1.0, "vip": "2001:db8:1::fe"}


def case(fault, wanted, setting, served=None, tutorial=None, quick=False):
    """With the tutorial only where its configuration is another one than in the first cases."""
    own = wanted in (V3, IPV6)
    return Case("fail-over", f"{fault.name}, {setting}",
                functools.partial(stage, fault, wanted), figures(fault, served, tutorial),
                peers=PEERS if own else (HAGUARD, BEST),
                tutorial_of="" if own else f"{fault.name}, v3 1 s", quick=quick)


CASES = [
    case(KILLED, V3, "v3 1 s", 25, 20, quick=True),
    case(MASTER_KILLED, V3, "v3 1 s", 25, 20),
    case(HUNG, V3, "v3 1 s", 900, 20),
    case(SOFT_STOPPED, V3, "v3 1 s", 25, 20),
    case(DAEMON_STOPPED, V3, "v3 1 s", 25),
    case(DAEMON_KILLED, V3, "v3 1 s", 3700),
    case(DAEMON_HUNG, V3, "v3 1 s", 3700),
    case(CUT, V3, "v3 1 s", 3700, quick=True),
    case(CARRIER, V3, "v3 1 s", 3700),
    case(BACK, V3, "v3 1 s"),
    case(HEALED, V3, "v3 1 s", 1050),
    case(WEIGHT, V3, "v3 1 s", 150, 20),
    *(case(fault, V3_100MS, "v3 100 ms", bound, tutorial) for fault, bound, tutorial in (
        (KILLED, 25, 20), (HUNG, 900, 20), (DAEMON_STOPPED, 25, None), (DAEMON_KILLED, 380, None),
        (CUT, 380, None), (BACK, None, None))),
    *(case(fault, V3_10MS, "v3 10 ms", bound, tutorial, quick=fault in (DAEMON_STOPPED, CUT))
      for fault, bound, tutorial in (
        (KILLED, 25, 20), (DAEMON_STOPPED, 25, None), (DAEMON_KILLED, 45, None), (CUT, 45, None),
        (CARRIER, 45, None))),
    *(case(fault, V2, "v2 1 s", bound, tutorial) for fault, bound, tutorial in (
        (KILLED, 25, 20), (DAEMON_STOPPED, 25, None), (CUT, 3700, None))),
    *(case(fault, UNICAST, "v3 100 ms unicast", bound, tutorial) for fault, bound, tutorial in (
        (KILLED, 25, 20), (DAEMON_STOPPED, 25, None), (CUT, 380, None))),
    *(case(fault, IPV6, "v3 1 s IPv6", bound, tutorial) for fault, bound, tutorial in (
        (KILLED, 25, 20), (DAEMON_STOPPED, 25, None), (CUT, 3700, None))),
]

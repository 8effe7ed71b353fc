"""How late advertisements are: by how much the time since the one before exceeds the interval, on
the wire, while this and that goes on. One node, Active for all."""

import contextlib
import functools
import time

from daemons import wait_until
from lab import Lab
from network import now

from suite import crowd, disturbances, machine, peers
from suite.adverts import Capture
from suite.case import BEST, TUTORIAL, Case, Figure

SECONDS = 5.0
ANNOUNCED = 6.0  # seconds after which the announcements of a take-over are past
QUICK = 0.01
CANNOT = {TUTORIAL: "version 2 has no interval below a second"}


def measure(node, peer, disturb, capture, interval, vrid):
    """Lateness in milliseconds of each advertisement in that time, and the processor time used."""
    capture.stamps.clear()
    with disturb(node, peer):
        since, used = now(), machine.cpu_seconds(node.router.pid)
        time.sleep(SECONDS)
        used = machine.cpu_seconds(node.router.pid) - used
        until = now()
    gaps = capture.gaps(interval, since, until, vrid)
    wanted = SECONDS / interval * (1 if vrid else capture.routers(since, until))
    assert len(gaps) > 0.5 * wanted, f"{len(gaps)} advertisements of {wanted:g}"
    return {"lateness": gaps, "processor": 100 * used / SECONDS}


@contextlib.contextmanager
def one_router(disturb, start, peer):
    """With 10 ms, and the health checks of a pair. `start(peer, node)` starts the daemon."""
    with Lab(peers.group_for(peer, version=3, interval=QUICK)) as lab:
        lab.sniffer.stop()
        node = lab.node1
        node.start_haproxy()
        start(peer, node)
        node.wait_active()
        time.sleep(ANNOUNCED)
        with Capture((lab.network.name("lan"), node.role)) as capture:
            yield functools.partial(measure, node, peer, disturb, capture, QUICK, lab.group.vrid)


def plain(peer, node):
    return peers.start(peer, node, realtime=False)


def with_checks(_peer, node):
    """200 of haguard's, of which all but one fail, without moving anything."""
    checks = "".join(f"""
[[check]]
name = "web-{number}"
type = "tcp"
target = "127.0.0.1:{80 if number == 0 else 10000 + number}"
weight = -1
interval = "100ms"
timeout = "100ms"
""" for number in range(200))
    return node.start_haguard(f"realtime_priority = {peers.REALTIME}\n{checks}")


@contextlib.contextmanager
def many_routers(disturb, members, judged, peer):
    """`judged`: the member whose advertisements count; nothing for all, with one interval."""
    with Lab() as lab:
        lab.sniffer.stop()
        ports = crowd.add_lans(lab.network, members)
        node = lab.node1
        router = crowd.start(peer, node, members)
        wait_until(lambda: holds_all(lab.network, router, members), 60,
                   "all addresses are held", 0.5)
        time.sleep(ANNOUNCED)
        with Capture(*ports) as capture:
            yield functools.partial(measure, node, peer, disturb, capture,
                                    (judged or members[0]).interval, judged and judged.vrid)


def holds_all(network, router, members):
    """node1, in the kernel; a daemon that has ended will not come to it."""
    last = [line.text for line in router.lines[-3:]]
    assert router.running(), f"{router.label} has ended: {last}"
    held = {(interface, address) for interface in {member.interface for member in members}
            for address in network.addresses("node1", interface)}
    return held >= {(member.interface, f"{address}/32") for member in members
                    for address in member.addresses}


def figures(most=None, best=1.05, processor=None):
    """`most`: milliseconds for 99 of 100."""
    return (Figure("lateness", of="p99", bound=most, best=best),
            Figure("processor", unit="% of a core", best=processor))


def case(name, stage, *settings, cannot=None, quick=False, **bounds):
    return Case("precision", name, functools.partial(stage, *settings), figures(**bounds),
                cannot={**CANNOT, **(cannot or {})}, runs=5, quick=quick)


BESIDE_200 = [crowd.Member(number, QUICK if number == 0 else 1.0) for number in range(201)]
FIVE_HUNDRED = [crowd.Member(number, 0.1) for number in range(500)]

ONE = [
    case("10 ms, idle", one_router, disturbances.nothing, peers.start, quick=True),
    case("10 ms, both cores loaded", one_router, disturbances.busy, peers.start),
    case("10 ms, both cores loaded, no real-time priority", one_router, disturbances.busy, plain),
    case("10 ms, HAProxy reloaded each second", one_router, disturbances.reload_haproxy,
         peers.start),
    case("10 ms, own configuration reloaded each second", one_router, disturbances.reload,
         peers.start),
    case("10 ms beside 200 checks each 100 ms", one_router, disturbances.nothing, with_checks,
         cannot={BEST: "its scripts run once a second at most"}),
]
QUICK_ONE = (BESIDE_200, BESIDE_200[0])
MANY = [
    case("10 ms beside 200 routers, idle", many_routers, disturbances.nothing, *QUICK_ONE),
    case("10 ms beside 200 routers, scraped each second", many_routers, disturbances.scrape,
         *QUICK_ONE),
    case("10 ms beside 200 routers, own configuration reloaded each second", many_routers,
         disturbances.reload, *QUICK_ONE),
    case("500 routers at 100 ms, idle", many_routers, disturbances.nothing, FIVE_HUNDRED, None,
         most=2, processor=1.0),
    case("500 routers at 100 ms, both cores loaded", many_routers, disturbances.busy, FIVE_HUNDRED,
         None, most=2, processor=1.0),
]
CASES = ONE + MANY

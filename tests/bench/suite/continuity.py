"""What must not move the addresses, or is repaired in place; and hand-overs to a peer of the other
make."""

import functools
import signal
import time

from group import Group
from lab import Lab
from network import now
from probing import failed

from suite.case import BEST, HAGUARD, Case, Figure, anew
from suite.pair import pair, signal_all

QUIET = 300  # seconds
OTHER_MAKE = Group(version=3)
OTHER_MAKE_2 = Group(version=2, password="hGoVjTjSYQq3Epm")


def restarted(peer):
    """Killed, and started again 100 ms later as a service manager does it."""
    with pair(peer, version=3) as machines:
        lab = machines.lab
        machines.start(*lab.nodes)
        prober = lab.start_prober()
        since = now()
        signal_all(lab.node1.router, signal.SIGKILL)
        lab.node1.router.wait()
        time.sleep(0.1)
        lab.node1.router.start()
        time.sleep(5)
        changes = lab.node2.router.logged(r"-> active|Entering MASTER", since)
        return {"failed requests": len(failed(prober.stop())), "role changes": len(changes)}


def removed(peer):
    """The address deleted by hand: until it is there again and announced."""
    with Lab() as lab:
        lab.start_pair(*[HAGUARD if peer == HAGUARD else "keepalived"] * 2)
        time.sleep(6)  # the announcements of the start are over
        at = now()
        lab.network.ip("node1", "address", "del", f"{lab.group.vip}/32", "dev", "etx2")
        time.sleep(1)
        announced = [frame.time for node in lab.nodes
                     for frame in lab.sniffer.announcements(node.role, lab.group.vip, at)]
        return {"announced again": (min(announced) - at) * 1000 if announced else None,
                "node lost it": 0 if lab.node1.holds_vip() else 1}


def quiet(peer):
    """Nothing happens: nobody takes over."""
    with pair(peer, version=3, interval=0.01) as machines:
        machines.start(*machines.lab.nodes)
        since = now()
        time.sleep(QUIET)
        taken = machines.lab.node2.router.logged(r"-> active|Entering MASTER", since)
        return {"false take-overs": len(taken)}


def handed_to_keepalived(group, _peer):
    """haguard stops, and a keepalived that knows nothing of it takes over."""
    with Lab(group) as lab:
        lab.start_pair(HAGUARD, "keepalived")
        prober = lab.start_prober(interval_ms=2)
        at = lab.node1.router.send(signal.SIGTERM)
        served = prober.first_served(lab.node2.name, at)
        time.sleep(0.5)
        return {"served": (served.done - at) * 1000, "failed requests": len(failed(prober.stop()))}


def case(name, measure, *figures, peers=(HAGUARD, BEST), runs=5):
    return Case("continuity", name, functools.partial(anew, measure), figures, peers=peers,
                runs=runs)


CASES = [
    case("daemon killed, back after 100 ms", restarted,
         Figure("failed requests", unit="", bound=0), Figure("role changes", unit="", bound=0)),
    case("address deleted by hand", removed, Figure("announced again", bound=20),
         Figure("node lost it", unit="", bound=0)),
    case("daemon stopped, a plain keepalived takes over, v3 1 s",
         functools.partial(handed_to_keepalived, OTHER_MAKE), Figure("served", bound=15),
         Figure("failed requests", unit=""), peers=(HAGUARD,)),
    case("daemon stopped, a plain keepalived takes over, v2 1 s",
         functools.partial(handed_to_keepalived, OTHER_MAKE_2), Figure("served", bound=700),
         Figure("failed requests", unit=""), peers=(HAGUARD,)),
    case(f"quiet pair at 10 ms for {QUIET} s", quiet, Figure("false take-overs", unit="", bound=0),
         runs=1),
]

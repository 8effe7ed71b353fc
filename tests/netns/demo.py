"""Breaks the active one of two proxies in three ways and prints what happened when. The exit code
is 0 only when the peer served each time and the role returned after each repair."""

import dataclasses
import re
import signal
import sys
import time

from daemons import Haguard
from lab import Lab
from network import now
from probing import failed

SUBJECT = re.compile(r"((?:haproxy|check \S+|edge/ipv4|interface \S+|stopping): .*)")
WATCHED = 1.0  # seconds after a fault in which failed requests are counted


@dataclasses.dataclass
class Case:
    title: str
    fault: callable   # breaks the node; when
    repair: callable
    repaired: str


def kill_worker(node):
    return node.haproxy.signal_worker(signal.SIGKILL)[1]


def hang_worker(node):
    return node.haproxy.signal_worker(signal.SIGSTOP)[1]


def resume_worker(node):
    node.haproxy.signal_worker(signal.SIGCONT)


def stop_haguard(node):
    return node.router.send(signal.SIGTERM)


CASES = [
    Case("HAProxy's worker on proxy-1 is killed", kill_worker,
         lambda node: node.start_haproxy(), "HAProxy started again"),
    Case("HAProxy's worker on proxy-1 hangs", hang_worker, resume_worker, "worker goes on"),
    Case("haguard on proxy-1 is stopped", stop_haguard,
         lambda node: node.start_haguard(), "haguard started again"),
]


def say(text=""):
    print(text, flush=True)


def say_event(offset, who, text):
    say(f"  {offset * 1000:9.1f} ms  {who:8} {text}")


def logged(lab, since):
    """What the daemons said, as (time, who, text)."""
    names = {node.role: node.name for node in lab.nodes}
    for daemon in lab.daemons:
        if isinstance(daemon, Haguard):
            for line in daemon.logged(SUBJECT, since):
                yield line.time, names[daemon.role], SUBJECT.search(line.text)[1]


def events(lab, at, served):
    yield at, "", "fault"
    yield from logged(lab, at)
    advert = lab.node2.adverts(at)[0]
    yield advert.time, "wire", f"{advert.source} advertises priority {advert.priority}"
    yield served.done, "client", f"first request answered by {served.server}"


def play(lab, prober, number, case):
    """One row of the summary."""
    say(f"{number}. {case.title}")
    time.sleep(WATCHED)
    at = case.fault(lab.node1)
    served = prober.first_served(lab.node2.name, at)
    lab.node2.wait_active()
    time.sleep(WATCHED)
    for when, who, text in sorted(events(lab, at, served)):
        say_event(when - at, who, text)
    time.sleep(prober.timeout)  # by now every request of that second has ended
    probes = prober.probes()
    lost = failed(probes, at - WATCHED, at + WATCHED)
    asked = [probe for probe in probes if at - WATCHED <= probe.sent <= at + WATCHED]
    say(f"  requests failed: {len(lost)} of {len(asked)} within {WATCHED:g} s of the fault")

    repaired = now()
    case.repair(lab.node1)
    lab.node1.wait_active()
    prober.first_served(lab.node1.name, repaired)
    lab.node2.wait_state("backup")
    back = now()
    time.sleep(prober.timeout)
    say(f"  {case.repaired}: proxy-1 is active again after {back - repaired:.1f} s, "
        f"requests failed: {len(failed(prober.probes(), repaired, back))}")
    say()
    return case.title, (served.done - at) * 1000, len(lost)


def main():
    with Lab() as lab:
        try:
            say("Two proxies, each with HAProxy and haguard (VRRP version 3, 1 s); a client asks "
                f"{lab.group.vip} every 5 ms.")
            say()
            lab.start_pair()
            prober = lab.start_prober(timeout=1.0)
            rows = [play(lab, prober, number, case) for number, case in enumerate(CASES, 1)]
            probes = prober.stop()
        except BaseException:
            say(lab.report())
            raise
    say(f"{'what happened':42} {'served again after':>18} {'failed':>7}")
    for title, served, lost in rows:
        say(f"{title:42} {served:15.1f} ms {lost:7}")
    say()
    say(f"{len(probes)} requests in all, {len(failed(probes))} failed; "
        "each time proxy-2 took over and proxy-1 came back.")


if __name__ == "__main__":
    sys.exit(main())

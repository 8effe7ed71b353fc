#!/usr/bin/python3
"""How long clients wait when a proxy fails: real kernel, real HAProxy, a request every 5 ms.

    HAGUARD_BINARY=build/haguard PROBER=build/tests/bench/prober tests/bench/handover.py [--runs 5]

`served` is the time from the fault to the end of the first request that the peer answered,
`taken` to the peer's first advertisement; both are medians in milliseconds. `failed` and `slow`
(over 200 ms) count requests per run. Each run stands on a network of its own. Where it makes sense
the same is done to a pair of keepalived with the script of the tutorials. The exit code is 1 when
a median misses its bound by more than a factor of two: machines that run tests are noisy.
"""

import argparse
import dataclasses
import pathlib
import signal
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "netns"))

from group import Group  # noqa: E402
from lab import Lab  # noqa: E402
from probing import failed  # noqa: E402

SLOW = 0.2
TOLERANCE = 2


def kill_worker(node):
    return node.haproxy.signal_worker(signal.SIGKILL)[1]


def hang_worker(node):
    return node.haproxy.signal_worker(signal.SIGSTOP)[1]


def stop_daemon(node):
    return node.router.send(signal.SIGTERM)


def cut_power(node):
    return node.lab.network.unplug(node.role)


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    fault: callable
    group: Group
    bound: float        # milliseconds
    judged: str = "served"
    backup: str = "haguard"
    rival: bool = True  # measure keepalived on both nodes, too


V3 = Group(version=3)
V2 = Group(version=2, password="hGoVjTjSYQq3Epm")
FAST = Group(version=3, interval=0.1)

CASES = [
    Case("HAProxy worker killed", kill_worker, V3, 25),
    Case("HAProxy worker hung", hang_worker, V3, 900, rival=False),  # a script sees a process
    Case("daemon stopped, v3", stop_daemon, V3, 15, judged="taken"),
    Case("daemon stopped, v3, keepalived takes", stop_daemon, V3, 15, judged="taken",
         backup="keepalived", rival=False),
    Case("daemon stopped, v2", stop_daemon, V2, 15, judged="taken"),
    Case("daemon stopped, v2, keepalived takes", stop_daemon, V2, 700, judged="taken",
         backup="keepalived", rival=False),
    Case("power cut, v3 at 100 ms", cut_power, FAST, 380),
]


@dataclasses.dataclass
class Result:
    served: float
    taken: float
    failed: float
    slow: float


def measure(case, first, second):
    """One fault on a fresh pair."""
    with Lab(case.group) as lab:
        lab.start_pair(first, second, watch_haproxy=True)
        prober = lab.start_prober()
        at = case.fault(lab.node1)
        served = prober.first_served(lab.node2.name, at)
        time.sleep(1)
        taken = lab.node2.adverts(at)[0].time
        probes = prober.stop()
        slow = [probe for probe in probes
                if probe.status == "ok" and probe.done - probe.sent > SLOW]
        return Result((served.done - at) * 1000, (taken - at) * 1000, len(failed(probes)),
                      len(slow))


def medians(case, first, second, runs):
    results = [measure(case, first, second) for _ in range(runs)]
    return Result(*(statistics.median(getattr(result, field.name) for result in results)
                    for field in dataclasses.fields(Result)))


def show(name, pair, result, remark=""):
    print(f"{name:38} {pair:12} {result.served:9.1f} {result.taken:9.1f} {result.failed:7g} "
          f"{result.slow:6g}  {remark}", flush=True)


def main():
    parser = argparse.ArgumentParser(description="measure fail-over and hand-over")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    parser.add_argument("--no-rival", action="store_true", help="leave keepalived pairs out")
    options = parser.parse_args()

    print(f"{'case':38} {'pair':12} {'served ms':>9} {'taken ms':>9} {'failed':>7} {'slow':>6}")
    missed = []
    for case in CASES:
        if options.only not in case.name:
            continue
        ours = medians(case, "haguard", case.backup, options.runs)
        value = getattr(ours, case.judged)
        show(case.name, "haguard", ours, f"{case.judged} {value:.1f}, bound {case.bound:g}")
        if value > TOLERANCE * case.bound:
            missed.append(case.name)
        if case.rival and not options.no_rival:
            theirs = medians(case, "keepalived", "keepalived", options.runs)
            ratio = getattr(theirs, case.judged) / value
            show("", "keepalived", theirs, f"{ratio:.1f} times haguard's")
    for name in missed:
        print(f"missed its bound by more than a factor of {TOLERANCE}: {name}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

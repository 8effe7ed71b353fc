#!/usr/bin/python3
"""What a reload and a drain cost those who send requests, and how soon a saved file is served. Real
kernel, real HAProxy, 500 new requests a second through the VIP; beside it HAProxy alone.

    HAGUARD_BINARY=build/haguard PROBER=build/tests/bench/prober tests/bench/reload.py [--runs 5]

Medians over the runs, each on a network of its own; the bound of each figure is printed with it.
The exit code is 1 when a bound is missed by more than a factor of two.
"""

import argparse
import contextlib
import dataclasses
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "netns"))

from daemons import HAPROXY, wait_until  # noqa: E402
from group import Group  # noqa: E402
from lab import Lab  # noqa: E402
from network import inside, now  # noqa: E402
from probing import failed  # noqa: E402
from reloading import mark, marked, reload, start_haguard, status  # noqa: E402

TOLERANCE = 2
GROUP = Group()
RELOADS = 20
PORT = 8090
DEBOUNCE = 0.2
GATE = """
    http-after-response set-header Connection close if { nbsrv(haguard_gate) eq 0 }
backend haguard_gate
    server gate 127.0.0.1:1
"""


@contextlib.contextmanager
def pair(**settings):
    """node1 is Active since it started, and is asked 500 times a second."""
    with Lab(GROUP) as lab:
        for node in lab.nodes:
            node.start_haproxy(sections=GATE)
            start_haguard(node, None, **settings)
            if node is lab.node1:
                node.wait_active()
        lab.node2.wait_state("backup")
        reload(lab.node1)  # so that what runs is known for certain
        wait_until(lambda: status(lab.node1)["config_in_sync"], what="the files are known")
        yield lab, lab.start_prober(interval_ms=2)


def longest_gap(probes):
    """Milliseconds between two proper answers."""
    ends = sorted(probe.done for probe in probes if probe.status == "ok")
    return max(after - before for before, after in zip(ends, ends[1:])) * 1000


def role_changes(lab):
    return sum(node.router.instance()["transitions"] for node in lab.nodes)


def clean_reloads():
    with pair() as (lab, prober):
        before = role_changes(lab)
        took = []
        for number in range(RELOADS):
            mark(lab.node1, f"clean-{number}", GATE)
            reload(lab.node1)
            took.append(status(lab.node1)["last_reload"]["took_ms"])
        return {"failed requests": len(failed(prober.stop())),
                "role changes": role_changes(lab) - before, "ms each": statistics.median(took)}


def unbindable(order):
    """A port that somebody else has; `order` asks for the reload."""
    with pair() as (lab, prober):
        with inside(lab.network.name("node1")):
            stranger = socket.create_server(("0.0.0.0", PORT))
        before = role_changes(lab)
        with stranger:
            mark(lab.node1, "unbindable", f"{GATE}frontend more\n    bind 0.0.0.0:{PORT}\n")
            order(lab.node1)
            time.sleep(3)
        assert marked(lab.node1) is None
        probes = prober.stop()
        return {"failed requests": len(failed(probes)), "longest gap, ms": longest_gap(probes),
                "role changes": role_changes(lab) - before}


def unbindable_with_haguard():
    return unbindable(lambda node: node.router.cli("proxy", "reload"))


def unbindable_alone():
    return unbindable(lambda node: node.haproxy.send(signal.SIGUSR2))


def saved(node, serve):
    """From the save to the proof that its worker serves, in milliseconds."""
    text = node.haproxy.config.read_text().replace("stats maxconn 64",
                                                   "stats maxconn 64\n    description saved")
    draft = node.haproxy.config.with_suffix(".draft")
    draft.write_text(text)
    at = now()
    draft.rename(node.haproxy.config)
    served = serve(node, at)
    assert marked(node) == "saved"
    return (served - at) * 1000


def served_by_watch(node, since):
    return node.router.wait_log("reload by watch: ok", since).time


def served_by_script(node, _):
    """The usual two lines and a look at the pid."""
    before = node.haproxy.worker_pid()
    subprocess.run([HAPROXY, "-c", "-q", "-f", node.haproxy.config], check=True)
    node.haproxy.send(signal.SIGUSR2)
    wait_until(lambda: node.haproxy.worker_pid() not in (None, before), what="a new worker")
    return now()


def watched():
    with pair(watch=True, debounce=f"{DEBOUNCE * 1000:g}ms") as (lab, prober):
        took = saved(lab.node1, served_by_watch)
        return {"after the debounce, ms": took - DEBOUNCE * 1000,
                "failed requests": len(failed(prober.stop()))}


def scripted():
    with pair() as (lab, prober):
        took = saved(lab.node1, served_by_script)
        return {"after the debounce, ms": took, "failed requests": len(failed(prober.stop()))}


class Regular(threading.Thread):
    """Keeps a connection, and sends a request every 20 ms until it ends."""

    def __init__(self, lab):
        super().__init__(daemon=True)
        with inside(lab.network.name("client")):
            self.line = socket.create_connection((lab.group.vip, 80), 5)
        self.end = ""
        self.start()

    def run(self):
        with self.line:
            while not self.end:
                self.end = self.ask()
                time.sleep(0.02)

    def ask(self):
        """How the connection ended; nothing while it has not."""
        reply = b""
        try:
            self.line.sendall(b"GET / HTTP/1.1\r\nHost: vip\r\n\r\n")
            while b"\r\n\r\nproxy-" not in reply:
                chunk = self.line.recv(65536)
                if not chunk:
                    return "cut"
                reply += chunk
        except OSError:
            return "cut"
        return "asked to leave" if b"connection: close" in reply.lower() else ""


def drained():
    with pair() as (lab, prober):
        regulars = [Regular(lab) for _ in range(50)]
        time.sleep(0.5)
        done = lab.node1.router.cli("drain", "--timeout", "5s")
        assert done.returncode == 0, done.stderr
        lab.node2.wait_active()
        time.sleep(0.5)
        lost = len(failed(prober.stop()))
        ends = [regular.end for regular in regulars]
        return {"failed requests": lost, "kept connections cut": ends.count("cut"),
                "kept connections asked to leave": ends.count("asked to leave")}


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    measure: callable
    bounds: dict
    rival: callable = None  # HAProxy without haguard


CASES = [
    Case(f"{RELOADS} reloads", clean_reloads,
         {"failed requests": 0, "role changes": 0, "ms each": 150}),
    Case("reload that cannot bind", unbindable_with_haguard,
         {"failed requests": 0, "longest gap, ms": 50, "role changes": 0}, unbindable_alone),
    Case("file saved, watched", watched, {"after the debounce, ms": 150, "failed requests": 0},
         scripted),
    Case("drain", drained, {"failed requests": 0, "kept connections cut": 0,
                            "kept connections asked to leave": 50}),
]


def show(case, runs):
    """True when no bound is missed by much."""
    results = [case.measure() for _ in range(runs)]
    rivals = [case.rival() for _ in range(runs)] if case.rival else []
    good = True
    for name, bound in case.bounds.items():
        value = statistics.median(result[name] for result in results)
        theirs = ""
        if rivals:
            theirs = f"  without haguard {statistics.median(each[name] for each in rivals):.1f}"
        print(f"{case.name:26} {name:34} {value:9.1f}  bound {bound:g}{theirs}", flush=True)
        good = good and value <= TOLERANCE * bound
    return good


def main():
    parser = argparse.ArgumentParser(description="measure reloads and drains")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in case.name]
    return 0 if all([show(case, options.runs) for case in cases]) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What a reload and a drain cost those who send requests, and how soon a saved file is served: 500
new requests a second through the address. Beside haguard the same HAProxy, reloaded by its signal
as the service manager does it: keepalived has no part in a reload."""

import contextlib
import functools
import signal
import socket
import subprocess
import threading
import time

from daemons import HAPROXY, wait_until
from lab import Lab
from network import inside, now
from probing import failed
from reloading import mark, marked, reload, start_haguard, status

from suite.case import BEST, HAGUARD, Case, Figure, anew

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
    with Lab() as lab:
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


def clean_reloads(_peer):
    with pair() as (lab, prober):
        before = role_changes(lab)
        took = []
        for number in range(RELOADS):
            mark(lab.node1, f"clean-{number}", GATE)
            reload(lab.node1)
            took.append(status(lab.node1)["last_reload"]["took_ms"])
        return {"took": took, "failed requests": len(failed(prober.stop())),
                "role changes": role_changes(lab) - before}


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
        return {"longest gap": longest_gap(probes), "failed requests": len(failed(probes)),
                "role changes": role_changes(lab) - before}


def unbindable_port(peer):
    if peer == HAGUARD:
        return unbindable(lambda node: node.router.cli("proxy", "reload"))
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


def saved_file(peer):
    """haguard watches the file; beside it the script of an administrator."""
    settings = {"watch": True, "debounce": f"{DEBOUNCE * 1000:g}ms"} if peer == HAGUARD else {}
    serve = served_by_watch if peer == HAGUARD else served_by_script
    with pair(**settings) as (lab, prober):
        took = saved(lab.node1, serve) - (DEBOUNCE * 1000 if peer == HAGUARD else 0)
        return {"after the debounce": took, "failed requests": len(failed(prober.stop()))}


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


def drained(_peer):
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
                "kept connections not asked": len(ends) - ends.count("asked to leave")}


def case(name, measure, *figures, peers=(HAGUARD, BEST)):
    return Case("reload", name, functools.partial(anew, measure), figures, peers=peers, runs=5)


FAILED = Figure("failed requests", unit="", bound=0)
UNMOVED = Figure("role changes", unit="", bound=0)

CASES = [
    case(f"{RELOADS} reloads of HAProxy", clean_reloads, Figure("took", bound=150), FAILED, UNMOVED,
         peers=(HAGUARD,)),
    case("reload that cannot bind", unbindable_port, Figure("longest gap", bound=50), FAILED,
         UNMOVED),
    case("file saved, served", saved_file, Figure("after the debounce", bound=150), FAILED),
    case("drain", drained, FAILED, Figure("kept connections cut", unit="", bound=0),
         Figure("kept connections not asked", unit="", bound=0), peers=(HAGUARD,)),
]

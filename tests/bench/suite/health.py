"""What health checks of haguard cost and promise where keepalived has nothing beside it."""

import contextlib
import functools
import pathlib
import signal
import socket
import time

from daemons import ask, wait_until
from lab import Lab
from network import now
from probing import failed

from suite import peers
from suite.case import HAGUARD, Case, Figure, anew

SLEEP = b"sleep\x004711"


def hung_impatient(_peer):
    """With a quarter of the usual patience."""
    with Lab(peers.group_for(HAGUARD)) as lab:
        for node in lab.nodes:
            node.start_haproxy()
            node.start_haguard(edit=lambda text: text.replace(
                "[haproxy]\n", '[haproxy]\nhang_timeout = "150ms"\n'))
            lab.node1.wait_active()
        lab.node2.wait_state("backup")
        prober = lab.start_prober(interval_ms=2)
        at = lab.node1.haproxy.signal_worker(signal.SIGSTOP)[1]
        served = prober.first_served(lab.node2.name, at)
        time.sleep(0.5)
        return {"served": (served.done - at) * 1000, "failed requests": len(failed(prober.stop()))}


def weight_falls_alone(_peer):
    """The peer, heard before, is gone: how long nobody answers for the address, and what is
    advertised after."""
    with Lab(peers.group_for(HAGUARD)) as lab:
        for node in reversed(lab.nodes):
            node.start_haproxy()
            peers.start(HAGUARD, node)
            node.wait_active()
        lab.node2.router.stop(signal.SIGKILL)
        time.sleep(4)
        prober = lab.start_prober(interval_ms=2)
        since = now()
        peers.marker(lab.node1).touch()
        decided = lab.node1.router.wait_log("check maintenance: passing -> failing", since).time
        lowered = dict(peers.PRIORITIES)["node1"] - 50
        lower = wait_until(lambda: [advert for advert in lab.node1.adverts(decided - 0.1)
                                    if advert.priority == lowered], what="the new priority")
        time.sleep(0.5)
        ends = sorted(probe.done for probe in prober.stop() if probe.status == "ok")
        return {"longest gap": max(after - before for before, after in zip(ends, ends[1:])) * 1000,
                "advertised after": (lower[0].time - decided) * 1000}


def leaked_clients(_peer):
    """Ten clients take all places of the stats socket; then the daemon is started again."""
    with Lab() as lab:
        lab.start_pair()
        node = lab.node1
        config = node.haproxy.config
        config.write_text(config.read_text().replace("stats maxconn 64", "stats maxconn 10"))
        before = node.haproxy.worker_pid()
        node.haproxy.send(signal.SIGUSR2)
        wait_until(lambda: node.haproxy.worker_pid() not in (None, before), what="a new worker")
        wait_until(lambda: ask(node.haproxy.admin_socket, "show info"), what="HAProxy answers")
        since = now()
        with contextlib.ExitStack() as held:
            for _ in range(12):
                client = held.enter_context(socket.socket(socket.AF_UNIX))
                client.settimeout(2)
                client.connect(str(node.haproxy.admin_socket))
                client.sendall(b"prompt\n")
            time.sleep(3)
            node.router.stop(signal.SIGKILL)
            node.start_haguard()
            time.sleep(5)
            lost = 0 if node.holds_vip() else 1
        return {"role changes": len(lab.node2.router.logged("-> active", since)) + lost}


def hanging_program(_peer):
    """It ignores TERM, and so does its child: when it counts as failing, and who is left over."""
    with Lab() as lab:
        program = lab.directory / "hangs"
        program.write_text("#!/bin/sh\ntrap '' TERM\n(trap '' TERM; sleep 4711) &\nsleep 4711\n")
        program.chmod(0o755)
        lab.node1.start_haproxy()
        lab.node1.start_haguard(f"""
[[check]]
name = "script"
type = "exec"
command = ["{program}"]
interval = "1s"
timeout = "500ms"
fall = 1
""")
        failing = lab.node1.router.wait_log("check script: pending -> failing")
        begun = lab.node1.router.wait_log("started on")
        time.sleep(0.1)
        left = [entry for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline") if sleeps(entry)]
        return {"failing": (failing.time - begun.time) * 1000, "processes left": len(left)}


def sleeps(cmdline):
    try:
        return cmdline.read_bytes().startswith(SLEEP)
    except OSError:
        return False


def case(name, measure, *figures, runs=5):
    return Case("health", name, functools.partial(anew, measure), figures, peers=(HAGUARD,),
                runs=runs)


CASES = [
    case("HAProxy hung, hang_timeout 150 ms", hung_impatient, Figure("served", bound=250),
         Figure("failed requests", unit="")),
    case("weight lost, the better peer is gone", weight_falls_alone,
         Figure("longest gap", bound=60), Figure("advertised after", bound=60), runs=3),
    case("ten leaked stats clients", leaked_clients, Figure("role changes", unit="", bound=0),
         runs=1),
    case("exec check that hangs", hanging_program, Figure("failing", bound=600),
         Figure("processes left", unit="", bound=0), runs=1),
]

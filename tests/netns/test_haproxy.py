"""Faults of HAProxy, of every version that has to work, move the role, and nothing else."""

import re
import signal

import pytest

from daemons import ask, wait_until
from network import now
from releases import VERSIONS, changes, pair, release, shared, tree, wait_no_warnings

# The bounds are for busy machines.
SOON = 2.0  # for what a process tells by its end
LATER = 6.0  # for what is asked for, three times over


def falls(pair, fault, reason, within):
    """The fault moves the role to the standby, and that is all that changes. `reason`: a regular
    expression with what the fault returned as {}."""
    before = changes([pair.active, pair.standby])
    since = now()
    told = fault()
    took = pair.standby.router.wait_log(r"edge/ipv4: backup -> active", since)
    assert took.time - since < within
    pair.standby.wait_active()
    instance = pair.active.router.instance()
    assert instance["state"] == "initialize"
    assert re.fullmatch("fault: haproxy: " + reason.format(told), instance["reason"]), instance
    assert changes([pair.active, pair.standby]) == [count + 1 for count in before]
    status = pair.standby.router.status()
    assert (status["haproxy"]["status"], status["haproxy"]["warnings"]) == ("running", [])


def comes_back(pair):
    """The node that fell takes part again, and leaves the role where it is."""
    pair.active.wait_state("backup")
    assert pair.lab.holders() == [pair.standby]
    status = pair.active.router.status()["haproxy"]
    assert (status["status"], status["worker_pid"]) == (
        "running", pair.active.haproxy.worker_pid())
    wait_no_warnings(pair.active)


# ---- the end of a process


def test_its_version_is_told(pair, release):
    for node in pair.lab.nodes:
        status = node.router.status()["haproxy"]
        assert status["version"].startswith(VERSIONS[release])
        assert (status["status"], status["master_pid"], status["warnings"]) == (
            "running", node.haproxy.pid, [])


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSEGV])
def test_killed_worker(pair, signum):
    falls(pair, lambda: pair.active.haproxy.signal_worker(signum)[0],
          rf"worker {{}} died \(signal {int(signum)}\)", SOON)
    pair.active.haproxy.wait()  # its master follows
    pair.active.haproxy.start()
    comes_back(pair)


def test_killed_master(pair):
    master = pair.active.haproxy.pid
    falls(pair, lambda: pair.active.haproxy.send(signal.SIGKILL),
          rf"master {master} died \(signal 9\)", SOON)
    pair.active.haproxy.wait()
    pair.active.haproxy.start()
    comes_back(pair)


def test_soft_stop(pair):
    worker = pair.active.haproxy.worker_pid()
    falls(pair, lambda: pair.active.haproxy.send(signal.SIGUSR1),
          rf"worker {worker} (is stopping and has no successor|exited with code 0)", SOON)
    assert pair.active.haproxy.wait() == 0, "haguard holds nothing that keeps it alive"
    pair.active.haproxy.start()
    comes_back(pair)


def test_restart_by_the_service_manager(pair):
    """Its ports are closed meanwhile, so the other node serves."""
    since = now()
    pair.active.haproxy.stop()
    pair.active.haproxy.start()
    pair.active.router.wait_log(r"haproxy: running -> (dead|stopping)", since)
    pair.active.router.wait_log(r"edge/ipv4: active -> initialize \(fault: haproxy: ", since)
    took = pair.standby.router.wait_log(r"edge/ipv4: backup -> active", since)
    assert took.time - since < SOON
    pair.standby.wait_active()
    comes_back(pair)


# ---- a process that goes on and does not serve


def test_stopped_worker(pair):
    worker = pair.active.haproxy.worker_pid()
    falls(pair, lambda: pair.active.haproxy.signal_worker(signal.SIGSTOP),
          rf"no answer on the stats socket for 600 ms \(worker {worker}\)", LATER)
    pair.active.haproxy.signal_worker(signal.SIGCONT)
    comes_back(pair)


def test_disabled_frontend(pair):
    falls(pair, lambda: ask(pair.active.haproxy.admin_socket, "disable frontend web"),
          "no frontend is OPEN", LATER)
    ask(pair.active.haproxy.admin_socket, "enable frontend web")
    comes_back(pair)


def test_paused_listeners(pair):
    falls(pair, lambda: pair.active.haproxy.send(signal.SIGTTOU), "no frontend is OPEN", LATER)
    pair.active.haproxy.send(signal.SIGTTIN)
    comes_back(pair)

"""The owner of the addresses, priority 255: they are the machine's own, with and without haguard."""

import signal
import time

import pytest

from daemons import wait_until
from group import Group
from lab import Lab
from network import now, run

OWNER = Group(priorities=(("node1", 255), ("node2", 90)))


@pytest.fixture(name="lab")
def fixture_lab():
    with Lab(OWNER) as lab:
        run(*lab.network.command("node1", "ip", "address", "add", f"{lab.group.vip}/32", "dev",
                                 "etx2"))
        yield lab


def test_owner(lab):
    node1, node2 = lab.node1, lab.node2
    node1.start_haproxy()
    node2.start_haproxy()
    node1.start_haguard()
    node1.wait_active(timeout=3)  # no election: as soon as HAProxy is known to serve
    assert "(owner of the addresses)" in node1.router.wait_log("-> active").text
    node2.start_haguard()
    node2.wait_state("backup")

    # The daemon dies: what is the machine's own stays, though nobody advertises it.
    node1.router.send(signal.SIGKILL)
    node1.router.wait()
    time.sleep(1)
    done = node1.router.cli("release")  # as ExecStopPost= does
    assert (done.returncode, done.stdout) == (0, "")
    assert node1.holds_vip()
    node1.start_haguard()
    node1.wait_active(timeout=3)

    # HAProxy dies: nobody serves here, so the address goes, and comes back without an election.
    failed_at = node1.haproxy.signal_worker(signal.SIGKILL)[1]
    wait_until(lambda: lab.holders() == [node2], 2, "node2 alone holds the address")
    assert node2.adverts(failed_at)[0].time - failed_at < 0.5
    node1.haproxy.wait()
    since = now()
    node1.start_haproxy()
    node1.wait_active(timeout=5)
    assert node1.router.logged("-> backup", since) == []
    node2.wait_state("backup")

"""The interface of an instance comes late, goes, changes its name and comes back: the daemon waits
in Initialize, says what is missing, and takes part again by itself."""

import time

import pytest

from network import now

VIP = "172.28.1.254"
MISSING = "fault: interface etx2 is missing"
DOWN = "fault: interface etx2 is down"
NO_ADDRESS = "fault: interface etx2 has no IPv4 address"
EDGE = dict(instance="edge", family="ipv4")


@pytest.fixture
def fast(make_lab):
    lab = make_lab(interval=0.5)
    lab.start_pair()
    return lab


def assert_out(lab, reason, since):
    """node1 says why, and node2 serves. An interface that vanishes is down before."""
    lab.node1.router.wait_log(rf"edge/ipv4: active -> initialize \(({reason}|{DOWN})\)", since)
    lab.node2.wait_active(timeout=6)
    instance = lab.node1.router.instance()
    assert (instance["state"], instance["reason"]) == ("initialize", reason)
    assert instance["addresses_held"] is False
    assert lab.node1.router.metric("vrrp_state", state="initialize", **EDGE) == 1
    assert lab.node1.router.get("/readyz")[0] == 503


def assert_back(lab, since):
    """By itself, by way of Backup, and the LAN is told where the address is now."""
    lab.node1.router.wait_log(r"edge/ipv4: initialize -> backup \(ready, priority 100\)", since)
    # It hears its peer: also a new interface of the name, with another index, is listened on.
    lab.node1.router.wait_log(
        r"edge/ipv4: backup -> active \(172.28.1.3 advertises priority 90, ours 100\)", since)
    lab.node1.wait_active()
    lab.node2.wait_state("backup")
    assert lab.node1.adverts(since)
    assert lab.sniffer.announcements("node1", VIP, since)
    assert lab.node1.router.running()


def test_interface_that_is_made_after_the_start(make_lab):
    lab = make_lab(interval=0.5)
    lab.network.remove_wire("node1")
    lab.node1.start_haproxy()
    router = lab.node1.start_haguard()
    router.wait_log("interface etx2: missing")
    router.wait_log("check haproxy: pending -> passing")
    time.sleep(lab.group.down("node1"))
    assert lab.node1.router.instance()["reason"] == MISSING
    made = now()
    lab.network.restore_wire("node1")
    lab.sniffer.watch("node1")
    router.wait_log("interface etx2: running", made)
    lab.node1.wait_active()
    assert lab.node1.adverts(made)
    assert lab.sniffer.announcements("node1", VIP, made)


def test_interface_that_is_renamed(fast):
    lab = fast
    away = now()
    rename(lab, "etx2", "other")
    assert_out(lab, MISSING, away)
    lab.node1.router.wait_log("interface etx2: missing", away)
    back = now()
    rename(lab, "other", "etx2")
    assert_back(lab, back)


def rename(lab, before, after):
    """The kernel renames an interface only while it is down."""
    lab.network.ip("node1", "link", "set", before, "down")
    lab.network.ip("node1", "link", "set", before, "name", after)
    lab.network.ip("node1", "link", "set", after, "up")


def test_interface_that_is_deleted_and_made_again(fast):
    lab = fast
    gone = now()
    lab.network.remove_wire("node1")
    assert_out(lab, MISSING, gone)
    made = now()
    lab.network.restore_wire("node1")
    lab.sniffer.watch("node1")
    assert_back(lab, made)


def test_the_own_address_is_removed_and_put_back(fast):
    lab = fast
    gone = now()
    lab.network.ip("node1", "address", "delete", "172.28.1.2/24", "dev", "etx2")
    assert_out(lab, NO_ADDRESS, gone)
    back = now()
    lab.network.ip("node1", "address", "add", "172.28.1.2/24", "dev", "etx2")
    assert_back(lab, back)


def test_interface_that_is_set_down_and_up(fast):
    lab = fast
    down = now()
    lab.network.ip("node1", "link", "set", "etx2", "down")
    assert_out(lab, DOWN, down)
    up = now()
    lab.network.ip("node1", "link", "set", "etx2", "up")
    assert_back(lab, up)


def test_flaps_of_the_link_of_the_active_node(fast):
    """Ten in a row: what is left is one holder, and the LAN knows it."""
    lab = fast
    since = now()
    for _ in range(10):
        lab.network.carrier("node1", False)
        time.sleep(0.05)
        lab.network.carrier("node1", True)
        time.sleep(0.05)
    assert_back(lab, since)
    assert lab.holders() == [lab.node1]
    assert lab.node1.router.logged("internal error|refused", since) == []


def test_flap_of_the_link_of_the_backup(fast):
    """Nothing moves, and it is ready again."""
    lab = fast
    since = now()
    lab.network.carrier("node2", False)
    lab.node2.router.wait_log(rf"edge/ipv4: backup -> initialize \({DOWN}\)", since)
    lab.network.carrier("node2", True)
    lab.node2.router.wait_log(r"edge/ipv4: initialize -> backup \(ready, priority 90\)", since)
    time.sleep(lab.group.down("node2"))
    assert lab.node2.state() == "backup"
    assert lab.node1.router.logged("->", since) == []
    lab.node1.router.stop()
    lab.node2.wait_active()
    assert lab.sniffer.announcements("node2", VIP, since)

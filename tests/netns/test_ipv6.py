"""IPv6: both families in one instance, alone, in unicast, and in one group with keepalived."""

import signal
import socket

import pytest

from daemons import wait_until
from network import inside, now
from probing import failed

VIP = "172.28.1.254"
LOCAL = "fe80::254"
VIP6 = "2001:db8:1::254"
BOTH = dict(vip=VIP, more_vips=(LOCAL, VIP6))
ONLY_IPV6 = dict(vip=LOCAL, more_vips=(VIP6,))


@pytest.fixture
def both(make_lab):
    lab = make_lab(**BOTH)
    lab.start_pair()
    wait_until(lambda: states(lab.node2) == ["backup"] * 2, what="both of node2 are Backup")
    return lab


def states(node):
    return [instance["state"] for instance in node.router.status()["instances"]]


def adverts6(node, since=0):
    return [advert for advert in node.adverts(since) if ":" in advert.source]


def all_on(lab, node, timeout=15):
    """Every address of both families on that node and none on the other one."""
    wait_until(lambda: lab.holders() == [node] and node.holds_vip()
               and states(node) == ["active"] * 2, timeout, f"both families on {node.role}", 0.05)


def link_local(lab, role):
    return next(info["local"] for info in lab.network.shown(role)
                if info["scope"] == "link" and info["local"] != LOCAL)


def source_to(lab, role, destination):
    """What the kernel picks for an outgoing connection."""
    with inside(lab.network.name(role)):
        family = socket.AF_INET6 if ":" in destination else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.connect((destination, 9))
            return line.getsockname()[0]


# ---- one instance, two families


def test_both_families_are_elected_together(both):
    all_on(both, both.node1)
    took = both.node1.router.logged(r"edge/ipv[46]: backup -> active")
    assert len(took) == 2
    assert took[1].time - took[0].time < 0.1
    assert both.node2.router.logged("-> active") == []
    for family, count in (("ipv4", 1), ("ipv6", 2)):
        row = dict(instance="edge", family=family)
        assert both.node1.router.metric("vrrp_state", state="active", **row) == 1
        assert both.node1.router.metric("vrrp_addresses_held", **row) == count
        assert both.node2.router.metric("vrrp_state", state="backup", **row) == 1


def test_advertisements_are_those_of_rfc_9568(both):
    advert = adverts6(both.node1)[-1]
    assert advert.source == link_local(both, "node1")
    assert (advert.destination, advert.ttl) == ("ff02::12", 255)
    assert (advert.version, advert.vrid, advert.priority, advert.interval) == (3, 51, 100, 1)
    assert advert.addresses == (LOCAL, VIP6)  # 5.2.9: the link-local one first
    [mac] = {frame.target_mac for frame in both.sniffer.announcements("node1", VIP6)}
    for address in (LOCAL, VIP6):
        heard = both.sniffer.announcements("node1", address)
        assert heard
        for frame in heard:  # RFC 4861 4.4 and 7.1.2
            assert (frame.destination, frame.hop_limit, frame.target_mac, frame.source_mac) == (
                "ff02::1", 255, mac, mac)
            assert frame.flags & 0x20  # override
            assert not frame.flags & 0x40  # not solicited


def test_addresses_are_no_sources(both):
    """Outgoing connections of the proxy keep the address of the machine (RFC 6724, rule 3)."""
    shown = {info["local"]: info for info in both.network.shown("node1")}
    assert shown[VIP6]["preferred_life_time"] == 0
    assert shown[VIP6]["deprecated"] is True
    assert 0 < shown[VIP6]["valid_life_time"] <= 3
    assert shown[LOCAL]["scope"] == "link"
    network = both.network
    for target in (network.ROUTER6, "2001:db8:2::10"):
        assert source_to(both, "node1", target) == network.NODES6["node1"]
    for target in (network.ROUTER, network.CLIENT):
        assert source_to(both, "node1", target) == network.NODES["node1"]


@pytest.mark.parametrize("fault", ["worker killed", "stopped"])
def test_both_families_are_served_again(both, fault):
    probers = [both.start_prober()]
    probers.append(both.start_prober(vip=VIP6))
    broken = now()
    if fault == "worker killed":
        both.node1.haproxy.signal_worker(signal.SIGKILL)
    else:
        both.node1.router.send(signal.SIGTERM)
    for prober in probers:
        assert prober.first_served("proxy-2", broken).done - broken < 1
    all_on(both, both.node2)
    for prober in probers:
        lost = failed(prober.stop(), broken)
        assert fault == "worker killed" or len(lost) <= 1  # the one that was under way
    assert both.sniffer.announcements("node2", VIP6, broken)
    both.node2.router.wait_log(r"edge/ipv6: backup -> active \(fe80::.* resigned\)", broken)


def test_one_family_without_ground_moves_both(both):
    own = link_local(both, "node1")
    cut = now()
    both.network.ip("node1", "address", "delete", f"{own}/64", "dev", "etx2")
    all_on(both, both.node2, timeout=6)
    router = both.node1.router
    router.wait_log(r"edge/ipv6: active -> initialize "
                    r"\(fault: interface etx2 has no usable IPv6 link-local address\)", cut)
    router.wait_log(r"edge/ipv4: active -> initialize \(sync group: edge/ipv6: fault: interface "
                    r"etx2 has no usable IPv6 link-local address\)", cut)
    assert states(both.node1) == ["initialize"] * 2
    assert "sync group: edge/ipv6" in router.instance()["reason"]
    both.network.ip("node1", "address", "add", f"{own}/64", "dev", "etx2", "nodad")
    all_on(both, both.node1)


# ---- IPv6 alone


def test_unicast(make_lab):
    lab = make_lab(unicast=True, **ONLY_IPV6)
    lab.start_pair()
    advert = adverts6(lab.node1)[-1]
    assert (advert.source, advert.destination, advert.ttl) == (
        lab.network.NODES6["node1"], lab.network.NODES6["node2"], 255)
    stopped = now()
    assert lab.node1.router.stop() == 0
    lab.node2.wait_active()
    assert adverts6(lab.node2, stopped)[0].time - stopped < 0.5


@pytest.mark.parametrize("first, second", [("haguard", "keepalived"), ("keepalived", "haguard")])
def test_roles_move_with_keepalived(make_lab, first, second):
    lab = make_lab(**ONLY_IPV6)
    node1, node2 = lab.nodes
    lab.start_pair(first, second)
    assert adverts6(node1)[-1].addresses == (LOCAL, VIP6)
    stopped = now()
    assert node1.router.stop() == 0
    node2.wait_active()
    took_over = adverts6(node2, stopped)[0].time - stopped
    fast = first == "haguard"
    assert took_over < (0.3 if fast else lab.group.skew("node2") + 0.4)

    node1.start_router(first)
    node1.wait_active()
    node2.wait_state("backup")
    for node in lab.nodes:
        if node.router.label.startswith("haguard"):
            rejected = node.router.metric("vrrp_packets_rejected_total")
            assert rejected == 0

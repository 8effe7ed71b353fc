"""Somebody interferes with the addresses of the active node: by hand, by a script, or from another
host. It puts right what it can, says who it was, and gives up where it must not fight."""

import statistics
import time

from daemons import wait_until
from junk import JunkSender
from network import now
from packets import GROUP
from stranger import MAC, Stranger

VIP = "172.28.1.254"
VIP6 = "2001:db8:1::254"
EDGE = dict(instance="edge", family="ipv4")
EDGE6 = dict(instance="edge", family="ipv6")


def watch_addresses(lab):
    watch = lab.spawn("node1", "addresses of node1", "ip", "-o", "monitor", "address")
    time.sleep(0.2)  # it says nothing when it is ready
    return watch


def delete(lab, watch):
    """How long the address was gone, in seconds."""
    at = now()
    lab.network.ip("node1", "address", "delete", f"{VIP}/32", "dev", "etx2")
    gone = watch.wait_log(rf"Deleted.*{VIP}/32", at)
    back = wait_until(lambda: [line for line in watch.logged(rf"{VIP}/32", gone.time)
                               if "Deleted" not in line.text], what="the address is back")[0]
    return back.time - gone.time


def test_a_deleted_address_is_put_back(pair):
    router = pair.node1.router
    watch = watch_addresses(pair)
    began = now()
    gaps = [delete(pair, watch) for _ in range(4)]
    assert statistics.median(gaps) < 0.02
    assert max(gaps) < 0.2
    told = rf"edge/ipv4: put back {VIP} \(removed by somebody else\)"
    wait_until(lambda: len(router.logged(told, began)) == 4, what="a line for each")
    assert router.metric("vrrp_addresses_restored_total", **EDGE) == 4
    wait_until(lambda: len(pair.sniffer.announcements("node1", VIP, began)) >= 4,
               what="an announcement of each")
    assert pair.holders() == [pair.node1]
    assert router.logged("active ->", began) == []


def test_who_removes_it_again_and_again_means_it(pair):
    """The fifth time within a minute: another node may have better luck."""
    watch = watch_addresses(pair)
    began = now()
    for _ in range(4):
        delete(pair, watch)
    pair.network.ip("node1", "address", "delete", f"{VIP}/32", "dev", "etx2")
    pair.node2.wait_active()
    reason = "fault: addresses: somebody removes them again and again"
    pair.node1.router.wait_log(rf"edge/ipv4: active -> initialize \({reason}\)", began)
    assert pair.node1.state() == "initialize"
    assert pair.node1.router.instance()["reason"] == reason
    assert pair.node1.router.metric("vrrp_addresses_restored_total", **EDGE) == 4
    pair.node2.router.wait_log(r"backup -> active \(172.28.1.2 resigned\)", began)
    assert pair.holders() == [pair.node2]


def defences(lab, address, since):
    return lab.sniffer.announcements("node1", address, since)


def test_a_foreign_claim_is_named_and_answered_once(make_lab):
    """Whatever form it has; and two hosts that both defend must not do so at wire speed."""
    lab = make_lab(settings='garp = { schedule = ["0ms"], refresh = "0s" }')
    lab.start_pair()
    router = lab.node1.router
    stranger = Stranger(lab)
    mac = next(frame.sender_mac for frame in lab.sniffer.announcements("node1", VIP))
    since = now()
    for _ in range(5):
        stranger.gratuitous_arp(VIP)
        stranger.arp_reply(VIP, mac, lab.network.NODES["node1"])
        time.sleep(0.1)
    wait_until(lambda: router.metric("vrrp_address_conflicts_total", **EDGE) == 10,
               what="the conflicts are counted")
    told = rf"edge/ipv4: conflict: {MAC} says that {VIP} is his, we hold it"
    assert len(router.logged(told, since)) == 1
    assert len(defences(lab, VIP, since)) == 1
    assert lab.node2.router.metric("vrrp_address_conflicts_total", **EDGE) == 0
    assert lab.holders() == [lab.node1]

    first = defences(lab, VIP, since)[0].time  # RFC 5227: DEFEND_INTERVAL is 10 s
    time.sleep(max(0, first + 10.5 - now()))
    stranger.gratuitous_arp(VIP)
    wait_until(lambda: len(defences(lab, VIP, since)) == 2, what="the second defence")
    assert len(router.logged(told, since)) == 1


def test_a_foreign_neighbor_advertisement(make_lab):
    lab = make_lab(vip="fe80::254", more_vips=(VIP6,), interval=0.5,
                   settings='garp = { schedule = ["0ms"], refresh = "0s" }')
    lab.start_pair()
    router = lab.node1.router
    stranger = Stranger(lab)
    since = now()
    for _ in range(5):
        stranger.neighbor_advertisement(VIP6, "fe80::6666")
        time.sleep(0.1)
    wait_until(lambda: router.metric("vrrp_address_conflicts_total", **EDGE6) == 5,
               what="the conflicts are counted")
    assert len(router.logged(rf"edge/ipv6: conflict: {MAC} says that {VIP6} is his", since)) == 1
    assert len(defences(lab, VIP6, since)) == 1


# ---- peers that are configured in another way

DIFFERENT = {
    "version": (dict(version=2), "runs version 2 with our virtual router id 51, we run version 3: "
                                 "its advertisements are rejected"),
    "addresses": (dict(addresses=[VIP, "172.28.1.253"]),
                  f"advertises {VIP}, 172.28.1.253, we advertise {VIP}"),
    "interval": (dict(interval=2), "advertises every 2s, we every 1s: as Backup we follow it"),
    "group": (dict(addresses=["172.28.1.77"]),
              "advertises 172.28.1.77 with our virtual router id 51: another group? "
              "53 is a free one on etx2"),
}


def test_differences_are_told_once(pair):
    """All four by one peer, one after the other; what is in order again may be told again."""
    stranger = JunkSender(pair)

    def say(**different):
        since = now()
        for _ in range(3):
            stranger.socket.sendto(stranger.advert(**{"priority": 50, **different}), (GROUP, 0))
            time.sleep(0.1)
        return since

    pair.callback(stranger.socket.close)
    say(vrid=52, addresses=["172.28.1.52"])  # a neighbor of another group
    for different, told in DIFFERENT.values():
        since = say(**different)
        for node in pair.nodes:
            node.router.wait_log("peer 172.28.1.1 ", since)
            lines = node.router.logged("peer 172.28.1.1 ", since)
            assert [line.text.partition("peer 172.28.1.1 ")[2] for line in lines] == [told]
            assert "warning edge/ipv4: peer" in lines[0].text
        say()
    assert pair.holders() == [pair.node1]


def test_two_versions_on_one_wire(make_lab):
    """What the operator of a half-done change reads on both nodes."""
    lab = make_lab()
    lab.node1.start_haproxy()
    lab.node2.start_haproxy()
    lab.node1.start_haguard()
    lab.node1.wait_active()
    lab.node2.start_haguard(settings="version = 2")
    lab.node2.wait_state("active")  # as it hears nobody of its kind
    lab.node1.router.wait_log("edge/ipv4: peer 172.28.1.3 runs version 2 ")
    lab.node2.router.wait_log("edge/ipv4: peer 172.28.1.2 runs version 3 ")
    time.sleep(1.5)
    for node in lab.nodes:
        assert len(node.router.logged(": peer ")) == 1
        assert node.router.metric("vrrp_packets_rejected_total", reason="version") > 1


def test_an_address_that_only_one_node_has(pair):
    pair.node2.router.stop()
    text = pair.node2.router.config.read_text()
    more = f'"{VIP}", "172.28.1.253"'
    pair.node2.start_configured(text.replace(f'"{VIP}"', more))
    router = pair.node2.router
    router.wait_log(f"peer 172.28.1.2 advertises {VIP}, we advertise {VIP}, 172.28.1.253")
    pair.node2.wait_state("backup")
    time.sleep(1.5)
    assert len(router.logged(": peer ")) == 1
    pair.node2.router.stop()
    # Those that are excluded are nobody else's business.
    pair.node2.start_haguard(settings='excluded_addresses = ["172.28.1.253"]')
    pair.node2.wait_state("backup")
    time.sleep(1.5)
    assert pair.node2.router.logged(": peer ") == []

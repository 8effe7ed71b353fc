"""Virtual routers with a MAC address of their own: what a client on the segment has in its caches,
what the machines say, and that nothing is left behind. Here the router of the lab is that client."""

import json
import signal
import socket
import threading
import time

import pytest

from daemons import Haguard, wait_until
from group import haguard_config
from network import inside, now, run

VIRTUAL_MAC = "00:00:5e:00:01:33"  # RFC 9568 7.3, with virtual router id 51
VIRTUAL_MAC6 = "00:00:5e:00:02:33"
VIP = "172.28.1.254"
VIP6 = "2001:db8:28::fe"
VIP6_LOCAL = "fe80::200:5eff:fe00:233"
ETH_P_ALL = 0x0003


def start(node, addresses=(VIP,), kind="virtual", extra=""):
    """The daemon of a node, with the addresses given; `plain`: with the MAC of its interface."""
    lab = node.lab
    text = haguard_config(lab.group, node.role, node.name, lab.network.NODES, node.directory, extra)
    wanted = ", ".join(f'"{address}"' for address in addresses)
    virtual = "true" if kind == "virtual" else "false"
    text = text.replace(f'virtual_addresses = ["{lab.group.vip}"]',
                        f"virtual_addresses = [{wanted}]\nuse_virtual_mac = {virtual}")
    daemon = Haguard(lab.network, node.role, node.directory, text)
    node.router = lab.own(daemon).start()


def start_pair(lab, **options):
    for node in lab.nodes:
        node.start_haproxy()
        start(node, **options)
        if node is lab.node1:
            wait_holds(node)
    lab.node2.wait_state("backup")


def device(node, name="vrrp4.51"):
    """What the kernel says about it; nothing when it is missing."""
    shown = run("ip", "-n", node.lab.network.name(node.role), "-d", "-j", "address", "show", "dev",
                name, check=False)
    return json.loads(shown)[0] if shown.strip() else None


def addresses(node, name="vrrp4.51"):
    found = device(node, name)
    return [info["local"] for info in found["addr_info"]] if found else []


def is_up(node, name="vrrp4.51"):
    return "UP" in device(node, name)["flags"]


def wait_holds(node, address=VIP, name="vrrp4.51", timeout=15):
    wait_until(lambda: address in addresses(node, name), timeout, f"{node.role} has {address}", 0.02)


def wait_lacks(node, address=VIP, name="vrrp4.51", timeout=15):
    wait_until(lambda: address not in addresses(node, name), timeout,
               f"{node.role} has lost {address}", 0.02)


def sysctl(node, key):
    return run("ip", "netns", "exec", node.lab.network.name(node.role), "cat",
               f"/proc/sys/{key}").strip()


def arp_rules(node):
    return [sysctl(node, f"net/ipv4/conf/etx2/{key}") for key in ("arp_ignore", "arp_announce")]


def neighbor(lab, address=VIP):
    """The MAC address in the cache of the client."""
    shown = run("ip", "-n", lab.network.name("router"), "-j", "neigh", "show", address)
    return next((entry.get("lladdr") for entry in json.loads(shown)), None)


def served_by(lab, address=VIP):
    """Which node answers a request from the segment; nothing when none does."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with inside(lab.network.name("router")):
        client = socket.socket(family, socket.SOCK_STREAM)
    with client:
        client.settimeout(1)
        try:
            client.connect((address, 80))
            client.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return client.recv(4096).decode().rpartition("\r\n\r\n")[2].strip() or None
        except OSError:
            return None


class Tap:
    """Every frame that a node sends from some MAC address, and when; on its port of the bridge."""

    def __init__(self, lab, node):
        with inside(lab.network.name("lan")):
            self.listener = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                                          socket.htons(ETH_P_ALL))
            self.listener.bind((node.role, ETH_P_ALL))
        self.listener.settimeout(0.1)
        self.frames = []
        self.stopping = False
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        lab.callback(self.stop)

    def sent_by(self, mac, since=0):
        return [frame for at, frame in list(self.frames)
                if at >= since and frame[6:12].hex(":") == mac]

    def adverts(self, since=0):
        return [frame for at, frame in list(self.frames)
                if at >= since and (frame[12:14] == b"\x08\x00" and frame[23] == 112
                                    or frame[12:14] == b"\x86\xdd" and frame[20] == 112)]

    def stop(self):
        self.stopping = True
        self.thread.join()
        self.listener.close()

    def _listen(self):
        while not self.stopping:
            try:
                frame, sender = self.listener.recvfrom(2048)
            except OSError:  # nothing for a while, or the port is down
                continue
            if sender[2] != socket.PACKET_OUTGOING:
                self.frames.append((now(), frame))


def enable_ipv6(lab):
    for role, interface in (("node1", "etx2"), ("node2", "etx2"), ("router", "inside")):
        lab.network.write_sysctl(role, f"net/ipv6/conf/{interface}/disable_ipv6", 0)
    run("ip", "-n", lab.network.name("router"), "address", "add", "2001:db8:28::1/64", "dev",
        "inside", "nodad")
    for number, node in enumerate(lab.nodes, 2):
        run("ip", "-n", lab.network.name(node.role), "address", "add",
            f"2001:db8:28::{number}/64", "dev", "etx2", "nodad")


@pytest.mark.parametrize("rp_filter", [0, 1])
def test_a_failover_changes_no_cache(make_lab, rp_filter):
    lab = make_lab()
    for node in lab.nodes:
        for scope in ("all", "default", "etx2"):
            lab.network.write_sysctl(node.role, f"net/ipv4/conf/{scope}/rp_filter", rp_filter)
    start_pair(lab)
    assert served_by(lab) == "proxy-1"
    assert neighbor(lab) == VIRTUAL_MAC
    monitor = lab.spawn("router", "ip monitor", "ip", "monitor", "neigh")
    time.sleep(0.3)

    def fail_over(to, broken, fix):
        broken()
        wait_holds(to)
        wait_until(lambda: served_by(lab) == to.name, what=f"{to.name} serves")
        assert neighbor(lab) == VIRTUAL_MAC
        fix()

    fail_over(lab.node2, lambda: lab.node1.haproxy.send(signal.SIGKILL), lab.node1.start_haproxy)
    wait_lacks(lab.node2)  # node1 takes it back
    wait_until(lambda: served_by(lab) == "proxy-1", what="proxy-1 serves")
    # What the node itself asks in the name of the address teaches nobody another MAC address.
    namespace = lab.network.name("node1")
    run("ip", "-n", namespace, "neigh", "flush", "dev", "etx2")
    run("ip", "netns", "exec", namespace, "ping", "-c1", "-W1", "-I", VIP, lab.network.ROUTER)
    assert served_by(lab) == "proxy-1"
    changes = [line.text for line in monitor.lines if line.text.startswith(VIP + " ")]
    assert [text for text in changes if "lladdr" in text and VIRTUAL_MAC not in text] == []
    assert neighbor(lab) == VIRTUAL_MAC


def test_ipv6_elects_one_and_keeps_the_cache(make_lab):
    lab = make_lab(priorities=(("node1", 100), ("node2", 100)))
    enable_ipv6(lab)
    taps = [Tap(lab, node) for node in lab.nodes]
    # Equal priorities and a simultaneous start: the tie-break has to tell the two apart.
    for node in lab.nodes:
        node.start_haproxy()
        node.haproxy.stop()
        node.haproxy.config.write_text(
            node.haproxy.config_text().replace("bind :80", "bind [::]:80 v4v6"))
        node.haproxy.start()
    for node in lab.nodes:
        start(node, addresses=(VIP6_LOCAL, VIP6))
    wait_until(lambda: sorted(node.state() for node in lab.nodes) == ["active", "backup"],
               what="one is active", interval=0.1)
    active = next(node for node in lab.nodes if node.state() == "active")
    other = next(node for node in lab.nodes if node is not active)
    wait_holds(active, VIP6, "vrrp6.51")
    wait_until(lambda: served_by(lab, VIP6) == active.name, what="it serves")
    assert neighbor(lab, VIP6) == VIRTUAL_MAC6
    # Nothing but what was asked for: no address made of the MAC address.
    assert sorted(addresses(active, "vrrp6.51")) == sorted([VIP6_LOCAL, VIP6])
    frame = next(tap for tap, node in zip(taps, lab.nodes) if node is active).adverts()[-1]
    assert frame[6:12].hex(":") == VIRTUAL_MAC6
    assert frame[:6].hex(":") == "33:33:00:00:00:12"
    assert frame[22:38] != socket.inet_pton(socket.AF_INET6, VIP6_LOCAL)

    active.haproxy.send(signal.SIGKILL)
    wait_holds(other, VIP6, "vrrp6.51")
    wait_until(lambda: served_by(lab, VIP6) == other.name, what="the other serves")
    assert neighbor(lab, VIP6) == VIRTUAL_MAC6
    assert not is_up(active, "vrrp6.51")


def test_the_backup_is_silent(make_lab):
    lab = make_lab()
    tap = Tap(lab, lab.node2)
    start_pair(lab)
    assert device(lab.node2)["address"] == VIRTUAL_MAC
    assert device(lab.node2)["linkinfo"]["info_kind"] == "macvlan"
    assert not is_up(lab.node2)
    time.sleep(2)
    assert tap.sent_by(VIRTUAL_MAC) == []
    # An interface that comes back is no reason to speak either.
    lab.network.carrier("node2", False)
    lab.network.carrier("node2", True)
    lab.node2.wait_state("backup")
    time.sleep(1)
    assert tap.sent_by(VIRTUAL_MAC) == []


def test_the_frames_of_the_active(make_lab):
    lab = make_lab()
    tap = Tap(lab, lab.node1)
    start_pair(lab)
    assert lab.node1.router.instance()["virtual_mac"] == VIRTUAL_MAC
    since = now()
    assert lab.node1.router.stop() == 0
    frames = tap.adverts()
    assert {frame[6:12].hex(":") for frame in frames} == {VIRTUAL_MAC}
    assert {frame[:6].hex(":") for frame in frames} == {"01:00:5e:00:00:12"}
    assert {frame[14 + 12:14 + 16] for frame in frames} == {socket.inet_aton("172.28.1.2")}
    assert {(frame[15], frame[22]) for frame in frames} == {(0xc0, 255)}
    last = tap.adverts(since)[-1]
    assert last[14 + 20 + 2] == 0  # the resignation
    metric = lab.node2.router.metric("haguard_vrrp_packets_rejected_total", reason="own_source")
    assert metric == 0
    arps = [frame for frame in tap.sent_by(VIRTUAL_MAC) if frame[12:14] == b"\x08\x06"]
    assert arps and all(frame[22:28].hex(":") == VIRTUAL_MAC for frame in arps)
    real = [frame for _, frame in tap.frames
            if frame[12:14] == b"\x08\x06" and frame[28:32] == socket.inet_aton(VIP)
            and frame[22:28].hex(":") != VIRTUAL_MAC]
    assert real == []


def test_a_split_heals(make_lab):
    """Both are Active with one MAC address, and still hear one another."""
    lab = make_lab()
    start_pair(lab)
    lab.network.unplug("node2")
    wait_holds(lab.node2)
    lab.network.plug("node2")
    wait_lacks(lab.node2, timeout=5)
    assert VIP in addresses(lab.node1)
    wait_until(lambda: served_by(lab) == "proxy-1", what="proxy-1 serves")


def test_nothing_is_left_after_a_stop(make_lab):
    lab = make_lab()
    lab.network.write_sysctl("node1", "net/ipv4/conf/etx2/arp_announce", 1)
    start_pair(lab)
    assert arp_rules(lab.node1) == ["1", "2"]
    assert lab.node1.router.stop() == 0
    assert device(lab.node1) is None
    assert arp_rules(lab.node1) == ["0", "1"]
    assert not (lab.node1.directory / "run" / "virtual-mac.json").exists()
    assert lab.node2.router.stop() == 0
    assert device(lab.node2) is None
    assert arp_rules(lab.node2) == ["0", "0"]


def test_a_killed_daemon_is_followed_up(make_lab):
    lab = make_lab()
    lab.network.write_sysctl("node1", "net/ipv4/conf/etx2/arp_announce", 1)
    lab.node1.start_haproxy()
    start(lab.node1)
    wait_holds(lab.node1)
    lab.node1.router.send(signal.SIGKILL)
    lab.node1.router.wait()
    assert VIP in addresses(lab.node1)
    since = now()
    start(lab.node1)  # adopts: the lease of the address runs
    wait_until(lambda: lab.node1.state() == "active", what="active", interval=0.02)
    assert lab.node1.router.logged("addresses restored", since) == []
    assert served_by(lab) == "proxy-1"
    lab.node1.router.send(signal.SIGKILL)
    lab.node1.router.wait()
    done = lab.node1.router.cli("release")
    assert done.returncode == 0, done.stderr
    assert "removed vrrp4.51" in done.stdout
    assert device(lab.node1) is None
    assert arp_rules(lab.node1) == ["0", "1"]


def test_a_changed_configuration_cleans_up(make_lab):
    lab = make_lab()
    lab.node1.start_haproxy()
    start(lab.node1)
    wait_holds(lab.node1)
    lab.node1.router.send(signal.SIGKILL)
    lab.node1.router.wait()
    start(lab.node1, kind="plain")
    lab.node1.wait_active()
    assert device(lab.node1) is None
    assert arp_rules(lab.node1) == ["0", "0"]


def test_a_deleted_device_is_made_again(make_lab):
    lab = make_lab()
    start_pair(lab)
    run("ip", "-n", lab.network.name("node1"), "link", "delete", "vrrp4.51")
    wait_holds(lab.node1, timeout=2)
    wait_until(lambda: served_by(lab) == "proxy-1", what="proxy-1 serves")
    assert lab.node1.state() == "active"
    assert VIP not in addresses(lab.node2)


def test_a_device_of_somebody_else_is_left_alone(make_lab):
    lab = make_lab()
    namespace = lab.network.name("node1")
    run("ip", "-n", namespace, "link", "add", "vrrp4.51", "type", "bridge")
    run("ip", "-n", namespace, "address", "add", f"{VIP}/32", "dev", "vrrp4.51")
    run("ip", "-n", namespace, "link", "set", "vrrp4.51", "up")
    lab.node1.start_haproxy()
    start(lab.node1)
    wait_until(lambda: lab.node1.router.instance().get("reason")
               == "fault: interface vrrp4.51 exists and is not ours", what="the reason")
    assert lab.node1.router.stop() == 0
    assert device(lab.node1)["linkinfo"]["info_kind"] == "bridge"
    assert is_up(lab.node1)
    assert addresses(lab.node1) == [VIP]

    # Once it is gone, everything is as it should be.
    start(lab.node1)
    run("ip", "-n", namespace, "link", "delete", "vrrp4.51")
    wait_holds(lab.node1)


def test_a_peer_without_it(make_lab):
    lab = make_lab()
    lab.node1.start_haproxy()
    start(lab.node1)
    wait_holds(lab.node1)
    lab.node2.start_haproxy()
    start(lab.node2, kind="plain")
    lab.node2.wait_state("backup")
    assert served_by(lab) == "proxy-1"
    lab.node1.haproxy.send(signal.SIGKILL)
    wait_until(lambda: served_by(lab) == "proxy-2", what="proxy-2 serves")
    assert neighbor(lab) not in (None, VIRTUAL_MAC)
    lab.node1.start_haproxy()
    wait_until(lambda: served_by(lab) == "proxy-1", what="proxy-1 serves")
    assert neighbor(lab) == VIRTUAL_MAC
    assert lab.node2.state() == "backup"

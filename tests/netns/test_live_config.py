"""haguard.toml is changed under traffic: taken as a whole, or refused as a whole, and what did not
change does not notice."""

import json
import os
import re
import signal

import pytest

from daemons import wait_until
from network import now
from probing import failed

WEB = """
[[check]]
name = "web"
type = "tcp"
target = "127.0.0.1:80"
weight = -5
interval = "100ms"
"""
CLOSED = WEB.replace(":80", ":9").replace('"web"', '"closed"')


@pytest.fixture
def pair(make_lab):
    lab = make_lab()
    lab.start_pair()
    return lab


def rewrite(node, *replacements, append=""):
    text = node.router.config.read_text()
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    node.router.config.write_text(text + append)


def reload(node):
    done = node.router.cli("reload")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def reload_refused(node):
    done = node.router.cli("reload")
    assert done.returncode == 1, done.stdout
    return done.stderr


def test_everything_at_once_under_traffic(pair):
    """An address more, another priority, a new check, a renamed instance: nobody notices."""
    prober = pair.start_prober()
    transitions = [node.router.instance()["transitions"] for node in pair.nodes]
    rewrite(pair.node1, ('"172.28.1.254"', '"172.28.1.254", "172.28.1.253"'),
            ("priority = 100", "priority = 120"), ('name = "edge"', 'name = "front"'), append=WEB)
    lines = reload(pair.node1)
    assert lines == ["instance edge renamed to front", "instance front: priority 100 -> 120",
                     "instance front: address 172.28.1.253/32 on etx2 added",
                     "check web added", "reloaded: 4 changes"]
    rewrite(pair.node2, ('"172.28.1.254"', '"172.28.1.254", "172.28.1.253"'),
            ('name = "edge"', 'name = "front"'), append=WEB)
    reload(pair.node2)
    since = now()
    wait_until(lambda: [advert for advert in pair.node1.adverts(since)
                        if advert.priority == 120], what="the new priority on the wire")
    wait_until(lambda: pair.node1.router.status()["checks"][1]["status"] == "passing",
               what="the first verdict of the new check")
    assert {"172.28.1.253/32", "172.28.1.254/32"} <= set(pair.network.addresses("node1"))
    assert "172.28.1.253/32" not in pair.network.addresses("node2")
    instance = pair.node1.router.instance()
    assert (instance["name"], instance["priority"]["effective"]) == ("front", 120)
    assert [node.router.instance()["transitions"] for node in pair.nodes] == transitions
    assert pair.node1.router.metric("config_reloads_total", result="ok") == 1
    probes = prober.stop()
    assert not failed(probes)
    assert {probe.server for probe in probes} == {"proxy-1"}
    print(f"{len(probes)} requests, {len(failed(probes))} failed")


def test_an_address_is_removed_and_the_other_one_stays(make_lab):
    lab = make_lab(more_vips=("172.28.1.253",))
    lab.start_pair()
    prober = lab.start_prober()
    rewrite(lab.node1, ('"172.28.1.254", "172.28.1.253"', '"172.28.1.254"'))
    reload(lab.node1)
    wait_until(lambda: "172.28.1.253/32" not in lab.network.addresses("node1"), what="it is gone")
    assert "172.28.1.254/32" in lab.network.addresses("node1")
    assert lab.node1.router.instance()["addresses"] == ["172.28.1.254/32"]
    assert not failed(prober.stop())


@pytest.mark.parametrize("change, line", [
    (("priority = 100", "priority = 300"), r"haguard.toml:\d+:\d+: error: .*300"),
    (("priority = 100", "priority = "), r"haguard.toml:\d+:\d+: error: syntax"),
    (("[process]", "[process]\nrealtime_priority = 5"),
     r"haguard.toml:\d+:\d+: error: process.realtime_priority: a change takes a restart"),
    (("control.sock", "other.sock"), None),
    (('"172.28.1.254"', '"172.28.1.254", { address = "10.9.9.9", interface = "nosuch0" }'),
     r"interface nosuch0 is not there"),
    (("127.0.0.1:9650", "203.0.113.9:9650"), r"cannot listen on 203.0.113.9:9650"),
    (('"172.28.1.254"', '"172.28.1.254", "fe80::254"'),
     r"haguard.toml:\d+:\d+: error: interface etx2 has no IPv6 link-local"),
])
def test_a_refused_one_changes_nothing(pair, change, line):
    prober = pair.start_prober()
    before = pair.node1.router.status()
    hash_before = pair.node1.router.metric("config_hash")
    rewrite(pair.node1, change)
    if line is None:  # the command asks where the file says; the signal needs no socket
        pair.node1.router.send(signal.SIGHUP)
        pair.node1.router.wait_log("control.socket: a change takes a restart")
    else:
        said = reload_refused(pair.node1)
        assert re.search(line, said), said
        assert "stays in force" in said or "was not asked" in said
    after = json.loads(pair.node1.router.get("/status")[1])
    assert after["instances"][0]["transitions"] == before["instances"][0]["transitions"]
    assert after["instances"][0]["addresses"] == before["instances"][0]["addresses"]
    assert pair.node1.router.metric("config_hash") == hash_before
    assert after["instances"][0]["state"] == "active"
    assert not failed(prober.stop())


def test_an_address_that_the_kernel_refuses_is_taken_back(make_lab):
    """IPv6 can be switched off for one interface: then only the attempt shows it."""
    lab = make_lab(settings='excluded_addresses = ["172.28.1.9"]')
    lab.start_pair()
    prober = lab.start_prober()
    lab.network.write_sysctl("node1", "net/ipv6/conf/etx2/disable_ipv6", 1)
    rewrite(lab.node1, ('excluded_addresses = ["172.28.1.9"]',
                        'excluded_addresses = ["172.28.1.9", "172.28.1.8", "2001:db8::9"]'))
    said = reload_refused(lab.node1)
    assert "the kernel refuses it: edge/ipv4" in said
    assert "172.28.1.8/32" not in lab.network.addresses("node1")
    assert "172.28.1.9/32" in lab.network.addresses("node1")
    assert lab.node1.state() == "active"
    assert lab.node1.router.metric("config_reloads_total", result="refused") == 1
    assert not failed(prober.stop())


def test_a_signal_does_the_same(pair):
    rewrite(pair.node1, ("priority = 100", "priority = 110"))
    pair.node1.router.send(signal.SIGHUP)
    pair.node1.router.wait_log("configuration: instance edge: priority 100 -> 110")
    pair.node1.router.wait_log("configuration reloaded: 1 change")
    assert reload(pair.node1) == ["reloaded: nothing has changed"]


def test_a_lower_priority_hands_over_and_a_higher_one_takes_back(pair):
    prober = pair.start_prober()
    rewrite(pair.node1, ("priority = 100", "priority = 80"))
    reload(pair.node1)
    pair.node2.wait_active()
    rewrite(pair.node1, ("priority = 80", "priority = 100"))
    reload(pair.node1)
    pair.node1.wait_active()
    assert len(failed(prober.stop())) <= 4  # cut while the address moved


def test_checks_come_change_and_go(pair):
    prober = pair.start_prober()
    rewrite(pair.node1, append=CLOSED)
    reload(pair.node1)
    wait_until(lambda: pair.node1.router.instance()["priority"]["effective"] == 95,
               what="the new check counts")
    since = now()
    rewrite(pair.node1, (":9\"", ":80\""))
    reload(pair.node1)
    pair.node1.router.wait_log("check closed: failing -> passing", since)
    wait_until(lambda: pair.node1.router.instance()["priority"]["effective"] == 100,
               what="its weight is gone")
    text = pair.node1.router.config.read_text()
    pair.node1.router.config.write_text(text[:text.index("\n[[check]]")])
    assert reload(pair.node1) == ["check closed removed", "reloaded: 1 change"]
    assert [check["name"] for check in pair.node1.router.status()["checks"]] == ["haproxy"]
    assert pair.node1.state() == "active"
    assert not failed(prober.stop())


def test_an_instance_comes_and_goes(pair):
    prober = pair.start_prober()
    second = """
[[vrrp.instance]]
name = "second"
interface = "etx2"
virtual_router_id = 52
virtual_addresses = ["172.28.1.252"]
"""
    for node in pair.nodes:
        rewrite(node, ("[haproxy]", second + "\n[haproxy]"))
        reload(node)
    wait_until(lambda: any("172.28.1.252/32" in pair.network.addresses(node.role)
                           for node in pair.nodes), what="somebody holds the second address")
    for node in pair.nodes:
        rewrite(node, (second, ""))
        assert "instance second removed" in reload(node)
    wait_until(lambda: not any("172.28.1.252/32" in pair.network.addresses(node.role)
                               for node in pair.nodes), what="nobody holds it")
    assert pair.node1.state() == "active"
    assert not failed(prober.stop())


def test_another_family_joins_an_instance_that_serves(make_lab):
    """The IPv4 address does not wait for it, and does not move because of it."""
    lab = make_lab()
    lab.network.enable_ipv6()
    lab.start_pair()
    prober = lab.start_prober()
    for node in lab.nodes:
        rewrite(node, ('"172.28.1.254"', '"172.28.1.254", "fe80::254", "fd00:28::254"'))
        reload(node)
    wait_until(lambda: "fd00:28::254/128" in lab.network.addresses("node1"),
               what="node1 holds the IPv6 address too")
    assert "fd00:28::254/128" not in lab.network.addresses("node2")
    states = {(entry["family"], entry["state"]) for entry in
              lab.node1.router.status()["instances"]}
    assert states == {("ipv4", "active"), ("ipv6", "active")}
    assert lab.node1.router.status()["instances"][0]["transitions"] == 2
    assert not failed(prober.stop())


@pytest.mark.parametrize("key, before, after", [
    ("advertisement_interval", 'advertisement_interval = "1000ms"',
     'advertisement_interval = "500ms"'),
    ("down_adverts", "priority = ", "down_adverts = 4\npriority = "),
    ("preempt", "priority = ", "preempt = false\npriority = "),
    ("preempt_delay", "priority = ", 'preempt_delay = "5s"\npriority = '),
    ("startup_delay", "priority = ", 'startup_delay = "30s"\npriority = '),
    ("garp", "priority = ", 'garp = { schedule = ["0ms", "50ms"], refresh = "30s" }\npriority = '),
    ("lease", "priority = ", 'lease = "off"\npriority = '),
    ("lease", "priority = ", 'lease = "9s"\npriority = '),
    ("fast_abdication", "priority = ", "fast_abdication = false\npriority = "),
    ("checksum", "priority = ", 'checksum = "rfc5798"\npriority = '),
    ("sync_group", "priority = ", 'sync_group = "all"\npriority = '),
    ("checks", "priority = ", 'checks = ["haproxy"]\npriority = '),
    ("hooks.on_active", "[process]", '[hooks]\non_active = [["/bin/true"]]\n[process]'),
    ("haproxy.reload.watch", "[metrics]", "[haproxy.reload]\nwatch = true\n[metrics]"),
    ("haproxy.drain.timeout", "[metrics]", '[haproxy.drain]\ntimeout = "3s"\n[metrics]'),
    ("node.name", 'name = "proxy-', 'name = "p-'),
])
def test_every_other_kind_of_change_moves_nothing(pair, key, before, after):
    """On both nodes, one after the other, as an operator would do it."""
    prober = pair.start_prober()
    for node in pair.nodes:
        rewrite(node, (before, after))
        lines = reload(node)
        assert key in lines[0], lines  # another default may follow from it
    since = now()
    wait_until(lambda: len(pair.node1.adverts(since)) >= 3, what="it goes on")
    assert [node.router.instance()["transitions"] for node in pair.nodes] == [2, 1]
    assert pair.holders() == [pair.node1]
    assert not failed(prober.stop())


@pytest.mark.parametrize("before, after, device", [
    ("virtual_router_id = 51", "virtual_router_id = 61", "etx2"),
    ("priority = ", "use_virtual_mac = true\npriority = ", "vrrp4.51"),
])
def test_another_identity_leaves_and_comes_anew(pair, before, after, device):
    """The Backup first: then there is somebody who takes over."""
    for node in reversed(pair.nodes):
        rewrite(node, (before, after))
        lines = reload(node)
        assert {"instance edge added", "instance edge removed"} <= set(lines)

    def holders():
        return [node for node in pair.nodes
                if "172.28.1.254/32" in pair.network.addresses(node.role, device)]
    wait_until(lambda: len(holders()) == 1, what="one node holds the address")
    wait_until(lambda: holders()[0].state() == "active", what="and is Active", interval=0.05)


def test_log_and_metrics_follow(pair):
    rewrite(pair.node1, ("127.0.0.1:9650", "127.0.0.1:9651"), append='\n[log]\nformat = "json"\n')
    reload(pair.node1)
    wait_until(lambda: pair.node1.router.logged(r'^\{"'), what="a line in JSON")
    done = pair.spawn("node1", "curl", "curl", "-sf", "http://127.0.0.1:9651/readyz")
    assert done.wait() == 0


def test_a_hundred_reloads_leave_nothing_behind(pair):
    """Also when they come faster than they are read."""
    prober = pair.start_prober()
    descriptors = len(os.listdir(f"/proc/{pair.node1.router.pid}/fd"))
    for number in range(100):
        rewrite(pair.node1, ("priority = 100", "priority = 101") if number % 2 == 0
                else ("priority = 101", "priority = 100"))
        pair.node1.router.send(signal.SIGHUP)
    assert reload(pair.node1)[-1].startswith("reloaded")
    assert pair.node1.router.instance()["priority"]["effective"] == 100
    assert len(os.listdir(f"/proc/{pair.node1.router.pid}/fd")) <= descriptors + 2
    assert pair.node1.state() == "active"
    assert not failed(prober.stop())


def test_an_instance_comes_in_an_included_file(pair):
    """The file is part of the configuration: of its hash, and of what is refused."""
    prober = pair.start_prober()
    router = pair.node1.router
    router.config.write_text('include = ["conf.d/*.toml"]\n' + router.config.read_text())
    assert reload(pair.node1) == ["reloaded: nothing has changed"]
    hash_before = router.metric("config_hash")
    included = router.config.parent / "conf.d" / "second.toml"
    included.parent.mkdir()
    included.write_text("""
[[vrrp.instance]]
name = "second"
interface = "etx2"
virtual_router_id = 52
virtual_addresses = ["172.28.1.252"]
""")
    assert reload(pair.node1)[-1] == "reloaded: 1 change"
    wait_until(lambda: "172.28.1.252/32" in pair.network.addresses("node1"),
               what="node1 holds the address of the included file")
    hash_included = router.metric("config_hash")
    assert hash_included != hash_before
    (included.parent / "x.toml").write_text("[log]\nlevel = 5\n")
    said = reload_refused(pair.node1)
    assert f"{included.parent}/x.toml:2:9: error: log.level: " in said, said
    assert router.metric("config_hash") == hash_included
    (included.parent / "x.toml").unlink()
    included.unlink()
    assert "instance second removed" in reload(pair.node1)
    wait_until(lambda: "172.28.1.252/32" not in pair.network.addresses("node1"), what="it is gone")
    assert router.metric("config_hash") == hash_before
    assert pair.node1.state() == "active"
    assert not failed(prober.stop())

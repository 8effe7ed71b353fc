"""Newer packages on machines that serve: of haguard, and of HAProxy."""

from daemons import wait_until
from network import now
from probing import failed
from watch import UNDER_WAY, Watch

MARGIN = 5  # requests at 200 per second


def upgraded(node, package):
    """What apt and the maintainer scripts said."""
    said = node.install(package)
    assert "1 upgraded" in said, said
    return said


def test_haguard_on_each_node_in_turn(pair):
    """Roles and addresses stay where they are."""
    watch = Watch(pair)
    pids = [node.main_pid() for node in pair.nodes]
    upgraded(pair.node2, pair.newer("haguard"))
    pair.node2.wait_state("backup")
    upgraded(pair.node1, pair.newer("haguard"))
    wait_until(lambda: pair.node1.state() == "active", 10, "the next daemon")
    assert watch.failed() == 0
    assert watch.holding.longest(0, watch.since, now()) == 0
    assert not pair.node2.adverts(watch.since)
    assert [node.main_pid() != pid for node, pid in zip(pair.nodes, pids)] == [True, True]
    for node in pair.nodes:
        version = node.run("dpkg-query -W -f '${Version}' haguard")
        assert version.endswith("+newer")


def test_the_mode_and_the_edited_file_survive_an_upgrade(pair):
    node = pair.node2
    edited = node.read("/etc/haguard/haguard.toml")
    node.run("haguard drain")
    said = node.install("--reinstall", pair.package("haguard"), "--allow-downgrades")
    assert "conffile" not in said.lower() and "downgraded" in said
    assert wait_until(node.status, what="the daemon answers")["mode"] == "drained"
    assert node.read("/etc/haguard/haguard.toml") == edited
    node.run("haguard undrain")
    node.wait_state("backup")


def test_an_upgrade_starts_nothing_that_was_stopped(pair):
    node = pair.node2
    node.run("systemctl stop haguard")
    upgraded(node, pair.newer("haguard"))
    assert node.show("haguard", "ActiveState") == {"ActiveState": "inactive"}
    node.run("systemctl start haguard")
    node.wait_state("backup")


def test_haproxy_on_each_node_in_turn(pair, figures):
    """The Backup costs nothing. On the Active node HAProxy's own stop is seen, and moves the
    addresses."""
    watch = Watch(pair)
    upgraded(pair.node2, pair.newer("haproxy"))
    pair.node2.wait_state("backup")
    assert watch.failed() == 0

    watch = Watch(pair)
    direct = pair.start_prober(vip=pair.node1.address)
    upgraded(pair.node1, pair.newer("haproxy"))
    pair.node1.wait_active(30)
    lost, own = watch.failed(), len(failed(direct.stop(), watch.since))
    figures("upgrade of HAProxy on the Active node, requests lost", lost, "")
    figures("the same, of requests to that node's own address", own, "")
    assert lost <= own + MARGIN


def test_haproxy_after_a_drain(pair):
    """Nothing is lost when it was drained before."""
    node = pair.node1
    watch = Watch(pair)
    node.run("haguard drain")
    node.install("--reinstall", pair.package("haproxy"), "--allow-downgrades")
    node.run("haguard undrain")
    node.wait_active(30)
    assert watch.failed() <= UNDER_WAY

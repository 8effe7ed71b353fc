"""haguard as a service of a Debian machine: what systemctl does, and what systemd does by
itself."""

import signal
import time

import pytest

from daemons import wait_until
from network import now
from watch import UNDER_WAY, Watch


@pytest.fixture(autouse=True)
def settled(pair):
    """node1 is Active, node2 its Backup, and nothing is left of the test before."""
    yield
    for node in pair.nodes:
        if node.main_pid():
            node.run(f"kill -CONT {node.main_pid()}")
        node.run("systemctl start haproxy haguard")
    pair.node1.wait_active(30)
    pair.node2.wait_state("backup")


def test_a_restart_moves_nothing(pair, figures):
    """Not even once in ten."""
    node = pair.node1
    watch = Watch(pair)
    pids = {node.main_pid()}
    for _ in range(10):
        node.run("systemctl restart haguard")
        wait_until(lambda: node.state() == "active", 10, "the next daemon")
        pids.add(node.main_pid())
    time.sleep(4)  # longer than a Backup is silent
    failed = watch.failed()
    figures("10 restarts on the Active node, requests lost", failed, "")
    assert failed == 0 and len(pids) == 11
    assert watch.holding.longest(0, watch.since, now()) == 0
    assert not pair.node2.adverts(watch.since)
    assert len([line for line in node.journal(since=watch.since)
                if "the addresses stay for the next daemon" in line]) == 10


def test_a_restart_with_a_broken_configuration_hands_over(pair):
    """The next daemon would not start, so nobody waits for it."""
    node = pair.node1
    text = node.read("/etc/haguard/haguard.toml")
    watch = Watch(pair)
    try:
        node.write("/etc/haguard/haguard.toml", text.replace("priority = 100", "priority = 1000"))
        node.run("systemctl restart haguard", check=False)
        assert node.exit_code == 1
        assert pair.node2.holds_vip() and not node.held()
        assert watch.failed() <= UNDER_WAY
        assert any("the next daemon would not start" in line for line in node.journal())
    finally:
        node.write("/etc/haguard/haguard.toml", text)


def test_stop_and_start(pair):
    watch = Watch(pair)
    pair.node1.run("systemctl stop haguard")
    assert not pair.node1.holds_vip()
    wait_until(pair.node2.holds_vip, 2, "node2 has the address")
    assert pair.node1.show("haguard", "Result", "ActiveState") == {
        "Result": "success", "ActiveState": "inactive"}
    pair.node1.run("systemctl start haguard")
    pair.node1.wait_active(20)
    assert watch.failed() <= UNDER_WAY


def test_reload(pair):
    """One more address, under way."""
    node = pair.node1
    text = node.read("/etc/haguard/haguard.toml")
    watch = Watch(pair)
    pid = node.main_pid()
    try:
        for each in pair.nodes:
            each.write("/etc/haguard/haguard.toml", each.read("/etc/haguard/haguard.toml").replace(
                '"172.28.1.254"', '"172.28.1.254", "172.28.1.253"'))
            each.run("systemctl reload haguard")
        wait_until(lambda: "172.28.1.253/32" in pair.network.addresses("node1"), 5, "the new one")
        assert node.main_pid() == pid
        assert watch.failed() == 0
    finally:
        for each in pair.nodes:
            each.write("/etc/haguard/haguard.toml", text.replace(
                "priority = 100", f"priority = {100 if each is node else 90}").replace(
                    '"proxy-1"', f'"{each.name}"'))
            each.run("systemctl reload haguard")


def test_a_reload_that_is_refused_says_why_and_changes_nothing(pair):
    node = pair.node2
    text = node.read("/etc/haguard/haguard.toml")
    pid = node.main_pid()
    try:
        node.write("/etc/haguard/haguard.toml", text.replace("priority = 90", "priority = 900"))
        since = now()
        said = node.run("systemctl reload haguard", check=False)
        assert node.exit_code == 1 and "systemctl status haguard" in said
        journal = "\n".join(node.journal(since=since))
        assert "haguard.toml:16:12: error: vrrp.instance.priority" in journal
        assert node.main_pid() == pid and node.state() == "backup"
    finally:
        node.write("/etc/haguard/haguard.toml", text)


def test_a_crash_moves_nothing(pair):
    """The daemon that systemd starts 100 ms later finds its addresses, and goes on."""
    node = pair.node1
    watch = Watch(pair)
    before = node.run("haguard status --json")
    at = node.crash(signal.SIGSEGV)
    wait_until(lambda: node.main_pid() and node.state() == "active", 10, "the next daemon")
    time.sleep(4)  # longer than a Backup is silent
    assert watch.failed() == 0
    assert watch.holding.longest(0, at, now()) == 0
    assert not pair.node2.adverts(at)
    journal = "\n".join(node.journal(since=at))
    assert "Main process exited, code=dumped, status=11/SEGV" in journal or \
        "Main process exited, code=killed, status=11/SEGV" in journal
    assert "edge/ipv4: initialize -> active" in journal, before


def test_a_hang_is_ended_by_the_watchdog(pair):
    """The lease ends, node2 takes over, systemd kills what hangs, and node1 comes back."""
    node = pair.node1
    watch = Watch(pair)
    at = node.crash(signal.SIGSTOP)
    wait_until(pair.node2.holds_vip, 6, "node2 takes over")
    wait_until(lambda: "Watchdog timeout" in "\n".join(node.journal(since=at)), 10, "the watchdog")
    node.wait_active(40)
    assert watch.holding.longest(2, at, now()) <= 1.0
    assert watch.holding.longest(0, at, now()) <= 1.0


def test_a_reboot(pair):
    node = pair.node1
    watch = Watch(pair)
    node.reboot()
    node.wait_active(30)
    assert watch.failed() <= UNDER_WAY


def test_no_unit_has_failed(pair):
    for node in pair.nodes:
        assert node.run("systemctl --failed --no-legend").strip() == ""

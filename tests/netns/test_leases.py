"""A daemon that dies or hangs: the kernel takes its addresses away when the lease ends, a successor
that is there in time goes on where it was, and `haguard release` cleans up."""

import json
import signal
import time

import pytest

from daemons import wait_until
from network import now
from probing import failed

SLACK = 0.5  # seconds that a busy machine may add
VIP = "172.28.1.254"
EDGE = dict(instance="edge", family="ipv4")


@pytest.fixture
def alone(make_lab):
    """One node of a fast group, so that few seconds are spent on waiting. The lease is 1 s."""
    lab = make_lab(interval=0.3)
    lab.node1.start_haproxy()
    lab.node1.start_haguard()
    lab.node1.wait_active()
    return lab


def watch_addresses(lab, role):
    """The kernel's own word on when addresses come and go."""
    watch = lab.spawn(role, f"addresses of {role}", "ip", "-o", "monitor", "address")
    time.sleep(0.2)  # it says nothing when it is ready
    return watch


def record_file(node):
    return node.directory / "run" / "record.json"


def kill(node):
    at = node.router.send(signal.SIGKILL)
    node.router.wait()
    return at


def restart_at_once(node, settings=""):
    """Within the lease of the predecessor."""
    node.start_haguard(settings=settings)
    node.router.wait_log("edge/ipv4: initialize ->")


# ---- the lease ends


def test_killed_daemon_loses_the_address(pair):
    node1, node2 = pair.node1, pair.node2
    watch = watch_addresses(pair, "node1")
    killed = kill(node1)
    node2.wait_state("active", timeout=6)
    taken = node2.adverts(killed)[0].time
    assert taken - killed < pair.group.down("node2") + SLACK
    gone = watch.wait_log(rf"Deleted.*{VIP}/32", killed, timeout=5)
    assert gone.time - taken < 1 + SLACK  # how long both had it
    assert pair.holders() == [node2]
    node2.router.wait_log(r"backup -> active \(no advertisement from 172.28.1.2 for 3\.", killed)


@pytest.mark.parametrize("preempt", ["true", "false"])
def test_stopped_daemon_loses_the_address(make_lab, preempt):
    lab = make_lab(settings=f"preempt = {preempt}")
    lab.start_pair()
    node1, node2 = lab.nodes
    watch = watch_addresses(lab, "node1")
    stopped = node1.router.send(signal.SIGSTOP)
    time.sleep(6)
    taken = node2.adverts(stopped)[0].time
    assert taken - stopped < lab.group.down("node2") + SLACK
    gone = watch.wait_log(rf"Deleted.*{VIP}/32", stopped)
    assert gone.time - taken < 1 + SLACK
    assert lab.holders() == [node2]

    resumed = node1.router.send(signal.SIGCONT)
    node1.router.wait_log(r"the protocol loop was held up for [56]\.", resumed)
    if preempt == "true":
        node2.router.wait_log(r"active -> backup \(172.28.1.2 advertises priority 100, ours 90\)",
                              resumed, timeout=1 + lab.group.interval + SLACK)
        node1.wait_active()
        # Announced again: caches point at the other one.
        assert pytest.approx(resumed, abs=1 + lab.group.interval + SLACK) == \
            lab.sniffer.announcements("node1", VIP, resumed)[0].time
    else:
        line = node1.router.wait_log(r"active -> backup \(held up .*preempt is off", resumed)
        assert line.time - resumed < 1
        time.sleep(1 + lab.group.interval)
        assert node1.state() == "backup"
        assert node1.adverts(resumed) == []
        assert lab.holders() == [node2]


def test_a_lease_is_renewed_in_time(alone):
    """With a third of it between two renewals, one that is late does no harm."""
    watch = watch_addresses(alone, "node1")
    until = now() + 3
    while now() < until:
        [info] = [info for info in alone.network.shown("node1") if info["local"] == VIP]
        assert info["valid_life_time"] <= 1
    assert watch.logged("Deleted") == []
    assert alone.node1.router.metric("vrrp_addresses_restored_total", **EDGE) == 0


# ---- a successor in time


def test_restarted_daemon_goes_on_where_the_old_one_was(pair):
    node1, node2 = pair.node1, pair.node2
    prober = pair.start_prober()
    watch = watch_addresses(pair, "node1")
    killed = kill(node1)
    time.sleep(0.1)
    node1.start_haguard()
    node1.router.wait_log(r"edge/ipv4: initialize -> active \(adopted from the daemon", killed)
    instance = wait_until(lambda: node1.router.status(), what="a status")["instances"][0]
    assert (instance["state"], instance["priority"]["effective"]) == ("active", 100)
    assert instance["reason"].startswith("adopted from the daemon before this one")
    time.sleep(pair.group.down("node2") + 1)

    assert failed(prober.stop(), killed) == []
    assert node2.router.logged("->", killed) == []
    assert watch.logged(rf"Deleted.*{VIP}", killed) == []
    assert pair.holders() == [node1]
    assert {advert.priority for advert in node1.adverts(killed)} == {100}
    assert len(node1.router.logged("edge/ipv4: .* -> ")) == 1  # the adoption


def test_adopted_priority_stays_until_the_checks_have_spoken(make_lab):
    """Of a router that was at 60 because of a check, nobody hears 100 in between."""
    lab = make_lab(interval=0.3)
    check = """
[[check]]
name = "absent"
type = "tcp"
target = "127.0.0.1:9"
weight = -40
"""
    lab.node1.start_haproxy()
    lab.node1.start_haguard(check)
    lab.node1.wait_active()
    lab.node1.router.wait_log(r"edge/ipv4: initialize -> backup \(ready, priority 60\)")
    killed = kill(lab.node1)
    lab.node1.start_haguard(check)
    lab.node1.router.wait_log("initialize -> active .adopted", killed)
    lab.node1.router.wait_log("check absent: pending -> failing", killed)
    time.sleep(1)
    assert {advert.priority for advert in lab.node1.adverts(killed)} == {60}


def test_a_dead_haproxy_is_noticed_after_an_adoption(pair):
    killed = kill(pair.node1)
    pair.node1.haproxy.stop(signal.SIGKILL)
    pair.node1.start_haguard()
    pair.node2.wait_active(timeout=6)
    assert pair.node1.state() == "initialize"
    assert pair.node1.router.instance()["reason"].startswith("fault: haproxy")
    assert pair.holders() == [pair.node2]
    # Before its lease would have ended: the daemon took it off.
    assert pair.node2.adverts(killed)[0].time - killed < pair.group.down("node2")


# ---- a successor that must not believe that the addresses are its own


def other_boot(record):
    record["boot_id"] = "00000000-0000-0000-0000-000000000000"


def other_address(record):
    record["routers"][0]["addresses"][0]["address"] = "172.28.1.253"


def other_vrid(record):
    record["routers"][0]["virtual_router_id"] = 52


def no_routers(record):
    record["routers"] = []


def assert_not_adopted(node, since):
    node.router.wait_log(r"edge/ipv4: initialize -> backup", since)
    assert node.router.logged("adopted", since) == []
    assert not node.holds_vip()


def test_the_record_of_this_router(alone):
    """The same steps as below, with nothing changed."""
    killed = kill(alone.node1)
    restart_at_once(alone.node1)
    alone.node1.router.wait_log(r"edge/ipv4: initialize -> active \(adopted", killed)


@pytest.mark.parametrize("change", [other_boot, other_address, other_vrid, no_routers])
def test_a_record_of_something_else(alone, change):
    killed = kill(alone.node1)
    path = record_file(alone.node1)
    record = json.loads(path.read_text())
    change(record)
    path.write_text(json.dumps(record))
    restart_at_once(alone.node1)
    assert_not_adopted(alone.node1, killed)


@pytest.mark.parametrize("text", [None, "", "{", "null", '{"boot_id": 7}'])
def test_a_record_that_is_none(alone, text):
    killed = kill(alone.node1)
    if text is None:
        record_file(alone.node1).unlink()
    else:
        record_file(alone.node1).write_text(text)
    restart_at_once(alone.node1)
    assert_not_adopted(alone.node1, killed)


def test_a_lease_that_is_over(pair):
    killed = kill(pair.node1)
    time.sleep(6)
    assert pair.holders() == [pair.node2]
    restarted = now()
    pair.node1.start_haguard(settings="preempt = false")
    assert_not_adopted(pair.node1, killed)
    time.sleep(pair.group.down("node1"))
    assert pair.node1.state() == "backup"
    assert pair.node2.router.logged("active ->", restarted) == []


def test_without_leases_a_successor_begins_as_backup(make_lab):
    """What a killed daemon left is there for ever: its successor takes it off, as by then the peer
    has it."""
    lab = make_lab(settings='lease = "off"')
    lab.start_pair()
    killed = kill(lab.node1)
    lab.node2.wait_state("active")
    assert lab.node1.holds_vip()
    lab.node1.start_haguard()
    assert_not_adopted(lab.node1, killed)
    assert lab.holders() == [lab.node2]
    lab.node1.wait_active()


# ---- haguard release


def test_release_refuses_while_the_daemon_runs(alone):
    done = alone.node1.router.cli("release")
    assert (done.returncode, done.stdout) == (1, "")
    assert "a daemon is running" in done.stderr
    assert alone.node1.holds_vip()


def test_release_removes_what_was_left(alone):
    kill(alone.node1)
    done = alone.node1.router.cli("release")
    assert (done.returncode, done.stdout) == (0, f"removed {VIP}/32 from etx2\n")
    assert not alone.node1.holds_vip()
    again = alone.node1.router.cli("release")
    assert (again.returncode, again.stdout) == (0, "")


def test_release_keeps_leased_addresses_if_told_to(make_lab):
    """For ExecStopPost=: a restart may adopt those with a lease, the others nobody would remove."""
    lab = make_lab(interval=0.3, settings='lease = "10s"')
    lab.node1.start_haproxy()
    lab.node1.start_haguard()
    lab.node1.wait_active()
    kill(lab.node1)
    forever = "172.28.1.253"
    config = lab.node1.router.config
    config.write_text(config.read_text().replace(f'["{VIP}"]', f'["{VIP}", "{forever}"]'))
    lab.network.ip("node1", "address", "add", f"{forever}/32", "dev", "etx2")
    done = lab.node1.router.cli("release", "--keep-leased")
    assert (done.returncode, done.stdout) == (0, f"removed {forever}/32 from etx2\n")
    assert lab.node1.holds_vip()
    done = lab.node1.router.cli("release")
    assert (done.returncode, done.stdout) == (0, f"removed {VIP}/32 from etx2\n")


def test_release_without_leases(make_lab):
    lab = make_lab(interval=0.3, settings='lease = "off"')
    lab.node1.start_haproxy()
    lab.node1.start_haguard()
    lab.node1.wait_active()
    kill(lab.node1)
    done = lab.node1.router.cli("release", "--keep-leased")
    assert (done.returncode, done.stdout) == (0, f"removed {VIP}/32 from etx2\n")
    assert lab.holders() == []

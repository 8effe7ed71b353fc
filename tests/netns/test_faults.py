"""What goes wrong on the active node, and that its peer serves soon after. The bounds here are for
busy test machines; tests/bench/run.sh measures what a quiet one does."""

import signal
import time

from network import now
from probing import failed

SOON = 1.0  # seconds: far below the 3.6 s that a lost peer takes


def break_and_watch(lab, fault, within):
    """The fault must move the address to node2, and a request must be served there in time.
    Returns what the fault returned."""
    prober = lab.start_prober()
    broken = now()
    outcome = fault()
    served = prober.first_served("proxy-2", broken)
    lab.node2.wait_active()
    prober.stop()
    assert served.done - broken < within
    assert lab.node1.state() == "initialize"
    return outcome


def returns_to_node1(lab):
    lab.node1.wait_active()
    lab.node2.wait_state("backup")


def test_killed_worker(pair):
    pid, broken = break_and_watch(
        pair, lambda: pair.node1.haproxy.signal_worker(signal.SIGKILL), SOON)
    reason = pair.node1.router.instance()["reason"]
    assert reason == f"fault: haproxy: worker {pid} died (signal 9)"
    *_, leaving, gone = pair.node1.adverts(broken)  # fast abdication
    assert (leaving.interval, leaving.priority) == (0.01, 100)
    assert gone.priority == 0
    pair.node1.start_haproxy()
    returns_to_node1(pair)


def test_hung_worker(pair):
    break_and_watch(pair, lambda: pair.node1.haproxy.signal_worker(signal.SIGSTOP), 3)
    pair.node1.haproxy.signal_worker(signal.SIGCONT)
    returns_to_node1(pair)


def test_killed_master(pair):
    break_and_watch(pair, lambda: pair.node1.haproxy.send(signal.SIGKILL), SOON)
    pair.node1.start_haproxy()
    returns_to_node1(pair)


def test_soft_stop(pair):
    break_and_watch(pair, lambda: pair.node1.haproxy.send(signal.SIGUSR1), SOON)


def test_reload_of_haproxy_moves_nothing(pair):
    before = pair.node1.haproxy.worker_pid()
    prober = pair.start_prober()
    since = now()
    pair.node1.haproxy.send(signal.SIGUSR2)
    time.sleep(3)
    assert pair.node1.haproxy.worker_pid() not in (None, before)
    assert pair.holders() == [pair.node1]
    assert pair.node1.router.logged("active ->", since) == []
    assert failed(prober.stop(), since) == []


def test_carrier_loss(pair):
    node1, node2 = pair.node1, pair.node2
    cut = now()
    pair.network.carrier("node1", False)
    gone = node1.router.wait_log(r"edge/ipv4: active -> initialize \(.*etx2.*\)", cut)
    assert gone.time - cut < 0.5
    assert not node1.holds_vip()
    node2.wait_active()

    back = now()
    pair.network.carrier("node1", True)
    backup = node1.router.wait_log(r"edge/ipv4: initialize -> backup", back)
    returns_to_node1(pair)
    # Backup first: it has heard the worse router, and waited for its skew, before its first word.
    heard = node2.adverts(backup.time)[0].time
    skew = pair.group.skew("node1")
    assert skew - 0.05 < node1.adverts(back)[0].time - heard < skew + 0.3


def test_stop_without_a_peer(make_lab):
    lab = make_lab()
    lab.node1.start_haproxy()
    lab.node1.start_haguard()
    lab.node1.wait_active()
    ordered = now()
    assert lab.node1.router.stop() == 0
    assert lab.node1.router.ended_at - ordered < 1.5
    assert lab.holders() == []
    assert lab.node1.haproxy.running()
    assert lab.node1.haproxy.worker_pid()


def test_planned_stop_is_not_noticed_by_clients(pair):
    prober = pair.start_prober()
    ordered = now()
    assert pair.node1.router.stop() == 0
    served = prober.first_served("proxy-2", ordered)
    probes = prober.stop()
    assert served.done - ordered < SOON
    assert len(failed(probes)) <= 1  # the one that was under way


def test_paused_backup_never_speaks(pair):
    node2 = pair.node2
    since = now()
    node2.router.send(signal.SIGSTOP)
    time.sleep(5)  # longer than its down interval
    node2.router.send(signal.SIGCONT)
    time.sleep(1.5)
    assert node2.adverts(since) == []
    assert pair.holders() == [pair.node1]
    assert node2.router.logged("-> active", since) == []
    assert node2.state() == "backup"


def test_no_part_before_health_is_known(make_lab):
    lab = make_lab()
    router = lab.node1.start_haguard()
    lab.node1.wait_state("initialize")
    time.sleep(lab.group.down("node1") + 1)
    assert lab.node1.state() == "initialize"
    assert router.instance()["reason"]
    assert lab.holders() == []
    assert lab.node1.adverts() == []
    lab.node1.start_haproxy()
    lab.node1.wait_active()

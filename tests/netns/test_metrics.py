"""The metrics of a pair that runs, as Prometheus' own tool reads them, and the names of log lines."""

import json
import re
import shutil
import signal
import subprocess

import pytest

from daemons import wait_until
from group import Group
from lab import Lab

PROMTOOL = shutil.which("promtool")
JSON_LOG = '\n[log]\nformat = "json"\n'


@pytest.fixture(scope="module")
def pair():
    with Lab(Group(interval=0.1)) as lab:
        for node in lab.nodes:
            node.start_haproxy()
            node.start_haguard(JSON_LOG)
            lab.node1.wait_active()
        lab.node2.wait_state("backup")
        wait_until(lambda: lab.node2.router.metric("vrrp_active_router_info", address="172.28.1.2"),
                   what="node2 has heard node1")
        yield lab


@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize("role", ["node1", "node2"])
def test_promtool_finds_nothing_to_complain_about(pair, role):
    node = getattr(pair, role)
    code, page = node.router.get("/metrics")
    assert code == 200
    done = subprocess.run([PROMTOOL, "check", "metrics"], input=page, capture_output=True,
                          text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_each_node_tells_its_role(pair):
    for node, active in zip(pair.nodes, (1, 0)):
        assert node.router.metric("vrrp_state", state="active") == active
        assert node.router.metric("node_ready") == 1
        assert node.router.metric("haproxy_up") == 1
        assert node.router.metric("vrrp_active_router_info", address="172.28.1.2") == 1


def test_the_backup_knows_its_peer(pair):
    peer = {"address": "172.28.1.2", "instance": "edge", "family": "ipv4"}
    assert pair.node2.router.metric("vrrp_peer_priority", **peer) == 100
    heard = pair.node2.router.metric("vrrp_peer_last_heard_timestamp_seconds", **peer)
    taken = pair.node2.router.metric("snapshot_timestamp_seconds")
    assert taken - heard < 1


def test_the_process_is_that_of_the_daemon(pair):
    page = pair.node1.router.get("/metrics")[1]
    rows = dict(re.findall(r"^(process_\w+) (\S+)$", page, re.MULTILINE))
    status = open(f"/proc/{pair.node1.router.pid}/status").read()
    resident = int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024
    assert float(rows["process_resident_memory_bytes"]) == pytest.approx(resident, rel=0.2)
    assert 10 < float(rows["process_open_fds"]) < 200
    assert float(rows["process_cpu_seconds_total"]) > 0


def test_each_line_of_the_log_has_its_name(pair):
    pair.node2.router.send(signal.SIGUSR1)
    wait_until(lambda: pair.node2.router.logged('"event":"status"'), what="the status in the log")
    events = [json.loads(line.text) for line in list(pair.node2.router.lines)]
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", event["event"]) for event in events)
    by_name = {event["event"]: event["message"] for event in events}
    assert by_name["started"].startswith("haguard ")
    assert by_name["state-changed"].startswith("edge/ipv4: initialize -> backup")
    assert by_name["check-changed"].startswith("check haproxy: pending -> passing")

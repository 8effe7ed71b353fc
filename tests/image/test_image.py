"""The image as it is: started by a runtime, with the capabilities of docs/containers.md and no
root."""

import json
import os
import signal
import time

import pytest

from container import CAPABILITIES, Containers
from daemons import wait_until
from network import now
from probing import failed

CAPABILITY_BITS = {"NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13}


@pytest.fixture(scope="module")
def pair():
    with Containers() as lab:
        for node in lab.nodes:
            node.start()
        lab.node1.wait_active()
        lab.node2.wait_state("backup")
        yield lab


def test_nobody_is_root_or_has_more_than_it_needs(pair):
    allowed = sum(1 << CAPABILITY_BITS[name] for name in CAPABILITIES)
    running = pair.node1.processes()
    assert {"haguard", "haproxy"} <= {status["Name"] for status in running}
    for status in running:
        assert status["Uid"].split()[1] != "0", status["Name"]
        assert int(status["CapEff"], 16) & ~allowed == 0, status["Name"]


def test_the_client_is_served_and_a_stop_hands_over(pair):
    prober = pair.start_prober()
    since = now()
    pair.podman("stop", pair.node1.container)
    prober.first_served(pair.node2.name, since)
    pair.podman("start", pair.node1.container)
    pair.node1.wait_active(20)
    time.sleep(0.5)
    probes = prober.stop()
    assert len(probes) > 100 and failed(probes, since) == []
    assert "took over after" in pair.node1.log()


def test_haproxy_is_started_again(pair):
    node = pair.node1
    before = json.loads(node.inside("haguard", "status", "--json"))["haproxy"]["master_pid"]
    node.inside("sh", "-c", f"kill -9 {before}")

    def other():
        status = json.loads(node.inside("haguard", "status", "--json"))["haproxy"]
        return status["status"] == "running" and status["master_pid"] != before
    wait_until(other, 15, "another HAProxy", 0.1)
    node.wait_active(30)


def test_haproxy_is_reloaded(pair):
    said = pair.node1.inside("haguard", "proxy", "reload")
    assert "ok" in said


def test_the_health_check_follows_the_daemon(pair):
    node, podman = pair.node2, pair.podman
    podman("healthcheck", "run", node.container)
    pid = node.pid_of("haguard")
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(RuntimeError):
            podman("healthcheck", "run", node.container)
    finally:
        os.kill(pid, signal.SIGCONT)
    podman("healthcheck", "run", node.container)


def test_as_installed_it_refuses_and_says_what_to_edit(pair):
    with pytest.raises(RuntimeError, match="as installed: edit the lines"):
        pair.podman("run", "--rm", "--cgroups=disabled", "--network=none", "--cap-drop=ALL",
                    "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096",
                    *(f"--cap-add={name}" for name in CAPABILITIES), "localhost/haguard")


def test_the_image_is_small(pair):
    sizes = [json.loads(pair.podman("inspect", image))[0]["Size"]
             for image in ("localhost/haguard", "localhost/haguard-base:12")]
    added = (sizes[0] - sizes[1]) / 2**20
    print(f"image {sizes[0] / 2**20:.0f} MiB, of which the base is {sizes[1] / 2**20:.0f} MiB")
    assert added < 64

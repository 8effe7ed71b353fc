"""What a service manager builds on: exit codes, and the release after an end."""

import os
import signal
import subprocess
import sys

import pytest

from daemons import HAGUARD
from network import now

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
COPY = """
import socket, sys, time
metrics = socket.create_server(("127.0.0.1", 9650))
control = socket.socket(socket.AF_UNIX)
control.bind(sys.argv[1])
control.listen()
print("listens", flush=True)
time.sleep(0.5)
"""


@pytest.fixture
def node(make_lab):
    """Active, with an address that no lease ends."""
    lab = make_lab(interval=0.2, settings='lease = "off"')
    lab.node1.start_haproxy()
    lab.node1.start_haguard()
    lab.node1.wait_active()
    return lab.node1


def haguard(node, *arguments, **environment):
    return subprocess.run(
        node.lab.network.command(node.role, HAGUARD, *arguments, "--config", node.router.config),
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True, text=True, timeout=30)


def kill_and_break(node):
    """As somebody does who edits the file of a daemon that is about to crash."""
    node.router.send(signal.SIGKILL)
    node.router.wait()
    node.router.config.write_text("[vrrp\n")
    assert node.holds_vip()


def test_a_refused_configuration_is_not_to_be_tried_again(node):
    kill_and_break(node)
    done = haguard(node, "run", NOTIFY_SOCKET=node.directory / "notify")
    assert done.returncode == 1
    assert "haguard.toml:1:" in done.stderr


def test_a_start_that_may_succeed_later_is(node):
    done = haguard(node, "run", NOTIFY_SOCKET=node.directory / "notify")
    assert done.returncode == TRY_AGAIN
    assert "already running" in done.stderr
    assert haguard(node, "run").returncode == 1, "to a person it is a failure as any other"
    assert node.state() == "active"


def test_what_a_killed_daemon_leaves_listening_is_waited_for(node):
    """Its copy that was to become a program has its sockets until it gets the processor."""
    killed = now()
    node.router.stop(signal.SIGKILL)
    node.directory.joinpath("control.sock").unlink()
    copy = node.lab.spawn(node.role, "a copy", sys.executable, "-c", COPY,
                          node.directory / "control.sock")
    copy.wait_log("listens")
    node.router.start()
    node.router.wait_log("haguard .* started", killed)
    assert copy.wait() == 0


def test_what_is_on_record_goes_though_the_configuration_is_broken(node):
    kill_and_break(node)
    done = haguard(node, "release", "--keep-leased", RUNTIME_DIRECTORY=node.directory / "run")
    assert (done.returncode, done.stdout) == (0, f"removed {node.lab.group.vip}/32 from etx2\n")
    assert "haguard.toml:1:" in done.stderr
    assert not node.holds_vip()


def test_by_hand_nothing_is_guessed(node):
    kill_and_break(node)
    assert haguard(node, "release").returncode == 1
    assert node.holds_vip()


def test_nothing_on_record_is_nothing_to_do(node):
    """Also a first start that was refused."""
    kill_and_break(node)
    done = haguard(node, "release", "--keep-leased", RUNTIME_DIRECTORY=node.directory / "none")
    assert (done.returncode, done.stdout) == (0, "")

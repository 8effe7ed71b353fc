"""haguard is killed in the midst of a reload, or its disk is full: HAProxy serves, and the truth is
known afterwards."""

import os
import pathlib
import re
import signal
import time

import pytest

from conftest import REPORTS
from daemons import wait_until
from group import Group
from lab import Lab
from network import now
from releases import release, tree
from reloading import Traffic, mark, marked, reload, start_haguard, status

BEFORE = ["the request", "collect", "validate", "bind", "note", "reload", "prove"]
DELAYS = [0, 5, 10, 20, 30, 45, 60, 80, 110, 150]  # milliseconds


@pytest.fixture(scope="module")
def shared(tree):
    """One node alone; the client asks for its own address, which no end of a daemon moves."""
    with Lab(Group()) as lab:
        lab.node1.start_haproxy(tree=tree)
        start_haguard(lab.node1, tree)
        lab.node1.wait_active()
        yield lab.node1, Traffic(lab, vip=lab.node1.address)


@pytest.fixture
def node(shared, request):
    node, _ = shared
    request.node.stash[REPORTS] = [node.lab]
    reload(node)
    wait_until(lambda: status(node)["config_in_sync"] is True, what="all is well", interval=0.05)
    return node


@pytest.fixture
def unnoticed(shared, node):
    """In the whole test no request fails."""
    since = now()
    yield
    assert shared[1].failed(since) == []


def ask_for_reload(node):
    return node.lab.spawn(node.role, "the reload", node.router.command[0], "proxy", "reload",
                          "--config", node.router.config)


def drafts(node):
    """Files that nobody has finished."""
    return [path for path in node.directory.rglob("*")
            if re.search(r"\.new$|\.rejected-|~$|\.tmp$", path.name)]


def killed_and_started(node, word):
    """Of what was cut off there is no trace but the truth."""
    node.router.stop(signal.SIGKILL)
    node.router.start()
    wait_until(lambda: node.router.cli("proxy", "status").returncode == 0, what="it answers")
    wait_until(lambda: (status(node)["reload_step"] == ""
                        and status(node)["config_in_sync"] is not None
                        and status(node)["worker_pid"] == node.haproxy.worker_pid()),
               what="it has looked", interval=0.02)
    # An order that left just before the kill may still be carried out.
    wait_until(lambda: status(node)["config_in_sync"] is (marked(node) == word),
               what=f"the truth about {word}", interval=0.05)
    before = status(node)["last_reload"]
    # What the new daemon is just writing has such a name as well, but not for long.
    wait_until(lambda: drafts(node) == [], what="nothing unfinished is left")
    taken = marked(node) == word
    reload(node)
    assert marked(node) == word
    assert status(node)["config_in_sync"] is True
    return taken, before and (before["by"], before["result"])


@pytest.mark.parametrize("step", BEFORE)
def test_killed_after(node, unnoticed, step):
    word = f"after-{step.replace(' ', '-')}"
    mark(node, word)
    since = now()
    asked = ask_for_reload(node)
    if step != "the request":
        node.router.wait_log(f"reload: {step} ok", since)
    print(step, killed_and_started(node, word))
    assert asked.wait() in (0, 1)  # it was cut off, or was just over


@pytest.mark.parametrize("delay", DELAYS)
def test_killed_at(node, unnoticed, delay):
    mark(node, f"delay-{delay}")
    since = now()
    ask_for_reload(node)
    node.router.wait_log("reload: collect ok", since)
    time.sleep(delay / 1000)
    print(delay, killed_and_started(node, f"delay-{delay}"))


@pytest.mark.parametrize("delay", [0, 2, 5, 10, 20, 40])
def test_killed_in_a_rollback(node, unnoticed, delay):
    """The files that are on disk afterwards are whole, and one of the two."""
    texts = []
    for word in ("one", "two"):
        mark(node, f"{word}-{delay}")
        reload(node)
        wait_until(lambda: status(node)["running_generation"], what="it is kept", interval=0.05)
        texts.append(node.haproxy.config.read_text())
    watched = node.haproxy.config.stat().st_ino
    node.lab.spawn(node.role, "the rollback", node.router.command[0], "proxy", "rollback",
                   "--config", node.router.config)
    wait_until(lambda: drafts(node) or node.haproxy.config.stat().st_ino != watched,
               what="it has begun", interval=0.0005)
    time.sleep(delay / 1000)
    node.router.stop(signal.SIGKILL)
    node.router.start()
    wait_until(lambda: node.router.cli("proxy", "status").returncode == 0, what="it answers")
    wait_until(lambda: status(node)["config_in_sync"] is not None, what="it has looked")
    assert node.haproxy.config.read_text() in texts
    left = drafts(node)
    print(delay, texts.index(node.haproxy.config.read_text()), left)
    assert [path.read_text() for path in left if ".rejected-" not in path.name] == []
    reload(node)
    assert marked(node) in node.haproxy.config.read_text()
    for path in left:
        path.unlink()


def test_full_disk(node, unnoticed):
    """The state is on a file system that fills up; one that haguard alone sees."""
    state = node.directory / "state"
    plain = node.router.command
    node.router.stop(signal.SIGKILL)
    node.router.command = ["sh", "-c", 'mount -t tmpfs -o size=256k none "$0" && exec "$@"', state,
                           *plain]
    try:
        node.router.start()
        wait_until(lambda: node.router.cli("proxy", "status").returncode == 0, what="it answers")
        wait_until(lambda: status(node)["running_generation"], what="a generation", interval=0.05)
        fill(pathlib.Path(f"/proc/{node.router.pid}/root{state}/ballast"))
        mark(node, "full")
        since = now()
        assert "collect" in reload(node)
        assert marked(node) == "full"
        assert status(node)["config_in_sync"] is True
        node.router.wait_log("No space left on device", since)
        assert node.router.running()
        os.unlink(f"/proc/{node.router.pid}/root{state}/ballast")
        mark(node, "room")
        reload(node)
        wait_until(lambda: status(node)["running_generation"], what="one is kept", interval=0.05)
    finally:
        node.router.stop(signal.SIGKILL)
        node.router.command = plain
        node.router.start()
        wait_until(lambda: node.router.cli("proxy", "status").returncode == 0, what="it answers")


def fill(path):
    with path.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass

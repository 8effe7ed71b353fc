"""Reloads of HAProxy that an operator asks for, good and bad, of every version that has to work.
Whatever is wrong with the files, clients see nothing of it."""

import contextlib
import os
import re
import signal
import socket

import pytest

from conftest import REPORTS
from daemons import wait_until
from network import inside, now
from releases import release, tree
from reloading import (counted, mark, marked, refused, reload, reloading_pair, reloads, status,
                       together, wait_worker, well_again)

STEPS = ["collect", "validate", "bind", "note", "reload", "prove", "listener"]
PAUSE = 600  # requests at most while HAProxy's listeners pause for 2 s


@pytest.fixture(scope="module")
def shared(tree):
    with reloading_pair(tree) as made:
        yield made


@pytest.fixture
def pair(shared, request):
    request.node.stash[REPORTS] = [shared[0]]
    return well_again(*shared)


@contextlib.contextmanager
def stranger(node, port):
    """Somebody else listens there."""
    with inside(node.lab.network.name(node.role)):
        line = socket.create_server(("0.0.0.0", port))
    with line:
        yield


def frontend(bind, more=""):
    return f"frontend more\n    bind {bind}\n    {more}\n"


# ---- good ones


def test_clean(pair):
    node = pair.active
    before = node.haproxy.worker_pid()
    mark(node, "clean")
    wait_until(lambda: status(node)["config_in_sync"] is False, what="the change is seen",
               interval=0.05)
    assert "files on disk: they differ from what runs" in node.router.cli("proxy", "status").stdout
    assert node.router.metric("haproxy_config_in_sync") == 0
    with pair.steady(), counted(node, ok=1):
        assert reload(node) == STEPS
    assert marked(node) == "clean"
    told = status(node)
    assert told["worker_pid"] == node.haproxy.worker_pid() != before
    assert told["last_reload"]["result"] == "ok"
    assert told["last_reload"]["detail"] == f"worker {before} -> {node.haproxy.worker_pid()}"
    assert told["config_in_sync"] is True
    assert node.router.metric("haproxy_config_in_sync") == 1
    assert "files on disk" not in node.router.cli("proxy", "status").stdout


def test_new_listener(pair):
    mark(pair.active, "wider", frontend("0.0.0.0:8081"))
    with pair.steady():
        reload(pair.active)
    with inside(pair.lab.network.name(pair.active.role)):
        socket.create_connection(("127.0.0.1", 8081), 2).close()


@pytest.mark.parametrize("count", [2, 5])
def test_at_once(pair, count):
    """Whoever asks while a reload runs gets the next one, and all of them share it."""
    node = pair.active
    mark(node, f"together-{count}")
    before = reloads(node.haproxy)
    with pair.steady():
        answers = together(count, lambda: node.router.cli("proxy", "reload"))
    assert [answer.returncode for answer in answers] == [0] * count, answers
    assert reloads(node.haproxy) - before in (1, 2)
    assert marked(node) == f"together-{count}"


# ---- refused, without a word to HAProxy

REFUSED = {
    "unknown keyword": (frontend(":8082", "no-such-keyword"),
                        r"haproxy\.cfg:\d+\].*'no-such-keyword'"),
    "absent address": (frontend("172.28.1.77:8083"),
                       r"bind 172\.28\.1\.77:8083 \(\S+haproxy\.cfg:\d+\): \w+"),
    "missing map": (frontend(":8084", "http-request set-header X-Map %[src,map(/no/such.map,-)]"),
                    r"/no/such\.map"),
    "missing ACL file": (frontend(":8084", "acl known src -f /no/such.acl"), r"/no/such\.acl"),
    "missing certificate": (frontend(":8085 ssl crt /no/such.pem"), r"/no/such\.pem"),
    "unknown server name": ("backend far\n    server one no-such-name.invalid:80\n",
                            r"no-such-name\.invalid"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_refused(pair, fault):
    sections, reason = REFUSED[fault]
    node = pair.active
    before = node.haproxy.worker_pid(), reloads(node.haproxy)
    mark(node, "refused", sections)
    with pair.steady(), counted(node, refused=1):
        refused(node, reason)
    assert (node.haproxy.worker_pid(), reloads(node.haproxy)) == before
    assert status(node)["config_in_sync"] is False
    assert "a restart would not load them" in status(node)["config_detail"]


def test_the_line_is_quoted(pair):
    """File and line of what is wrong."""
    mark(pair.active, "quoted", "frontend more\n    bind :8082\n    no-such-keyword\n")
    lines = pair.active.haproxy.config.read_text().splitlines()
    number = lines.index("    no-such-keyword") + 1
    with pair.steady():
        refused(pair.active, rf"{re.escape(str(pair.active.haproxy.config))}:{number}\b")


def test_port_of_a_stranger(pair):
    node = pair.active
    mark(node, "taken", frontend("0.0.0.0:8086"))
    before = node.haproxy.worker_pid(), reloads(node.haproxy)
    with stranger(node, 8086), pair.steady():
        refused(node, r"bind 0\.0\.0\.0:8086 \(\S+haproxy\.cfg:\d+\): .*in use")
    assert (node.haproxy.worker_pid(), reloads(node.haproxy)) == before
    with pair.steady():
        reload(node)  # now that it is free


# ---- by somebody else


def test_signal(pair):
    node = pair.active
    before = node.haproxy.worker_pid()
    mark(node, "signal")
    with pair.steady(), counted(node, ok=1):
        node.haproxy.send(signal.SIGUSR2)
        wait_worker(node, before)
        wait_until(lambda: status(node)["last_reload"]["by"] == "other", what="it is told")
    assert marked(node) == "signal"
    assert status(node)["last_reload"]["result"] == "ok"
    assert status(node)["config_in_sync"] is True


def test_signal_with_a_syntax_error(pair):
    node = pair.active
    before = node.haproxy.worker_pid()
    mark(node, "signal-bad", "no-such-section\n")
    with pair.steady(), counted(node, failed=1):
        node.haproxy.send(signal.SIGUSR2)
        wait_until(lambda: status(node)["last_reload"]["result"] == "failed", what="it is told")
    assert status(node)["last_reload"]["by"] == "other"
    assert status(node)["worker_pid"] == before == node.haproxy.worker_pid()
    assert status(node)["config_in_sync"] is False
    assert "reload failed" in [each["warning"] for each in status(node)["warnings"]]


def test_signal_with_a_taken_port(pair):
    """HAProxy pauses its listeners for 2 s and tries again: only it could tell before."""
    node = pair.active
    before = node.haproxy.worker_pid()
    mark(node, "signal-taken", frontend("0.0.0.0:8087"))
    with stranger(node, 8087), pair.steady(PAUSE), counted(node, failed=1):
        node.haproxy.send(signal.SIGUSR2)
        wait_until(lambda: status(node)["last_reload"]["result"] == "failed", what="it is told")
    assert status(node)["worker_pid"] == before == node.haproxy.worker_pid()
    with pair.steady():
        reload(node)


# ---- HAProxy dies


def test_crash_in_probation(pair):
    node = pair.active
    mark(node, "crash")
    before = status(node)["reloads"]
    with counted(node, ok=1, failed=1):
        reload(node)
        node.haproxy.signal_worker(signal.SIGSEGV)
        pair.standby.wait_active()
        wait_until(lambda: status(node)["last_reload"]["result"] == "failed", what="it is told")
    *earlier, last = status(node)["reloads"]
    assert earlier == before
    assert re.search(r", \d\.\d s after the reload$", last["detail"]), last


def test_restart_while_it_validates(pair):
    node = pair.active
    mark(node, "restart")
    (node.directory / "hold").touch()
    asked = pair.lab.spawn(node.role, "the reload", node.router.command[0], "proxy", "reload",
                           "--config", node.router.config)
    wait_until(lambda: status(node)["reload_step"] == "validate", what="it validates")
    node.haproxy.stop(signal.SIGKILL)
    pair.standby.wait_active()
    node.haproxy.start()
    (node.directory / "hold").unlink()
    assert asked.wait() == 1
    assert asked.logged("master"), asked.lines
    wait_until(lambda: status(node)["config_in_sync"] is True, what="it reads the files anew")
    node.wait_state("backup")
    reload(node)


def test_nobody_to_reload(pair):
    node = pair.standby
    node.haproxy.stop(signal.SIGKILL)
    wait_until(lambda: status(node)["status"] == "dead", what="it is known")
    done = node.router.cli("proxy", "reload")
    assert (done.returncode, "HAProxy is not running" in done.stderr) == (1, True), done.stderr


def test_hanging_worker(pair):
    """It keeps its listeners, and the kernel gives it a share of the connections: that is told."""
    node = pair.active
    old, _ = node.haproxy.signal_worker(signal.SIGSTOP)
    pair.standby.wait_active()
    done = node.router.cli("proxy", "reload")
    print(done.stdout)
    assert f"end it with `kill -KILL {old}`" in done.stdout + done.stderr
    assert "there is none that may be asked" not in done.stdout
    assert pair.lab.holders() == [pair.standby]
    assert f"worker {old} hung and has not ended" in node.router.instance()["reason"]
    os.kill(old, signal.SIGKILL)
    node.wait_state("backup")
    reload(node)
    with inside(pair.lab.network.name(node.role)):
        for _ in range(20):
            with socket.create_connection(("127.0.0.1", 80), 2) as line:
                line.sendall(b"GET / HTTP/1.0\r\n\r\n")
                assert line.recv(64)
    assert pair.lab.holders() == [pair.standby]

"""What wants an engineer and is no outage of HAProxy: it is told, and the role stays."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

import pytest

from daemons import HAPROXY, ask, wait_until
from network import inside, now
from releases import (GROUP, MOST, SETTINGS, VERSIONS, pair, release, shared, start_pair, tree,
                      unmoved, wait_no_warnings, wait_warning, warnings)

SLOTS = 10  # clients of the stats socket at a time, HAProxy's default


def reload(node):
    """Until haguard asks the new worker."""
    before = node.haproxy.worker_pid()
    node.haproxy.send(signal.SIGUSR2)
    wait_until(lambda: node.router.status()["haproxy"]["worker_pid"] not in (0, before),
               what=f"a new worker on {node.role}", interval=0.02)


def connect(node, count, port=80):
    """Connections from the machine itself."""
    with inside(node.lab.network.name(node.role)):
        return [socket.create_connection(("127.0.0.1", port), 5) for _ in range(count)]


def close(clients):
    for client in clients:
        client.close()


def test_stopped_master(pair):
    haproxy = pair.active.haproxy
    with unmoved(pair.lab):
        haproxy.send(signal.SIGSTOP)
        try:
            why = wait_warning(pair.active, "master silent", 30)  # it is asked every 10 s
        finally:
            haproxy.send(signal.SIGCONT)
        assert why == f"{haproxy.master_socket}: no answer for 5 s"
        wait_no_warnings(pair.active)


def leak(node):
    """Clients of the stats socket that were forgotten in an interactive session."""
    clients = []
    for _ in range(SLOTS):
        clients.append(socket.socket(socket.AF_UNIX))
        clients[-1].connect(str(node.haproxy.admin_socket))
        clients[-1].sendall(b"prompt\n")
    return clients


@pytest.mark.parametrize("line", ["", f"stats maxconn {SLOTS}"])
def test_leaked_stats_clients(pair, line):
    for node in (pair.standby, pair.active):
        node.haproxy.configure(f"{SETTINGS}\n    {line}")
        reload(node)
    leaked = [client for node in pair.lab.nodes for client in leak(node)]
    try:
        with unmoved(pair.lab):
            time.sleep(3)
            assert [warnings(node) for node in pair.lab.nodes] == [{}, {}]
        # A new haguard finds no place to ask, but a listener that answers.
        for node in (pair.standby, pair.active):
            node.router.stop()
            since = now()
            node.router.start()
            node.wait_state("backup")
            socket_file = re.escape(str(node.haproxy.admin_socket))
            assert re.fullmatch(
                rf"{socket_file}: no answer for \d+\.\d s, but 127\.0\.0\.1:80 does: "
                r"are all slots of `stats maxconn` taken\?",
                wait_warning(node, "stats socket silent"))
            assert node.router.logged("-> dead|fault: haproxy", since) == []
        with unmoved(pair.lab):
            time.sleep(2)
            assert pair.lab.holders() == [pair.standby]
            close(leaked)
            for node in pair.lab.nodes:
                wait_no_warnings(node)
    finally:
        close(leaked)


def test_saturation(pair):
    clients = []
    with unmoved(pair.lab):
        try:
            clients = connect(pair.active, MOST)
            assert wait_warning(pair.active, "saturated") == f"{MOST} of {MOST} connections"
            time.sleep(2.5)
            assert "saturated" in warnings(pair.active)
        finally:
            close(clients)
        wait_no_warnings(pair.active)


def test_failed_reload(pair):
    haproxy = pair.active.haproxy
    worker = haproxy.worker_pid()
    with unmoved(pair.lab):
        haproxy.configure(f"{SETTINGS}\n    nonsense")
        haproxy.send(signal.SIGUSR2)
        assert "the worker goes on" in wait_warning(pair.active, "reload failed")
        assert pair.active.router.status()["haproxy"]["worker_pid"] == worker
        haproxy.configure(SETTINGS)
        reload(pair.active)
        wait_no_warnings(pair.active)


def test_former_worker_that_is_killed(pair):
    former = pair.active.haproxy.worker_pid()
    with unmoved(pair.lab):
        [client] = connect(pair.active, 1)
        with client:
            client.sendall(b"GET / HTTP/1.1\r\n")  # a request under way keeps its worker
            since = now()
            reload(pair.active)
            os.kill(former, signal.SIGABRT)
            pair.active.router.wait_log(
                rf"haproxy: former worker {former} died \(signal 6\)", since)
        time.sleep(1)
        assert pair.active.router.status()["haproxy"]["status"] == "running"
    wait_until(lambda: pair.active.router.status()["haproxy"]["old_workers"] == 0,
               what="no former worker is left")


# ---- servers behind it


class Server:
    """Accepts connections on a node and says nothing."""

    def __init__(self, node, port):
        with inside(node.lab.network.name(node.role)):
            self.listener = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.listener.accept()[0].close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


SERVERS = """\
    use_backend be if { path /app }
backend be
    default-server check inter 100ms fall 2 rise 2
    server one 127.0.0.1:8001
    server two 127.0.0.1:8002
"""
POOL = """
[[check]]
name = "pool"
type = "haproxy"
backends = { be = 1 }
interval = "200ms"
"""


def test_servers_of_a_backend(make_lab, tree):
    lab = make_lab(**GROUP)
    servers = {(node, port): Server(node, port) for node in lab.nodes for port in (8001, 8002)}
    start_pair(lab, tree, POOL, sections=SERVERS)

    def usable():
        rows = ask(lab.node1.haproxy.admin_socket, "show stat be 4 -1").splitlines()
        header = rows[0].lstrip("# ").split(",").index("status")
        return sum(row.split(",")[header].startswith("UP") for row in rows[1:] if row)

    with unmoved(lab):  # one is as many as it has to have
        servers[lab.node1, 8001].close()
        wait_until(lambda: usable() == 1, what="one server is down")
        time.sleep(1.5)
    since = now()
    servers[lab.node1, 8002].close()
    lab.node1.router.wait_log(
        r"check pool: passing -> failing .*backend be has 0 of 1 servers", since)
    lab.node2.wait_active()
    assert lab.node1.router.instance()["reason"] == "fault: pool: backend be has 0 of 1 servers"
    status = lab.node1.router.status()
    assert {check["name"]: check["status"] for check in status["checks"]} == {
        "haproxy": "passing", "pool": "failing"}
    Server(lab.node1, 8002)
    lab.node1.wait_state("backup")
    assert lab.holders() == [lab.node2]


# ---- another version


def old_haproxy(directory):
    """This machine's HAProxy in a place of its own, with the libraries that a newer release does
    not have; the command that runs it there."""
    binary = directory / "haproxy"
    shutil.copy(HAPROXY, binary)
    libraries = subprocess.run(["ldd", HAPROXY], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"=> (\S*/liblua\S+)", libraries):
        shutil.copy(library, directory)
    return ["env", f"LD_LIBRARY_PATH={directory}", binary]


@pytest.mark.parametrize("release", ["debian13"], indirect=True)
def test_upgrade_by_a_reload(make_lab, release, tree):
    """From the older one: the master starts the program that is in its place now."""
    lab = make_lab(**GROUP)
    node = lab.node1
    node.start_haproxy(tree=tree, program=old_haproxy(node.directory))
    node.start_haguard()
    node.wait_active()
    assert node.router.status()["haproxy"]["version"].startswith(VERSIONS["debian12"])
    with unmoved(lab, [node]):
        (node.directory / "haproxy").unlink()
        shutil.copy(f"{tree}{HAPROXY}", node.directory / "haproxy")
        reload(node)
        wait_until(lambda: node.router.status()["haproxy"]["old_workers"] == 0,
                   what="the old worker is gone")
        status = node.router.status()["haproxy"]
        assert status["version"].startswith(VERSIONS["debian13"])
        assert (status["master_pid"], status["warnings"]) == (node.haproxy.pid, [])
        time.sleep(1)

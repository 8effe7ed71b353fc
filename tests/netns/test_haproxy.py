"""What haguard makes of whatever can happen to HAProxy, with the oldest and the newest HAProxy that
Debian supports. Every node gets its turn as the Active one: without preemption a repaired node waits
for the next fault of the other."""

import contextlib
import os
import re
import signal
import socket
import threading
import time

import pytest

from conftest import REPORTS
from daemons import ask, wait_until
from group import Group
from lab import Lab
from network import inside, now

MOST = 20  # connections at a time
SLOTS = 10  # clients of the stats socket at a time, HAProxy's default
SETTINGS = f"maxconn {MOST}"
GROUP = dict(interval=0.2, settings="preempt = false")
VERSIONS = {"debian12": "2.6.", "debian13": "3.0."}
# The bounds are for busy machines.
SOON = 2.0  # for what a process tells by its end
LATER = 6.0  # for what is asked for, three times over


@pytest.fixture(scope="module", params=VERSIONS)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def tree(release):
    if release == "debian12":
        return None
    found = os.environ.get("DEBIAN13_TREE", "")
    assert os.path.exists(f"{found}/usr/sbin/haproxy"), "DEBIAN13_TREE: see debian13.sh"
    return found


class Roles:
    """Who is who at the moment."""

    def __init__(self, lab):
        self.lab = lab
        self.active, self.standby = sorted(lab.nodes, key=lambda node: not node.held())

    def settled(self):
        return (self.lab.holders() == [self.active] and self.active.state() == "active"
                and self.standby.state() == "backup")


def start_pair(lab, tree, checks="", settings=SETTINGS, sections=""):
    for node in lab.nodes:
        node.start_haproxy(tree=tree, settings=settings, sections=sections)
        node.start_haguard(checks)
        if node is lab.node1:
            node.wait_active()
    lab.node2.wait_state("backup")


@pytest.fixture(scope="module")
def shared(tree):
    with Lab(Group(**GROUP)) as lab:
        start_pair(lab, tree)
        yield lab


@pytest.fixture
def pair(shared, request):
    """All is well; of every test that leaves it so, the next one takes it over."""
    request.node.stash[REPORTS] = [shared]
    for node in shared.nodes:
        if not node.haproxy.running():
            node.haproxy.start()
    wait_until(lambda: Roles(shared).settled(), what="the pair is well again", interval=0.05)
    return Roles(shared)


def changes(lab):
    return [node.router.instance().get("transitions") for node in lab.nodes]


def warnings(node):
    """Of HAProxy: what -> why."""
    return {each["warning"]: each["detail"] for each in node.router.status()["haproxy"]["warnings"]}


def wait_warning(node, what, timeout=20):
    return wait_until(lambda: warnings(node).get(what), timeout, f"{node.role} warns: {what}", 0.05)


def wait_no_warnings(node, timeout=20):
    wait_until(lambda: warnings(node) == {}, timeout, f"{node.role} warns of nothing", 0.05)


@contextlib.contextmanager
def unmoved(lab):
    """Meanwhile no node changes its state."""
    before = changes(lab), lab.holders()
    yield
    assert (changes(lab), lab.holders()) == before


def falls(pair, fault, reason, within):
    """The fault moves the role to the standby, and that is all that changes. `reason`: a regular
    expression with what the fault returned as {}."""
    before = [node.router.instance()["transitions"] for node in (pair.active, pair.standby)]
    since = now()
    told = fault()
    took = pair.standby.router.wait_log(r"edge/ipv4: backup -> active", since)
    assert took.time - since < within
    pair.standby.wait_active()
    instance = pair.active.router.instance()
    assert instance["state"] == "initialize"
    assert re.fullmatch("fault: haproxy: " + reason.format(told), instance["reason"]), instance
    after = [node.router.instance()["transitions"] for node in (pair.active, pair.standby)]
    assert [b - a for a, b in zip(before, after)] == [1, 1]
    status = pair.standby.router.status()
    assert (status["haproxy"]["status"], status["haproxy"]["warnings"]) == ("running", [])


def comes_back(pair):
    """The node that fell takes part again, and leaves the role where it is."""
    pair.active.wait_state("backup")
    assert pair.lab.holders() == [pair.standby]
    status = pair.active.router.status()["haproxy"]
    assert (status["status"], status["worker_pid"]) == (
        "running", pair.active.haproxy.worker_pid())
    wait_no_warnings(pair.active)


def connect(node, count, port=80):
    """Connections from the machine itself."""
    with inside(node.lab.network.name(node.role)):
        return [socket.create_connection(("127.0.0.1", port), 5) for _ in range(count)]


def reload(node):
    """Until haguard asks the new worker."""
    before = node.haproxy.worker_pid()
    node.haproxy.send(signal.SIGUSR2)
    wait_until(lambda: node.router.status()["haproxy"]["worker_pid"] not in (0, before),
               what=f"a new worker on {node.role}", interval=0.02)


def close(clients):
    for client in clients:
        client.close()


# ---- the end of a process


def test_its_version_is_told(pair, release):
    for node in pair.lab.nodes:
        status = node.router.status()["haproxy"]
        assert status["version"].startswith(VERSIONS[release])
        assert (status["status"], status["master_pid"], status["warnings"]) == (
            "running", node.haproxy.pid, [])


@pytest.mark.parametrize("signum", [signal.SIGKILL, signal.SIGSEGV])
def test_killed_worker(pair, signum):
    falls(pair, lambda: pair.active.haproxy.signal_worker(signum)[0],
          rf"worker {{}} died \(signal {int(signum)}\)", SOON)
    pair.active.haproxy.wait()  # its master follows
    pair.active.haproxy.start()
    comes_back(pair)


def test_killed_master(pair):
    master = pair.active.haproxy.pid
    falls(pair, lambda: pair.active.haproxy.send(signal.SIGKILL),
          rf"master {master} died \(signal 9\)", SOON)
    pair.active.haproxy.wait()
    pair.active.haproxy.start()
    comes_back(pair)


def test_soft_stop(pair):
    worker = pair.active.haproxy.worker_pid()
    falls(pair, lambda: pair.active.haproxy.send(signal.SIGUSR1),
          rf"worker {worker} (is stopping and has no successor|exited with code 0)", SOON)
    assert pair.active.haproxy.wait() == 0, "haguard holds nothing that keeps it alive"
    pair.active.haproxy.start()
    comes_back(pair)


def test_restart_by_the_service_manager(pair):
    """Its ports are closed meanwhile, so the other node serves."""
    since = now()
    pair.active.haproxy.stop()
    pair.active.haproxy.start()
    pair.active.router.wait_log(r"haproxy: running -> (dead|stopping)", since)
    pair.active.router.wait_log(r"edge/ipv4: active -> initialize \(fault: haproxy: ", since)
    took = pair.standby.router.wait_log(r"edge/ipv4: backup -> active", since)
    assert took.time - since < SOON
    pair.standby.wait_active()
    comes_back(pair)


# ---- a process that goes on and does not serve


def test_stopped_worker(pair):
    worker = pair.active.haproxy.worker_pid()
    falls(pair, lambda: pair.active.haproxy.signal_worker(signal.SIGSTOP),
          rf"no answer on the stats socket for 600 ms \(worker {worker}\)", LATER)
    pair.active.haproxy.signal_worker(signal.SIGCONT)
    comes_back(pair)


def test_disabled_frontend(pair):
    falls(pair, lambda: ask(pair.active.haproxy.admin_socket, "disable frontend web"),
          "no frontend is OPEN", LATER)
    ask(pair.active.haproxy.admin_socket, "enable frontend web")
    comes_back(pair)


def test_paused_listeners(pair):
    falls(pair, lambda: pair.active.haproxy.send(signal.SIGTTOU), "no frontend is OPEN", LATER)
    pair.active.haproxy.send(signal.SIGTTIN)
    comes_back(pair)


# ---- what is no outage


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
            pair.active.router.wait_log(rf"haproxy: former worker {former} died \(signal 6\)", since)
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
    lab.node1.router.wait_log(r"check pool: passing -> failing .*backend be has 0 of 1 servers", since)
    lab.node2.wait_active()
    assert lab.node1.router.instance()["reason"] == "fault: pool: backend be has 0 of 1 servers"
    status = lab.node1.router.status()
    assert {check["name"]: check["status"] for check in status["checks"]} == {
        "haproxy": "passing", "pool": "failing"}
    Server(lab.node1, 8002)
    lab.node1.wait_state("backup")
    assert lab.holders() == [lab.node2]

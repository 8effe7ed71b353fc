"""haguard runs HAProxy itself: starts it, brings it back, adopts it after its own crash, and stops it
last."""

import contextlib
import os
import pathlib
import signal
import socket

import pytest

from daemons import Haproxy, ask, wait_until
from network import inside, now
from probing import failed


class ManagedHaproxy(Haproxy):
    """Its files and its sockets; haguard owns the processes."""

    def __init__(self, node):
        super().__init__(node.lab.network, node.role, node.name, node.directory)
        self.pid_file = self.directory / "haproxy.pid"

    @property
    def pid(self):
        return int(self.pid_file.read_text())

    def running(self):
        try:
            return pathlib.Path(f"/proc/{self.pid}/comm").read_text() == "haproxy\n"
        except (OSError, ValueError):
            return False

    def masters(self):
        """All that were started with this configuration, and are not children of one another."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (str(self.master_socket) in (process / "cmdline").read_text()
                        and (process / "comm").read_text() == "haproxy\n"):
                    found.append((int(process.name), parent(int(process.name))))
            except OSError:
                pass  # it has just ended
        pids = {pid for pid, _ in found}
        return [pid for pid, above in found if above not in pids]

    def destroy(self):
        for pid in self.masters():
            os.kill(pid, signal.SIGKILL)


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def start_managed(node, haproxy="", on_failure="keep", drain="1s"):
    node.haproxy = node.lab.own(ManagedHaproxy(node))
    if haproxy:
        node.haproxy.config.write_text(haproxy)
    settings = f"""[haproxy]
mode = "managed"
pid_file = "{node.haproxy.pid_file}"
config = ["{node.haproxy.config}"]
reload.on_failure = "{on_failure}"
drain.timeout = "{drain}"
"""
    return node.start_haguard(edit=lambda text: text.replace("[haproxy]\n", settings))


def haproxy_status(node):
    status = node.router.status()
    return status["haproxy"] if status else {"status": "no answer"}


def wait_running(node):
    wait_until(lambda: haproxy_status(node)["status"] == "running", what="HAProxy runs",
               interval=0.05)


@pytest.fixture
def pair(make_lab):
    lab = make_lab(interval=0.2, settings="preempt = false")
    start_managed(lab.node1)
    lab.node1.wait_active()
    start_managed(lab.node2)
    lab.node2.wait_state("backup")
    return lab


@pytest.fixture
def node(make_lab):
    return make_lab(interval=0.2).node1


def test_starts_it(pair):
    haproxy = pair.node1.haproxy
    status = haproxy_status(pair.node1)
    assert (status["mode"], status["status"], status["master_pid"], status["detail"]) == (
        "managed", "running", haproxy.pid, "")
    assert parent(haproxy.pid) == pair.node1.router.pid
    assert os.getsid(haproxy.pid) == haproxy.pid, "a session of its own"
    assert os.readlink(f"/proc/{haproxy.pid}/cwd") == "/"
    assert os.sched_getscheduler(haproxy.pid) == os.SCHED_OTHER
    environment = pathlib.Path(f"/proc/{haproxy.pid}/environ").read_bytes()
    assert b"NOTIFY_SOCKET" not in environment
    pair.node1.router.wait_log(rf"haproxy: started, master {haproxy.pid}$")
    pair.node1.router.wait_log(r"haproxy: \| .*New worker")


def test_killed_worker_moves_the_role_and_comes_back(pair):
    first = pair.node1.haproxy.pid
    since = now()
    pair.node1.haproxy.signal_worker(signal.SIGKILL)
    pair.node2.wait_active()
    pair.node1.router.wait_log(r"haproxy: exited with code 137.*starting again in 0\.1 s", since)
    pair.node1.wait_state("backup")
    assert pair.holders() == [pair.node2]
    assert pair.node1.haproxy.masters() == [pair.node1.haproxy.pid]
    assert pair.node1.haproxy.pid != first


def test_an_end_with_code_zero_is_no_reason_to_stay_away(pair):
    since = now()
    os.kill(pair.node1.haproxy.pid, signal.SIGTERM)  # somebody's mistake
    pair.node1.router.wait_log(r"haproxy: exited with code 0.*starting again", since)
    pair.node2.wait_active()
    pair.node1.wait_state("backup")
    wait_running(pair.node1)


def test_broken_file(node):
    start_managed(node, haproxy="global\n    bogus\n")
    started = node.router.wait_log(r"starting again in 0\.4 s")
    assert "unknown keyword 'bogus' in 'global'" in started.text
    node.router.wait_log(r"starting again in 0\.8 s")
    detail = wait_until(lambda: haproxy_status(node).get("detail"), what="a detail")
    assert "unknown keyword 'bogus'" in detail and "starting again in" in detail, detail
    assert node.state() == "initialize"
    node.haproxy.configure("stats maxconn 64")
    node.wait_active()
    assert node.haproxy.masters() == [node.haproxy.pid]


def test_last_good_files_come_back(node):
    start_managed(node, on_failure="restore")
    node.wait_active()
    good = node.haproxy.config.read_text()
    wait_until(lambda: haproxy_status(node)["generations"], what="a generation", interval=0.05)
    node.haproxy.config.write_text("global\n    bogus\n")
    wait_until(lambda: haproxy_status(node)["config_in_sync"] is False, what="the change is seen")
    since = now()
    node.haproxy.signal_worker(signal.SIGKILL)
    node.router.wait_log(r"haproxy: generation \d+ was put back", since)
    node.wait_active()
    assert node.haproxy.config.read_text() == good
    rejected = list(node.directory.glob("haproxy.cfg.rejected-*"))
    assert [path.read_text() for path in rejected] == ["global\n    bogus\n"]


def test_killed_haguard_adopts_it(pair):
    """Under traffic, and without a request that fails."""
    prober = pair.start_prober()
    master, worker = pair.node1.haproxy.pid, pair.node1.haproxy.worker_pid()
    pair.node1.router.send(signal.SIGKILL)
    pair.node1.router.wait()
    pair.node1.router.start()
    pair.node1.router.wait_log(rf"haproxy: master {master} runs already: adopted")
    wait_running(pair.node1)
    pair.node1.wait_active()
    assert pair.node1.haproxy.masters() == [master]
    assert (pair.node1.haproxy.pid, pair.node1.haproxy.worker_pid()) == (master, worker)
    assert failed(prober.stop()) == []
    # It is watched, though it is nobody's child any more.
    os.kill(master, signal.SIGKILL)
    pair.node2.wait_active()
    pair.node1.wait_state("backup")


def test_no_haguard_reads_what_it_prints(node):
    """A full pipe holds nothing up."""
    start_managed(node)
    node.wait_active()
    master = node.haproxy.pid
    node.router.send(signal.SIGKILL)
    node.router.wait()
    end = os.open(node.directory / "run" / "haproxy.log", os.O_RDWR | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        while True:
            os.write(end, b"x" * 4096)
    worker = node.haproxy.worker_pid()
    os.kill(master, signal.SIGUSR2)  # it prints when it reloads
    wait_until(lambda: node.haproxy.worker_pid() not in (None, worker), what="a new worker")
    os.close(end)
    assert node.haproxy.pid == master


def test_stop_is_in_order(pair):
    """The addresses leave while HAProxy still serves."""
    prober = pair.start_prober()
    at = pair.node1.router.send(signal.SIGTERM)
    assert pair.node1.router.wait() == 0
    pair.node2.wait_active()
    assert not pair.node1.haproxy.running()
    assert pair.node1.haproxy.masters() == []
    left = pair.node1.router.wait_log(r"edge/ipv4: active -> initialize", at)
    stopped = pair.node1.router.wait_log(r"haproxy: SIGUSR1 to master", at)
    assert left.time <= stopped.time
    prober.first_served(pair.node2.name, at)
    # One that is under way when the address moves is lost with its connection.
    assert len(failed(prober.stop())) <= 1


@contextlib.contextmanager
def unfinished_request(node):
    """It keeps a worker in its soft stop, up to `timeout client`."""
    with inside(node.lab.network.name("client")):
        line = socket.create_connection((node.address, 80), 5)
    with line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        wait_until(lambda: "\nCurrConns: 1\n" in ask(node.haproxy.admin_socket, "show info"),
                   what="HAProxy has it")
        yield


def test_soft_stop_is_bounded(node):
    start_managed(node, drain="1s")
    node.wait_active()
    with unfinished_request(node):
        at = node.router.send(signal.SIGTERM)
        assert node.router.wait(20) == 0
    soft = node.router.wait_log(r"haproxy: SIGUSR1 to master", at)
    hard = node.router.wait_log(r"haproxy: SIGTERM to master", at)
    assert 0.95 <= hard.time - soft.time < 3.0
    assert node.haproxy.masters() == []


def test_a_second_order_makes_it_short(node):
    start_managed(node, drain="30s")
    node.wait_active()
    with unfinished_request(node):
        at = node.router.send(signal.SIGTERM)
        node.router.wait_log(r"haproxy: SIGUSR1 to master", at)
        second = node.router.send(signal.SIGTERM)
        assert node.router.wait(10) == 0
    assert node.router.ended_at - second < 3, "not up to the end of the client's time"
    assert node.haproxy.masters() == []


def test_reload(pair):
    before = pair.node1.haproxy.pid, pair.node1.haproxy.worker_pid()
    done = pair.node1.router.cli("proxy", "reload")
    assert done.returncode == 0, done.stdout + done.stderr
    assert pair.node1.haproxy.pid == before[0]
    assert pair.node1.haproxy.worker_pid() != before[1]
    assert pair.holders() == [pair.node1]

"""The programs under test as objects: started, watched, stopped, and never left behind."""

import collections
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading
import time

from network import inside, now

LogLine = collections.namedtuple("LogLine", "time text")
HAPROXY = "/usr/sbin/haproxy"
KEEPALIVED = "/usr/sbin/keepalived"
HAGUARD = os.environ.get("HAGUARD_BINARY", "")

# In the mount namespace that `ip netns exec` makes, so nothing of it is seen outside. The directory
# has the same path in the tree. /run is its own: there are locks with fixed names, by which the
# daemons of a tree would shut each other out.
IN_TREE = """mount -t proc proc "$0/proc" && mount -t tmpfs run "$0/run" &&
  mount -t tmpfs tmp "$0/tmp" && mkdir -p "$0$1" && mount --bind "$1" "$0$1" || exit
tree=$0; shift
exec chroot "$tree" "$@" """


def inside_tree(tree, directory):
    """What to put before a command so that it runs in the tree of another release; nothing without
    one. Only this directory is shared with the tree."""
    return ["sh", "-c", IN_TREE, tree, directory] if tree else []


def wait_until(condition, timeout=15, what="the condition", interval=0.005):
    """The first true value of the condition; generous, because test machines are busy."""
    deadline = now() + timeout
    while True:
        value = condition()
        if value:
            return value
        if now() > deadline:
            raise AssertionError(f"{what}: not within {timeout} s")
        time.sleep(interval)


class Daemon:
    """A child process in a namespace. Its output is kept, each line with its time of arrival."""

    def __init__(self, network, role, label, command):
        self.network = network
        self.role = role
        self.label = label
        self.command = command
        self.process = None
        self.waiter = None
        self.lines = []
        self.ended_at = None

    def start(self):
        assert not self.running(), f"{self.label} runs already"
        self.ended_at = None
        self.process = subprocess.Popen(
            self.network.command(self.role, *self.command), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()
        self.waiter = threading.Thread(target=self._reap, args=(self.process,), daemon=True)
        self.waiter.start()
        return self

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process is not None and self.ended_at is None

    def send(self, signum):
        """When it was signalled."""
        assert self.running(), f"{self.label} does not run"
        at = now()
        os.kill(self.pid, signum)
        return at

    def wait(self, timeout=10):
        """The exit code, negative for a signal."""
        wait_until(lambda: not self.running(), timeout, f"end of {self.label}")
        return self.process.returncode

    def stop(self, signum=signal.SIGTERM, timeout=10):
        self.send(signum)
        return self.wait(timeout)

    def destroy(self):
        """For the end of a test: whatever state it is in."""
        if not self.running():
            return
        for signum in (signal.SIGCONT, signal.SIGTERM):
            os.kill(self.pid, signum)
        self.waiter.join(3)
        if self.running():
            os.kill(self.pid, signal.SIGKILL)
            self.waiter.join()

    # ---- its log

    def logged(self, pattern, since=0):
        return [line for line in list(self.lines)
                if line.time >= since and re.search(pattern, line.text)]

    def wait_log(self, pattern, since=0, timeout=15):
        return wait_until(lambda: self.logged(pattern, since), timeout,
                          f"{self.label} logs /{pattern}/")[0]

    def _read(self, stream):
        with stream:
            for line in stream:
                self.lines.append(LogLine(now(), line.decode(errors="replace").rstrip()))

    def _reap(self, process):
        process.wait()  # at once: a zombie would still look alive to scripts that ask kill -0
        self.ended_at = now()


def ask(path, command, timeout=3):
    """One command on a socket of HAProxy; nothing when nobody answers."""
    reply = b""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout)
        try:
            line.connect(str(path))
            line.sendall(command.encode() + b"\n")
            line.shutdown(socket.SHUT_WR)
            while chunk := line.recv(65536):
                reply += chunk
        except OSError:
            return ""
    return reply.decode()


class Haproxy(Daemon):
    """Master and worker, as systemd would run them; every answer says which node gave it.
    `settings`: lines of its global section. `tree`: of a release that has another HAProxy.
    `program`: the beginning of its command line."""

    def __init__(self, network, role, name, directory, settings="stats maxconn 64", sections="",
                 tree=None, program=(HAPROXY,)):
        self.directory = pathlib.Path(directory)
        self.name = name
        self.admin_socket = self.directory / "admin.sock"
        self.master_socket = self.directory / "master.sock"
        self.config = self.directory / "haproxy.cfg"
        self.configure(settings, sections)
        super().__init__(network, role, f"haproxy on {role}",
                         [*inside_tree(tree, directory), *program, "-W", "-db",
                          "-S", self.master_socket, "-f", self.config])

    def configure(self, settings, sections=""):
        """For its next start or reload."""
        self.settings = settings
        self.config.write_text(self.config_text() + sections)

    def config_text(self):
        return f"""\
global
    stats socket {self.admin_socket} mode 600 level admin
    stats timeout 30s
    nbthread 1
    {self.settings}
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind :::80 v4v6
    http-request return status 200 content-type text/plain lf-string "{self.name}\\n" \
hdr X-Served-By {self.name}
"""

    def start(self):
        super().start()
        wait_until(self.worker_pid, what=f"a worker of {self.label}")
        wait_until(lambda: ask(self.admin_socket, "show info"), what=f"{self.label} answers")
        return self

    def worker_pid(self):
        """Nothing while there is none."""
        section = ask(self.master_socket, "show proc").partition("# workers\n")[2]
        row = re.match(r"(\d+)\s+worker", section)
        return int(row[1]) if row else None

    def signal_worker(self, signum):
        """The worker's pid, and when it was signalled."""
        pid = self.worker_pid()
        assert pid, f"{self.label} has no worker"
        parent = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        assert int(parent) == self.pid, "not our worker"
        at = now()
        os.kill(pid, signum)
        return pid, at

    def destroy(self):
        """A worker that hangs would outlive the TERM that its master passes on."""
        if self.running():
            pid = self.worker_pid()
            if pid:
                os.kill(pid, signal.SIGCONT)
        super().destroy()


class Haguard(Daemon):
    METRICS_PORT = 9650

    def __init__(self, network, role, directory, config_text):
        self.config = pathlib.Path(directory) / "haguard.toml"
        self.config.write_text(config_text)
        super().__init__(network, role, f"haguard on {role}",
                         [HAGUARD, "run", "--config", self.config])

    def cli(self, *arguments):
        """A client command, as an operator on that node would run it."""
        return subprocess.run(
            self.network.command(self.role, HAGUARD, *arguments, "--config", self.config),
            capture_output=True, text=True, timeout=30)

    def status(self):
        """Nothing when the daemon does not answer."""
        done = self.cli("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def instance(self):
        status = self.status()
        return status["instances"][0] if status else {"state": "not running"}

    def get(self, path):
        """Status code and body over HTTP."""
        with inside(self.network.name(self.role)):
            line = socket.create_connection(("127.0.0.1", self.METRICS_PORT), 5)
        with line:
            line.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            reply = b""
            while chunk := line.recv(65536):
                reply += chunk
        head, _, body = reply.partition(b"\r\n\r\n")
        return int(head.split()[1]), body.decode()

    def metric(self, name, **labels):
        """The sum over all rows that carry these labels."""
        total = 0.0
        for row in self.get("/metrics")[1].splitlines():
            match = re.fullmatch(rf"haguard_{name}(?:\{{(.*)\}})? (\S+)", row)
            if match and labels.items() <= dict(
                    re.findall(r'(\w+)="([^"]*)"', match[1] or "")).items():
                total += float(match[2])
        return total


class Keepalived(Daemon):
    """Debian's, in the foreground, logging to stderr."""

    def __init__(self, network, role, directory, config_text):
        directory = pathlib.Path(directory)
        self.config = directory / "keepalived.conf"
        self.config.write_text(config_text)
        super().__init__(network, role, f"keepalived on {role}", [
            KEEPALIVED, "--dont-fork", "--log-console", "--log-detail", "--no-syslog", "--vrrp",
            "--use-file", self.config, "--pid", directory / "keepalived.pid",
            "--vrrp_pid", directory / "vrrp.pid"])

    def instance(self):
        """Its last word about itself, in RFC 9568's words."""
        words = {"MASTER": "active", "BACKUP": "backup", "FAULT": "initialize"}
        entered = self.logged(r"\(edge\) Entering (\w+) STATE")
        state = re.search(r"Entering (\w+)", entered[-1].text)[1] if entered else "FAULT"
        return {"state": words[state] if self.running() else "not running"}

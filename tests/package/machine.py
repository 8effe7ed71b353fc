"""One proxy machine as it is delivered: a Debian that systemd has booted, in a namespace of the
lab.

Its files are a tree of debian_tree.sh with a layer of its own above, so that it forgets nothing
when it is booted again, and the next one starts anew.
"""

import json
import os
import pathlib
import shlex
import signal
import subprocess

from daemons import wait_until
from lab import Node
from network import now, run

INTERFACES = """\
auto lo
iface lo inet loopback
auto {interface}
iface {interface} inet static
    address {address}/24
    gateway {gateway}
"""

FRONTEND = """
frontend web
    option dontlog-normal
    bind :80
    http-request return status 200 content-type text/plain lf-string "{name}\\n" \
hdr X-Served-By {name}
"""


ASKS_FOR_A_REBOOT = 133  # exit code of systemd-nspawn


class Machine(Node):
    """Off until it is booted."""

    def __init__(self, lab, role, number, tree):
        super().__init__(lab, role, number)
        self.root = self.directory / "root"
        self.guest = None  # the systemd-nspawn
        self.console = self.directory / "console"
        self._mount(tree)

    def _mount(self, tree):
        layers = [self.directory / name for name in ("upper", "work")]
        for directory in (self.root, *layers):
            directory.mkdir()
        run("mount", "-t", "overlay", "overlay", "-o",
            f"lowerdir={tree},upperdir={layers[0]},workdir={layers[1]}", self.root)
        self.lab.callback(run, "umount", "--lazy", self.root)
        self.write("/etc/hostname", f"{self.name}\n")
        self.write("/etc/hosts", f"127.0.0.1 localhost\n{self.address} {self.name}\n")
        self.write("/etc/resolv.conf", "")
        self.write("/etc/network/interfaces", INTERFACES.format(
            interface=self.lab.network.INTERFACE, address=self.address,
            gateway=self.lab.network.ROUTER))

    # ---- power

    def boot(self):
        """Returns when systemd says that it is up."""
        assert self.guest is None, f"{self.name} runs"
        # The machine sets its interface up by itself.
        run("ip", "-n", self.lab.network.name(self.role), "address", "flush", "dev",
            self.lab.network.INTERFACE)
        with self.console.open("ab") as console:
            self.guest = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--link-journal=no",
                 "--boot", f"--directory={self.root}",
                 f"--machine={self.lab.network.name(self.role)}", f"--hostname={self.name}",
                 f"--network-namespace-path=/run/netns/{self.lab.network.name(self.role)}",
                 "--capability=CAP_NET_ADMIN,CAP_IPC_LOCK", "--resolv-conf=off", "--timezone=off"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        self.lab.callback(self.cut_power)
        self.wait_booted()
        return self

    def wait_booted(self):
        wait_until(lambda: self._leader() and self._is_up(), 60, f"{self.name} is up", 0.1)

    def _leader(self):
        """Its pid 1, as this machine counts."""
        children = run("pgrep", "-P", self.guest.pid, check=False).split()
        return int(children[0]) if children else None

    def _is_up(self):
        state = self.run("systemctl is-system-running", check=False).strip()
        return state in ("running", "degraded")

    def power_off(self):
        """In an orderly way."""
        self.run("systemctl poweroff")
        self.guest.wait(60)
        self.guest = None

    def reboot(self):
        """In an orderly way. Returns once it is up again."""
        self.run("systemctl reboot", check=False)
        assert self.guest.wait(60) == ASKS_FOR_A_REBOOT, f"{self.name} ended in another way"
        self.guest = None
        self.boot()

    def cut_power(self):
        if self.guest is None:
            return
        leader = self._leader()
        if leader:
            os.kill(leader, signal.SIGKILL)
        self.guest.wait(30)
        self.guest = None

    # ---- on its console

    def run(self, command, check=True, stdin=None):
        """A line for the shell of root there. Its output, and what it complained of with it."""
        done = subprocess.run(
            ["nsenter", "--target", str(self._leader()), "--all", "env", "-i", "HOME=/root",
             "TERM=dumb", "LC_ALL=C.UTF-8", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
             "DEBIAN_FRONTEND=noninteractive", "bash", "-c", f"cd /root; {command}"],
            input=stdin or "", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=180)
        if check and done.returncode != 0:
            raise AssertionError(
                f"{self.name}# {command}\n{done.stdout}exit code {done.returncode}")
        self.exit_code = done.returncode
        return done.stdout

    def path(self, path):
        return self.root / path.lstrip("/")

    def write(self, path, text):
        self.path(path).write_text(text)

    def read(self, path):
        return self.path(path).read_text()

    def install(self, *packages):
        """By apt, from files or from what it has in its cache: it reaches no mirror."""
        files = []
        for package in packages:
            if isinstance(package, pathlib.Path):
                self.path(f"/root/{package.name}").write_bytes(package.read_bytes())
                package = f"/root/{package.name}"
            files.append(shlex.quote(str(package)))
        return self.run(f"apt-get --yes install {' '.join(files)}")

    def configure_haproxy(self):
        """Debian's own file with one frontend more."""
        text = self.read("/etc/haproxy/haproxy.cfg")
        self.write("/etc/haproxy/haproxy.cfg", text + FRONTEND.format(name=self.name))
        self.run("systemctl restart haproxy")

    # ---- its services

    def show(self, unit, *properties):
        """Of one unit, by name."""
        lines = self.run(f"systemctl show {unit} -p {','.join(properties)}").splitlines()
        return dict(line.split("=", 1) for line in lines)

    def main_pid(self, unit="haguard"):
        """As it counts itself; 0 for none."""
        return int(self.show(unit, "MainPID")["MainPID"])

    def journal(self, unit="haguard", since=0.0):
        """What the operator reads, from that moment of the boot clock on."""
        lines = self.run(
            f"journalctl -q -b -u {unit} -o short-monotonic --no-hostname").splitlines()
        return [line.partition("] ")[2] for line in lines
                if float(line.lstrip("[ ").split("]")[0]) >= since]

    def last_words(self):
        """For whoever has to find out why a test failed."""
        if self.guest is None:
            return "it is off"
        return self.run("journalctl -q -b -u haguard -u haproxy -o short-monotonic --no-hostname"
                        " | tail -n 100", check=False)

    def state(self):
        """Of its first virtual router; nothing while nobody answers."""
        status = self.status()
        return status and status["instances"][0]["state"]

    def status(self):
        """Nothing while nobody answers."""
        status = self.run("haguard status --json 2>/dev/null", check=False)
        return json.loads(status) if self.exit_code == 0 else None

    def crash(self, signum, unit="haguard"):
        """Sends it to the main process, and says when."""
        pid = self.main_pid(unit)
        assert pid, f"{unit} runs on {self.name}"
        at = now()
        self.run(f"kill -{int(signum)} {pid}")
        return at

"""A proxy node that is one container: haguard, and the HAProxy that it runs."""

import json
import os
import pathlib
import subprocess

from lab import Lab, Node

HERE = pathlib.Path(__file__).parent
SCRIPT = HERE / "podman.sh"
EXAMPLE = HERE.parent.parent / "conf" / "examples" / "container.toml"
CAPABILITIES = ("NET_ADMIN", "NET_RAW", "NET_BIND_SERVICE")

HAPROXY = """\
global
    stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
    mode http
    timeout connect 1s
    timeout client 5s
    timeout server 5s
frontend web
    bind :80
    http-request return status 200 content-type text/plain lf-string "{name}\\n" \
hdr X-Served-By {name}
"""


class Runtime:
    """podman. What one container has mounted is seen by the commands for it, so there is one place
    for all of them."""

    def __init__(self):
        self.place = subprocess.Popen([SCRIPT, "--hold"], stdin=subprocess.DEVNULL)

    def command(self, *words):
        return [str(word) for word in (SCRIPT, "--within", self.place.pid, *words)]

    def __call__(self, *words, check=True):
        """Output of that command. What it complains of is the exception."""
        done = subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=120)
        if check and done.returncode != 0:
            raise RuntimeError(f"podman {' '.join(map(str, words))}: {done.stderr.strip()}")
        return done.stdout

    def close(self):
        self.place.kill()
        self.place.wait()


class Container(Node):
    """In the network namespace of the node, as with the host's network."""

    def __init__(self, lab, role, number):
        super().__init__(lab, role, number)
        self.container = lab.network.name(role)
        self.files = {"haguard": self.directory / "haguard", "haproxy": self.directory / "haproxy"}
        for directory in self.files.values():
            directory.mkdir()
        text = EXAMPLE.read_text().replace("priority = 100", f"priority = {110 - 10 * number}")
        (self.files["haguard"] / "haguard.toml").write_text(text)
        (self.files["haproxy"] / "haproxy.cfg").write_text(HAPROXY.format(name=self.name))

    def start(self):
        volumes = [f"--volume={directory}:/etc/{name}:ro" for name, directory in self.files.items()]
        podman = self.lab.podman
        podman("run", "--detach", f"--name={self.container}", f"--hostname={self.name}",
               f"--network=ns:/run/netns/{self.container}", "--cgroups=disabled",
               "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096", "--stop-timeout=30",
               "--cap-drop=ALL", *(f"--cap-add={name}" for name in CAPABILITIES),
               *volumes, "localhost/haguard")
        self.lab.callback(podman, "rm", "--force", "--time=1", self.container, check=False)
        return self

    def inside(self, *command):
        return self.lab.podman("exec", self.container, *command)

    def state(self):
        try:
            return json.loads(self.inside("haguard", "status", "--json"))["instances"][0]["state"]
        except RuntimeError:
            return None  # not yet, or not any more

    def log(self):
        """Of both programs: it is on standard error."""
        return subprocess.run(self.lab.podman.command("logs", self.container), text=True,
                              timeout=30, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout

    def processes(self):
        """/proc/PID/status of each program in it, in the order of their pids."""
        first = self.lab.podman("inspect", "--format={{.State.Pid}}", self.container).strip()
        ours = os.readlink(f"/proc/{first}/ns/pid")
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if os.readlink(process / "ns/pid") == ours:
                    lines = (process / "status").read_text().splitlines()
                    found.append(dict(line.split(":\t", 1) for line in lines if ":\t" in line))
            except OSError:
                pass  # it has just ended
        return sorted(found, key=lambda status: int(status["Pid"]))

    def pid_of(self, name):
        return next(int(status["Pid"]) for status in self.processes() if status["Name"] == name)


class Containers(Lab):
    """Two of them."""

    def __enter__(self):
        self.podman = Runtime()
        self.callback(self.podman.close)
        return super().__enter__()

    def make_node(self, role, number):
        return Container(self, role, number)

    def report(self):
        return "\n".join(f"{node.name}\n{node.log()}" for node in self.nodes)

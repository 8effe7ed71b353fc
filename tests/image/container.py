"""A proxy node that is one container: haguard, and the HAProxy that it runs."""

import json
import pathlib
import subprocess

from lab import Lab, Node

HERE = pathlib.Path(__file__).parent
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
    http-request return status 200 content-type text/plain lf-string "{name}\\n" hdr X-Served-By {name}
"""


def podman(*command, check=True):
    """Its output. What it complains of is the exception."""
    done = subprocess.run([HERE / "podman.sh", *map(str, command)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=120)
    if check and done.returncode != 0:
        raise RuntimeError(f"podman {' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


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

    def start(self, *options):
        """`options`: more of those of `podman run`."""
        volumes = [f"--volume={directory}:/etc/{name}:ro" for name, directory in self.files.items()]
        podman("run", "--detach", f"--name={self.container}", f"--hostname={self.name}",
               f"--network=ns:/run/netns/{self.container}", "--cgroups=disabled",
               "--ulimit=nofile=4096:4096", "--ulimit=nproc=4096:4096", "--stop-timeout=30",
               "--cap-drop=ALL", *(f"--cap-add={name}" for name in CAPABILITIES),
               *volumes, *options, "localhost/haguard")
        self.lab.callback(podman, "rm", "--force", "--time=1", self.container, check=False)
        return self

    def inside(self, *command):
        return podman("exec", self.container, *command)

    def state(self):
        try:
            return json.loads(self.inside("haguard", "status", "--json"))["instances"][0]["state"]
        except RuntimeError:
            return None  # not yet, or not any more

    def log(self):
        return podman("logs", self.container)


class Containers(Lab):
    """Two of them."""

    def make_node(self, role, number):
        return Container(self, role, number)

    def report(self):
        return "\n".join(f"{node.name}\n{node.log()}" for node in self.nodes)

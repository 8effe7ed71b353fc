"""The network under test: five namespaces on one bridge and one router.

    client --- router --- [ lan: bridge ] --- node1 (etx2, 172.28.1.2)
  172.28.2.10  172.28.1.1                 \\-- node2 (etx2, 172.28.1.3)

Sockets, interfaces and sysctls are the kernel's own; only the wires are virtual.
"""

import contextlib
import ctypes
import itertools
import json
import os
import subprocess
import time

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
serial = itertools.count(1)


def now():
    """Seconds on the boot clock, which the prober and the captures use too."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def run(*command, check=True):
    """Runs a short command; its output is the result, its complaint the exception."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def set_namespace(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


@contextlib.contextmanager
def inside(namespace):
    """This thread is in the namespace meanwhile; sockets made here stay there."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{namespace}", os.O_RDONLY)
    try:
        set_namespace(there)
        try:
            yield
        finally:
            set_namespace(home)
    finally:
        os.close(there)
        os.close(home)


class Network:
    """Owns the namespaces; everything in them goes with them."""

    SUBNET = 24
    ROUTER = "172.28.1.1"
    CLIENT = "172.28.2.10"
    NODES = {"node1": "172.28.1.2", "node2": "172.28.1.3"}
    INTERFACE = "etx2"

    def __init__(self):
        self.prefix = f"haguard-{os.getpid()}-{next(serial)}"
        self.namespaces = []

    def build(self):
        for role in ("lan", "router", "client", *self.NODES):
            self._add_namespace(role)
        lan = self.name("lan")
        run("ip", "-n", lan, "link", "add", "name", "bridge", "type", "bridge",
            "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        run("ip", "-n", lan, "link", "set", "bridge", "up")
        for node, address in self.NODES.items():
            self._add_wire(node, self.INTERFACE, address, "lan", node)
        self._add_wire("router", "inside", self.ROUTER, "lan", "router")
        for port in (*self.NODES, "router"):
            self.plug(port)
        self._add_wire("client", "wire", self.CLIENT, "router", "outside")
        run("ip", "-n", self.name("router"), "address", "add", "172.28.2.1/24", "dev", "outside")
        self.write_sysctl("router", "net/ipv4/ip_forward", "1")
        for node in self.NODES:
            run("ip", "-n", self.name(node), "route", "add", "default", "via", self.ROUTER)
        run("ip", "-n", self.name("client"), "route", "add", "default", "via", "172.28.2.1")

    def destroy(self):
        for namespace in reversed(self.namespaces):
            run("ip", "netns", "delete", namespace, check=False)
        self.namespaces.clear()

    def name(self, role):
        return f"{self.prefix}-{role}"

    def command(self, role, *command):
        """A command line that runs in the namespace and dies with this process."""
        return ["setpriv", "--pdeathsig", "KILL", "ip", "netns", "exec", self.name(role),
                *map(str, command)]

    def write_sysctl(self, role, key, value):
        run("ip", "netns", "exec", self.name(role), "sh", "-c",
            f"echo {value} > /proc/sys/{key}")

    # ---- what can happen to a wire

    def unplug(self, port):
        """Silence: the port leaves the bridge, but its carrier stays, as when a switch dies.
        Returns when."""
        at = now()
        run("ip", "-n", self.name("lan"), "link", "set", port, "nomaster")
        return at

    def plug(self, port):
        run("ip", "-n", self.name("lan"), "link", "set", port, "master", "bridge")

    def carrier(self, port, up):
        run("ip", "-n", self.name("lan"), "link", "set", port, "up" if up else "down")

    def addresses(self, role, interface=INTERFACE):
        """What the kernel has on the interface, as address/prefix."""
        shown = run("ip", "-n", self.name(role), "-j", "-4", "address", "show", "dev", interface)
        return [f"{info['local']}/{info['prefixlen']}"
                for link in json.loads(shown) for info in link.get("addr_info", [])]

    # ---- building

    def _add_namespace(self, role):
        namespace = self.name(role)
        run("ip", "netns", "add", namespace)
        self.namespaces.append(namespace)
        for scope in ("all", "default"):
            self.write_sysctl(role, f"net/ipv6/conf/{scope}/disable_ipv6", "1")
        run("ip", "-n", namespace, "link", "set", "lo", "up")

    def _add_wire(self, role, interface, address, other_role, other_interface):
        run("ip", "link", "add", "name", interface, "netns", self.name(role), "type", "veth",
            "peer", "name", other_interface, "netns", self.name(other_role))
        run("ip", "-n", self.name(role), "address", "add", f"{address}/{self.SUBNET}",
            "dev", interface)
        run("ip", "-n", self.name(role), "link", "set", interface, "up")
        run("ip", "-n", self.name(other_role), "link", "set", other_interface, "up")

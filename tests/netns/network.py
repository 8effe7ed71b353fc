"""The network under test: five namespaces on one bridge and one router.

    client --- router --- [ lan: bridge ] --- node1 (etx2, 172.28.1.2)
  172.28.2.10  172.28.1.1                 \\-- node2 (etx2, 172.28.1.3)

IPv6 is off until it is asked for: then the LAN is 2001:db8:1::/64 too. A second LAN may be added.

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
    NODES6 = {"node1": "2001:db8:1::2", "node2": "2001:db8:1::3"}
    ROUTER6 = "2001:db8:1::1"
    INTERFACE = "etx2"

    def __init__(self):
        self.prefix = f"haguard-{os.getpid()}-{next(serial)}"
        self.namespaces = []

    def build(self):
        for role in ("lan", "router", "client", *self.NODES):
            self._add_namespace(role)
        self._add_bridge("lan")
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

    def enable_ipv6(self):
        for role in ("client", "router", *self.NODES):
            for scope in ("all", "default"):
                self.write_sysctl(role, f"net/ipv6/conf/{scope}/disable_ipv6", "0")
        self.write_sysctl("router", "net/ipv6/conf/all/forwarding", "1")
        for role, interface, address in (("router", "inside", self.ROUTER6),
                                         ("router", "outside", "2001:db8:2::1"),
                                         ("client", "wire", "2001:db8:2::10"),
                                         *((node, self.INTERFACE, address)
                                           for node, address in self.NODES6.items())):
            run("ip", "-n", self.name(role), "address", "add", f"{address}/64", "dev", interface,
                "nodad")
        for role, gateway in (("client", "2001:db8:2::1"), *((node, self.ROUTER6)
                                                             for node in self.NODES)):
            run("ip", "-n", self.name(role), "route", "add", "default", "via", gateway)

    def add_lan(self, lan, interface, addresses):
        """One more wire of each node, to a bridge of its own."""
        self._add_namespace(lan)
        self._add_bridge(lan)
        for node, address in addresses.items():
            self._add_wire(node, interface, address, lan, node)
            self.plug(node, lan)

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

    def unplug(self, port, lan="lan"):
        """Silence: the port leaves the bridge, but its carrier stays, as when a switch dies.
        Returns when."""
        at = now()
        run("ip", "-n", self.name(lan), "link", "set", port, "nomaster")
        return at

    def plug(self, port, lan="lan"):
        run("ip", "-n", self.name(lan), "link", "set", port, "master", "bridge")

    def carrier(self, port, up, lan="lan"):
        run("ip", "-n", self.name(lan), "link", "set", port, "up" if up else "down")

    # ---- what can happen to an interface of a node

    def ip(self, role, *command):
        """The command `ip` on that machine."""
        return run("ip", "-n", self.name(role), *command)

    def remove_wire(self, node):
        self.ip(node, "link", "delete", self.INTERFACE)

    def restore_wire(self, node):
        self._add_wire(node, self.INTERFACE, self.NODES[node], "lan", node)
        self.plug(node)

    def shown(self, role, interface=INTERFACE):
        """The addresses on the interface as the kernel describes them; none without it."""
        shown = run("ip", "-n", self.name(role), "-j", "address", "show", check=False)
        return [info for link in json.loads(shown) if link.get("ifname") == interface
                for info in link.get("addr_info", [])]

    def addresses(self, role, interface=INTERFACE):
        """The same as address/prefix."""
        return [f"{info['local']}/{info['prefixlen']}" for info in self.shown(role, interface)]

    # ---- building

    def _add_namespace(self, role):
        namespace = self.name(role)
        run("ip", "netns", "add", namespace)
        self.namespaces.append(namespace)
        for scope in ("all", "default"):
            self.write_sysctl(role, f"net/ipv6/conf/{scope}/disable_ipv6", "1")
        run("ip", "-n", namespace, "link", "set", "lo", "up")

    def _add_bridge(self, lan):
        self.ip(lan, "link", "add", "name", "bridge", "type", "bridge",
                "stp_state", "0", "forward_delay", "0", "mcast_snooping", "0")
        self.ip(lan, "link", "set", "bridge", "up")

    def _add_wire(self, role, interface, address, other_role, other_interface):
        run("ip", "link", "add", "name", interface, "netns", self.name(role), "type", "veth",
            "peer", "name", other_interface, "netns", self.name(other_role))
        run("ip", "-n", self.name(role), "address", "add", f"{address}/{self.SUBNET}",
            "dev", interface)
        run("ip", "-n", self.name(role), "link", "set", interface, "up")
        run("ip", "-n", self.name(other_role), "link", "set", other_interface, "up")

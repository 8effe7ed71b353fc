"""A pair of proxies as it stands in a rack: network, HAProxy, and a VRRP daemon on each node."""

import contextlib
import pathlib
import tempfile

from daemons import Daemon, Haguard, Haproxy, Keepalived, wait_until
from group import Group, haguard_config, keepalived_config
from network import Network, now
from probing import Prober
from sniffer import Sniffer


def host(address):
    """With the prefix that an address alone has."""
    return f"{address}/{128 if ':' in address else 32}"


class Node:
    """One proxy machine; `router` is its VRRP daemon, of either make."""

    def __init__(self, lab, role, number):
        self.lab = lab
        self.role = role
        self.name = f"proxy-{number}"
        self.address = lab.network.NODES[role]
        self.directory = lab.directory / role
        self.directory.mkdir()
        self.haproxy = None
        self.router = None

    def start_haproxy(self, **options):
        self.haproxy = self.lab.own(
            Haproxy(self.lab.network, self.role, self.name, self.directory, **options)).start()
        return self.haproxy

    def start_haguard(self, extra="", settings="", edit=str):
        """`edit`: what to make of the configuration."""
        return self.start_configured(edit(
            haguard_config(self.lab.group, self.role, self.name, self.lab.node_addresses(),
                           self.directory, extra, settings)))

    def start_configured(self, text):
        """With a haguard.toml of the test's own."""
        return self._start_router(Haguard(self.lab.network, self.role, self.directory, text))

    def start_keepalived(self, watch_haproxy=False, edit=str):
        """`edit`: what to make of the configuration."""
        watched = self.haproxy.pid if watch_haproxy else None
        text = edit(keepalived_config(self.lab.group, self.role, self.lab.node_addresses(), watched))
        return self._start_router(Keepalived(self.lab.network, self.role, self.directory, text))

    def start_router(self, kind):
        return self.start_haguard() if kind == "haguard" else self.start_keepalived()

    def _start_router(self, router):
        self.router = self.lab.own(router).start()
        return router

    def held(self):
        """The virtual addresses that the kernel has, as address/prefix."""
        ours = {host(vip) for vip in self.lab.group.vips}
        return ours & set(self.lab.network.addresses(self.role))

    def holds_vip(self):
        return len(self.held()) == len(self.lab.group.vips)

    def state(self):
        return self.router.instance()["state"]

    def wait_state(self, state, timeout=15):
        wait_until(lambda: self.state() == state, timeout, f"{self.role} is {state}", 0.05)

    def wait_active(self, timeout=15):
        """Active, with the address, and the other one without it."""
        wait_until(lambda: (self.lab.holders() == [self] and self.holds_vip()
                            and self.state() == "active"),
                   timeout, f"only {self.role} holds {self.lab.group.vip}", 0.05)

    def adverts(self, since=0, until=float("inf")):
        return self.lab.sniffer.adverts(self.role, since, until, self.lab.group.vrid)


class Lab(contextlib.ExitStack):
    """Everything that was started through it is gone when its block ends, however it ends."""

    def __init__(self, group=Group()):
        super().__init__()
        self.group = group
        self.network = Network()
        self.daemons = []

    def __enter__(self):
        super().__enter__()
        try:
            self.directory = pathlib.Path(
                self.enter_context(tempfile.TemporaryDirectory(prefix="haguard-lab-")))
            self.callback(self.network.destroy)
            self.network.build()
            if any(":" in vip for vip in self.group.vips):
                self.network.enable_ipv6()
            self.sniffer = Sniffer(self.network)
            self.callback(self.sniffer.stop)
            self.sniffer.start()
        except BaseException:
            self.close()
            raise
        self.nodes = [self.node1, self.node2] = [self.make_node("node1", 1),
                                                 self.make_node("node2", 2)]
        return self

    def make_node(self, role, number):
        return Node(self, role, number)

    def own(self, daemon):
        self.daemons.append(daemon)
        self.callback(daemon.destroy)
        return daemon

    def spawn(self, role, label, *command):
        """Any other program in a namespace."""
        return self.own(Daemon(self.network, role, label, list(command))).start()

    def start_pair(self, first="haguard", second="haguard", watch_haproxy=False):
        """HAProxy and a VRRP daemon on both, up to the first moment in which all is well. A
        keepalived runs the script of the tutorials only if it is to `watch_haproxy`."""
        for node, kind in zip(self.nodes, (first, second)):
            node.start_haproxy()
            if kind == "haguard":
                node.start_haguard()
            else:
                node.start_keepalived(watch_haproxy)
            if node is self.node1:
                node.wait_active()  # so that the other never finds nobody there
        self.node2.wait_state("backup")
        since = now()
        wait_until(lambda: self.node1.adverts(since), what="an advertisement that node2 hears")

    def start_prober(self, served_by=None, vip=None, **options):
        """Returns once the node, or else node1, has answered."""
        prober = Prober(self.network, vip or self.group.vip, self.directory, **options)
        self.callback(prober.destroy)
        prober.first_served((served_by or self.node1).name, now())
        return prober

    def holders(self):
        """Those that hold any of the addresses."""
        return [node for node in self.nodes if node.held()]

    def node_addresses(self):
        """What the nodes themselves have, in the family of the group."""
        return self.network.NODES6 if ":" in self.group.vip else self.network.NODES

    def report(self):
        """The logs of all daemons as one, for whoever has to find out why a test failed."""
        lines = sorted((line.time, daemon.label, line.text)
                       for daemon in self.daemons for line in list(daemon.lines))
        start = lines[0][0] if lines else 0
        return "\n".join(f"{at - start:9.4f} {label:20} {text}" for at, label, text in lines)

"""The routers of a pair, haguard and other makes, for one and the same variant of the protocol."""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from daemons import HAGUARD, KEEPALIVED, Daemon, inside_tree, wait_until
from group import Group
from network import run

INTERFACE = "etx2"
LINK_LOCAL = {"node1": "fe80::1c:2", "node2": "fe80::1c:3"}


@dataclasses.dataclass(frozen=True)
class Variant(Group):
    """A group as both routers of a pair are configured. `needs`: of the other make, if not all
    have it."""
    ipv6: bool = False
    checksum: str = "auto"
    needs: str = ""

    @property
    def addresses(self):
        # RFC 9568, 5.2.9: the first one is link-local.
        return ["fe80::200:5eff:fe00:233", "2001:db8:28::254"] if self.ipv6 else [self.vip]


VARIANTS = {
    "version 2": Variant(version=2),
    "version 2, password": Variant(version=2, password="secret", needs="password"),
    "version 3, checksum of RFC 5798": Variant(interval=0.2),
    "version 3, checksum of RFC 9568": Variant(interval=0.2, checksum="rfc9568",
                                               needs="rfc9568"),
    "version 3, IPv6": Variant(interval=0.2, ipv6=True),
    "version 3, unicast": Variant(interval=0.2, unicast=True, needs="unicast"),
}


def prepare_ipv6(network):
    """The nodes of a network get link-local addresses that differ, as they would by themselves."""
    for node, address in LINK_LOCAL.items():
        network.write_sysctl(node, f"net/ipv6/conf/{INTERFACE}/addr_gen_mode", "1")
        network.write_sysctl(node, f"net/ipv6/conf/{INTERFACE}/disable_ipv6", "0")
        run("ip", "-n", network.name(node), "address", "add", f"{address}/64", "dev", INTERFACE,
            "nodad")


def version_of(*command):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return re.search(r"\d+(\.\d+)+", done.stdout + done.stderr)[0]


class HaguardRouter(Daemon):
    @classmethod
    def peer_version(cls):
        return version_of(HAGUARD, "version")

    def __init__(self, network, role, directory, variant):
        config = directory / "haguard.toml"
        config.write_text(self._config(network, role, directory, variant))
        super().__init__(network, role, f"haguard on {role}",
                         [HAGUARD, "run", "--config", config])

    @staticmethod
    def _config(network, role, directory, variant):
        others = [f'"{at}"' for node, at in network.NODES.items() if node != role]
        lines = [f'virtual_addresses = {variant.addresses}'.replace("'", '"')]
        if variant.password:
            lines.append(f'authentication = {{ type = "pass", password = "{variant.password}" }}')
        if variant.checksum != "auto":
            lines.append(f'checksum = "{variant.checksum}"')
        if variant.unicast:
            lines.append(f'unicast = {{ source = "{network.NODES[role]}", '
                         f'peers = [{", ".join(others)}] }}')
        instance = "\n".join(lines)
        return f"""\
[vrrp]
version = {variant.version}
advertisement_interval = "{round(variant.interval * 1000)}ms"

[[vrrp.instance]]
name = "edge"
interface = "{INTERFACE}"
virtual_router_id = {variant.vrid}
priority = {variant.priority(role)}
{instance}

[haproxy]
mode = "none"

[metrics]
listen = ""

[control]
socket = "{directory}/control.sock"

[process]
state_dir = "{directory}/state"
runtime_dir = "{directory}/run"
lock_memory = false
"""

    def kill(self):
        self.send(signal.SIGKILL)
        self.wait()


class KeepalivedRouter(Daemon):
    """Debian's, in the foreground, logging to stderr; `tree`: of another release."""

    def __init__(self, network, role, directory, variant, tree=None):
        (directory / "keepalived.conf").write_text(self._config(network, role, variant))
        self.parent_pid = directory / "keepalived.pid"
        self.child_pid = directory / "vrrp.pid"
        super().__init__(network, role, f"keepalived on {role}", [
            *inside_tree(tree, directory),
            KEEPALIVED, "--dont-fork", "--log-console", "--log-detail", "--no-syslog", "--vrrp",
            "--use-file", directory / "keepalived.conf",
            "--pid", self.parent_pid, "--vrrp_pid", self.child_pid])

    @staticmethod
    def _config(network, role, variant):
        lines = []
        if variant.password:
            lines.append("authentication {\n auth_type PASS\n"
                         f" auth_pass {variant.password}\n }}")
        if variant.checksum == "rfc9568":
            lines.append("v3_checksum_as_v2")
        if variant.unicast:
            others = [at for node, at in network.NODES.items() if node != role]
            lines.append(f"unicast_src_ip {network.NODES[role]}")
            lines.append("unicast_peer {\n " + "\n ".join(others) + "\n }")
        options = "\n ".join(lines)
        addresses = "\n  ".join(variant.addresses)
        return f"""\
global_defs {{
 vrrp_version {variant.version}
}}
vrrp_instance edge {{
 state BACKUP
 interface {INTERFACE}
 virtual_router_id {variant.vrid}
 priority {variant.priority(role)}
 advert_int {variant.interval:g}
 {options}
 virtual_ipaddress {{
  {addresses}
 }}
}}
"""

    def kill(self):
        """Both processes: a child that outlives its parent would resign in an orderly way."""
        self.send(signal.SIGSTOP)
        os.kill(int(self.child_pid.read_text()), signal.SIGKILL)
        self.send(signal.SIGKILL)
        self.wait()
        # Until init has reaped the child, a new keepalived would think that it runs.
        self.child_pid.unlink()
        self.parent_pid.unlink()


class FrrRouter:
    """FRR's vrrpd with a zebra and the macvlan that it expects. The administrator puts the
    addresses there; vrrpd switches the device on and off."""
    FOLDER = pathlib.Path("/usr/lib/frr")

    def __init__(self, network, role, _, variant):
        self.network = network
        self.role = role
        self.device = "vrrp6" if variant.ipv6 else "vrrp4"
        self._add_device(variant)
        # FRR drops its rights at once, so its user must own where its sockets are.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="haguard-frr-"))
        (self.directory / "vrrpd.conf").write_text(self._config(role, variant))
        (self.directory / "zebra.conf").write_text("")
        for path in (self.directory, *self.directory.iterdir()):
            shutil.chown(path, "frr", "frr")
        self.zebra = self._daemon("zebra")
        self.vrrpd = self._daemon("vrrpd")

    def _add_device(self, variant):
        namespace = self.network.name(self.role)
        family = 2 if variant.ipv6 else 1
        run("ip", "-n", namespace, "link", "add", self.device, "link", INTERFACE, "address",
            f"00:00:5e:00:{family:02x}:{variant.vrid:02x}", "type", "macvlan", "mode", "bridge")
        addresses = list(variant.addresses)
        if variant.ipv6:
            # Made from the virtual MAC address it would be the same on all routers.
            for key, value in (("addr_gen_mode", "1"), ("disable_ipv6", "0")):
                self.network.write_sysctl(self.role, f"net/ipv6/conf/{self.device}/{key}", value)
            addresses.insert(0, LINK_LOCAL[self.role].replace("1c", "2c"))
        for address in addresses:
            run("ip", "-n", namespace, "address", "add",
                f"{address}/{64 if variant.ipv6 else 32}", "dev", self.device,
                *(["nodad"] if variant.ipv6 else []))
        run("ip", "-n", namespace, "link", "set", self.device, "up")

    @staticmethod
    def _config(role, variant):
        command = f" vrrp {variant.vrid}"
        family = "ipv6" if variant.ipv6 else "ip"
        addresses = "\n".join(f"{command} {family} {at}" for at in variant.addresses)
        plain = f"no {command.strip()} checksum-with-ipv4-pseudoheader"
        return f"""\
interface {INTERFACE}
{command} version {variant.version}
{command} priority {variant.priority(role)}
{command} advertisement-interval {round(variant.interval * 1000)}
{addresses}
{plain if variant.checksum == "rfc9568" else ""}
"""

    def _daemon(self, name):
        at = self.directory
        return Daemon(self.network, self.role, f"{name} on {self.role}", [
            self.FOLDER / name, "--config_file", at / f"{name}.conf", "--pid_file",
            at / f"{name}.pid", "--socket", at / "zebra.api", "--vty_socket", at, "--vty_port", 0,
            "--log", "stdout"])

    def start(self):
        if not self.zebra.running():
            self.zebra.start()
            wait_until((self.directory / "zebra.api").exists, what="zebra listens")
        self.vrrpd.start()
        return self

    @property
    def daemons(self):
        return [self.zebra, self.vrrpd]

    def running(self):
        return self.vrrpd.running()

    def send(self, signum):
        return self.vrrpd.send(signum)

    def wait(self):
        return self.vrrpd.wait()

    def kill(self):
        self.vrrpd.send(signal.SIGKILL)
        self.vrrpd.wait()

    def destroy(self):
        self.vrrpd.destroy()
        self.zebra.destroy()
        shutil.rmtree(self.directory, ignore_errors=True)


@dataclasses.dataclass(frozen=True)
class Peer:
    """A make of router: how it is shown, what it has of what not all have, how one is made."""
    name: str
    version: str
    has: frozenset
    make: object


def system_keepalived():
    return _keepalived("keepalived", None)


def debian13_keepalived():
    tree = os.environ.get("DEBIAN13_TREE", "")
    if not (pathlib.Path(tree) / "usr/sbin/keepalived").exists():
        raise RuntimeError("DEBIAN13_TREE names no tree of Debian 13: make one with debian13.sh")
    return _keepalived("keepalived of Debian 13", pathlib.Path(tree))


def _keepalived(name, tree):
    version = version_of(*(["chroot", tree] if tree else []), KEEPALIVED, "--version")
    has = {"password", "unicast"}
    if tuple(map(int, version.split("."))) >= (2, 2, 8):
        has.add("rfc9568")
    return Peer(name, version, frozenset(has),
                lambda *place: KeepalivedRouter(*place, tree=tree))


def frr():
    vrrpd = FrrRouter.FOLDER / "vrrpd"
    has = {"rfc9568"} if b"checksum-with-ipv4-pseudoheader" in vrrpd.read_bytes() else set()
    return Peer("FRR", version_of(vrrpd, "--version"), frozenset(has), FrrRouter)

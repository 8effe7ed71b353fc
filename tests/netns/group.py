"""One VIP group as the tests want it, written down for either daemon."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Group:
    version: int = 3
    interval: float = 1.0  # seconds between advertisements
    vrid: int = 51
    password: str = ""
    vip: str = "172.28.1.254"
    more_vips: tuple = ()
    unicast: bool = False
    priorities: tuple = (("node1", 100), ("node2", 90))
    settings: str = ""  # more lines of haguard's instance

    @property
    def vips(self):
        return (self.vip, *self.more_vips)

    def priority(self, node):
        return dict(self.priorities)[node]

    def skew(self, node):
        """RFC 3768 and RFC 9568, 6.1."""
        scale = 1.0 if self.version == 2 else self.interval
        return (256 - self.priority(node)) / 256 * scale

    def down(self, node):
        return 3 * self.interval + self.skew(node)


def quoted(words):
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def haguard_config(group, node, name, addresses, directory, extra="", settings=""):
    """`addresses`: of all nodes, for unicast. `settings`: lines of the instance of this node."""
    lines = ['name = "edge"', 'interface = "etx2"', f"virtual_router_id = {group.vrid}",
             f"priority = {group.priority(node)}", f"virtual_addresses = {quoted(group.vips)}"]
    if group.password:
        lines.append(f'authentication = {{ type = "pass", password = "{group.password}" }}')
    if group.unicast:
        peers = [address for other, address in addresses.items() if other != node]
        lines.append(f'unicast = {{ source = "{addresses[node]}", peers = {quoted(peers)} }}')
    lines += [group.settings, settings]
    instance = "\n".join(lines)
    return haguard_file(name, directory, f"""\
[vrrp]
version = {group.version}
advertisement_interval = "{round(group.interval * 1000)}ms"

[[vrrp.instance]]
{instance}
""", extra)


def haguard_file(name, directory, vrrp, extra=""):
    """A whole haguard.toml around `vrrp`: the tables of the instances."""
    return f"""\
[node]
name = "{name}"

{vrrp}
[haproxy]
admin_socket = "{directory}/admin.sock"
master_socket = "{directory}/master.sock"

[metrics]
listen = "127.0.0.1:9650"

[control]
socket = "{directory}/control.sock"

[process]
state_dir = "{directory}/state"
runtime_dir = "{directory}/run"
lock_memory = false
{extra}"""


def keepalived_config(group, node, addresses, watched_pid=None):
    """`watched_pid`: with the usual script of the tutorials, `killall -0 haproxy` every 2 s, asking
    for one process because both nodes of a test share one process table."""
    interval = f"{group.interval:g}"
    script = track = unicast = authentication = ""
    if watched_pid:
        script = f"""
vrrp_script chk_haproxy {{
    script "/bin/kill -0 {watched_pid}"
    interval 2
}}"""
        track = "\n    track_script {\n        chk_haproxy\n    }"
    if group.password:
        authentication = (f"\n    authentication {{\n        auth_type PASS\n"
                          f"        auth_pass {group.password}\n    }}")
    if group.unicast:
        peers = "\n".join(f"        {address}" for other, address in addresses.items()
                          if other != node)
        unicast = (f"\n    unicast_src_ip {addresses[node]}\n"
                   f"    unicast_peer {{\n{peers}\n    }}")
    vips = "\n".join(f"        {vip}" for vip in group.vips)
    state = "MASTER" if group.priority(node) == max(dict(group.priorities).values()) else "BACKUP"
    return f"""\
global_defs {{
    vrrp_version {group.version}
    script_user root
}}
{script}
vrrp_instance edge {{
    state {state}
    interface etx2
    virtual_router_id {group.vrid}
    priority {group.priority(node)}
    advert_int {interval}{authentication}{unicast}
    virtual_ipaddress {{
{vips}
    }}{track}
}}
"""

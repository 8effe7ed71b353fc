"""Many virtual routers on one node, or many addresses, written down for either daemon; no HAProxy
is watched."""

import dataclasses
import math

from daemons import Keepalived
from group import haguard_file, quoted

from suite import peers
from suite.case import HAGUARD

PER_INTERFACE = 250  # virtual router ids end at 255
PER_ADVERTISEMENT = 250  # addresses: their count is one byte
RANGE = "172.29.0.0/16"


@dataclasses.dataclass(frozen=True)
class Member:
    number: int  # from 0
    interval: float  # seconds
    size: int = 1  # addresses, at most PER_ADVERTISEMENT

    @property
    def lan(self):
        return self.number // PER_INTERFACE

    @property
    def interface(self):
        return f"etx{2 + self.lan}"

    @property
    def vrid(self):
        return self.number % PER_INTERFACE + 1

    @property
    def addresses(self):
        """In RANGE, none that another member of the same size has."""
        first = self.number * self.size
        return [f"172.29.{index // 250}.{index % 250 + 1}"
                for index in range(first, first + self.size)]


def of_addresses(count, interval=1.0):
    """As few as can have so many addresses."""
    size = min(count, PER_ADVERTISEMENT)
    return [Member(number, interval, size) for number in range(math.ceil(count / size))]


def add_lans(network, members):
    """The interfaces beyond the first; (namespace, port) of node1 on each bridge."""
    count = max(member.lan for member in members) + 1
    for lan in range(1, count):
        network.add_lan(f"lan{lan}", f"etx{2 + lan}",
                        {"node1": f"172.30.{lan}.2", "node2": f"172.30.{lan}.3"})
    lans = ["lan", *(f"lan{lan}" for lan in range(1, count))]
    return [(network.name(lan), "node1") for lan in lans]


def start(peer, node, members, preempt=True, realtime=True):
    if peer == HAGUARD:
        return node.start_configured(haguard_text(node, members, preempt, realtime))
    router = Keepalived(node.lab.network, node.role, node.directory,
                        keepalived_text(node, members, preempt, realtime))
    router.command.remove("--log-detail")  # a line for each announcement
    node.router = node.lab.own(router).start()
    return router


def priority(node):
    return dict(peers.PRIORITIES)[node.role]


def haguard_text(node, members, preempt, realtime):
    instances = "".join(f"""
[[vrrp.instance]]
name = "group-{member.number}"
interface = "{member.interface}"
virtual_router_id = {member.vrid}
priority = {priority(node)}
advertisement_interval = "{round(member.interval * 1000)}ms"
virtual_addresses = {quoted(member.addresses)}
preempt = {str(preempt).lower()}
""" for member in members)
    text = haguard_file(node.name, node.directory, instances,
                        f"realtime_priority = {peers.REALTIME}\n" if realtime else "")
    return text.replace("[haproxy]\n", '[haproxy]\nmode = "none"\n')


def indented(words):
    return "\n".join(f"        {word}" for word in words)


def keepalived_text(node, members, preempt, realtime):
    instances = "".join(f"""
vrrp_instance group-{member.number} {{
    state BACKUP
    interface {member.interface}
    virtual_router_id {member.vrid}
    priority {priority(node)}
    advert_int {member.interval:g}
    {"preempt" if preempt else "nopreempt"}
    virtual_ipaddress {{
{indented(member.addresses)}
    }}
}}
""" for member in members)
    return (f"global_defs {{\n    vrrp_version 3\n{peers.global_definitions(realtime)}}}\n"
            f"{instances}")

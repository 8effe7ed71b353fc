"""How each peer is configured: haguard, keepalived as well as it can be, and as tutorials have it.

haguard and the best keepalived get the same version, interval, priorities and scheduling; the
tutorial has version 2 (3 for IPv6), one second, a script every two seconds with weight 2, and
priorities 101 and 100.
"""

from daemons import HAPROXY, Keepalived
from group import Group, keepalived_config

from suite.case import BEST, HAGUARD, TUTORIAL

# As close to 255 as it goes: what is left of the skew is 12 ms at 1 s. The same for both makes.
PRIORITIES = (("node1", 254), ("node2", 253))
REALTIME = 50
# Seconds between two runs of a script, and the longest interval of the advertisements.
SCRIPT_INTERVAL = {HAGUARD: 1.0, BEST: 1.0, TUTORIAL: 2.0}
HAGUARD_CHECK = """
[[check]]
name = "maintenance"
type = "file"
path = "{marker}"
weight = -50
interval = "100ms"
rise = 1
fall = 1
"""


def group_for(peer, **wanted):
    """What the case wants, as far as the peer's configuration is for the case to choose."""
    if peer != TUTORIAL:
        return Group(priorities=PRIORITIES, **wanted)
    ipv6 = ":" in wanted.get("vip", "")
    return Group(version=3 if ipv6 else 2, password="" if ipv6 else "1111",
                 priorities=(("node1", 101), ("node2", 100)), vip=wanted.get("vip", Group.vip),
                 unicast=wanted.get("unicast", False))


class Outside:
    """A keepalived that hears of processes has to be started outside: the kernel tells about them
    only in the first network namespace. Its `net_namespace` takes it into that of its node."""

    @staticmethod
    def command(_role, *command):
        return ["setpriv", "--pdeathsig", "KILL", *map(str, command)]


def marker(node):
    """The file whose appearance costs the node 50 priority points, 20 in the tutorial."""
    return node.directory / "maintenance"


def start(peer, node, realtime=True):
    """On a node whose HAProxy runs."""
    marker(node).unlink(missing_ok=True)
    begin = {HAGUARD: start_haguard, BEST: start_best, TUTORIAL: start_tutorial}[peer]
    return begin(node, realtime)


def start_haguard(node, realtime):
    first = f"realtime_priority = {REALTIME}\n" if realtime else ""
    return node.start_haguard(first + HAGUARD_CHECK.format(marker=marker(node)))


def global_definitions(realtime):
    """Lines of global_defs. Announcements a second after the take-over once more, and then every
    minute; who yields says so, so the winner announces itself; a process that is late because of
    others is not killed for it."""
    lines = ["vrrp_garp_master_delay 1", "vrrp_garp_master_refresh 60",
             "vrrp_higher_prio_send_advert true",
             "process_monitor_rcv_bufs 1048576"]
    if realtime:
        lines += [f"vrrp_rt_priority {REALTIME}", "vrrp_no_swap", "vrrp_rlimit_rttime 1000000"]
    return "".join(f"    {line}\n" for line in lines)


def best_tracking(node):
    """The processes, which are heard of at once, also when a reload has added arguments to their
    command line; an answer, for what a process that hangs or stops does not tell, at the shortest
    interval of a script; a file, heard of at once."""
    return f"""\
net_namespace {node.lab.network.name(node.role)}
vrrp_track_process haproxy {{
    process "{HAPROXY}" -W -db -S {node.haproxy.master_socket} -f {node.haproxy.config}
    param_match initial
    weight 0
}}
vrrp_script answers {{
    script "/usr/bin/curl --silent --fail --max-time 0.5 --output /dev/null http://127.0.0.1:80/"
    interval 1
    timeout 1
}}
vrrp_track_file maintenance {{
    file "{marker(node)}"
    weight -50
}}
"""


def start_best(node, realtime, more=()):
    """`more`: scripts beside that of best_tracking, as (name, command)."""
    marker(node).write_text("0")
    text = base_text(node).replace("script_user root\n",
                                   "script_user root\n" + global_definitions(realtime))
    text = text.replace("vrrp_instance edge {", best_tracking(node) + "".join(
        script_block(*script) for script in more) + "vrrp_instance edge {")
    scripts = "\n        ".join(["answers", *(name for name, _ in more)])
    text = with_tracks(text, process="haproxy", script=scripts, file="maintenance")
    router = Keepalived(Outside(), node.role, node.directory, text)
    node.router = node.lab.own(router).start()
    return router


def script_block(name, command):
    return f"""\
vrrp_script {name} {{
    script "{command}"
    interval 1
    timeout 1
}}
"""


def start_tutorial(node, _realtime):
    """`killall -0 haproxy` would see the HAProxy of the other node, with which this one shares the
    table of processes, so it asks for the one with the configuration of its own."""
    scripts = f"""\
vrrp_script chk_haproxy {{
    script "/usr/bin/pgrep -f {node.haproxy.config}"
    interval 2
    weight 2
}}
vrrp_script chk_maintenance {{
    script "/usr/bin/test ! -e {marker(node)}"
    interval 2
    weight -20
}}
"""
    text = base_text(node).replace("vrrp_instance edge {", scripts + "vrrp_instance edge {")
    text = with_tracks(text, script="chk_haproxy\n        chk_maintenance")
    router = Keepalived(node.lab.network, node.role, node.directory, text)
    node.router = node.lab.own(router).start()
    return router


def base_text(node):
    return keepalived_config(node.lab.group, node.role, node.lab.node_addresses())


def with_tracks(text, **tracks):
    blocks = "".join(f"    track_{kind} {{\n        {names}\n    }}\n"
                     for kind, names in tracks.items())
    return text.replace("    virtual_ipaddress {", blocks + "    virtual_ipaddress {")

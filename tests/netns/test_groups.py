"""Several instances on a node: tied together by sync_group, crossed as an active/active pair, many
of them, and with addresses elsewhere than on the interface of the advertisements."""

import time

import pytest

from daemons import wait_until
from group import haguard_file
from network import now

WEB = "172.28.1.254"
DB = "172.28.3.254"
OTHER_LAN = {"node1": "172.28.3.2", "node2": "172.28.3.3"}
MANY = 50


def instance(name, interface, vrid, priority, vips, more=""):
    vips = ", ".join(f'"{vip}"' for vip in vips)
    return f"""\
[[vrrp.instance]]
name = "{name}"
interface = "{interface}"
virtual_router_id = {vrid}
priority = {priority}
virtual_addresses = [{vips}]
{more}
"""


def start(node, *instances, interval="500ms"):
    node.start_haproxy()
    vrrp = f'[vrrp]\nadvertisement_interval = "{interval}"\n\n' + "\n".join(instances)
    return node.start_configured(haguard_file(node.name, node.directory, vrrp))


def states(node):
    status = node.router.status()
    return {each["name"]: each["state"] for each in status["instances"]} if status else {}


def held(lab, node, interface="etx2"):
    """The addresses on the interface beside its own."""
    own = {*lab.network.NODES.values(), *OTHER_LAN.values()}
    return {info["local"] for info in lab.network.shown(node.role, interface)} - own


def wait_held(lab, expected, timeout=15):
    """`expected`: node, interface -> addresses."""
    wait_until(lambda: all(held(lab, node, interface) == addresses
                           for (node, interface), addresses in expected.items()),
               timeout, f"addresses are where they belong ({expected})", 0.05)


# ---- a sync group over two networks


def where(lab, active, passive):
    return {(active, "etx2"): {WEB}, (active, "etx3"): {DB},
            (passive, "etx2"): set(), (passive, "etx3"): set()}


@pytest.fixture
def tied(make_lab):
    """A proxy between two networks: whoever has one side must have the other."""
    lab = make_lab()
    lab.network.add_lan("lan3", "etx3", OTHER_LAN)
    for node in lab.nodes:
        priority = lab.group.priority(node.role)
        start(node, *(instance(name, interface, vrid, priority, [vip], 'sync_group = "both"')
                      for name, interface, vrid, vip in (("web", "etx2", 51, WEB),
                                                         ("db", "etx3", 53, DB))))
        if node is lab.node1:
            wait_held(lab, where(lab, lab.node1, lab.node2))
    wait_until(lambda: states(lab.node2) == {"web": "backup", "db": "backup"}, what="a backup")
    return lab


@pytest.mark.parametrize("lan, healthy, broken", [("lan", "db", "web"), ("lan3", "web", "db")])
def test_a_link_that_fails_moves_both(tied, lan, healthy, broken):
    lab = tied
    interface = {"web": "etx2", "db": "etx3"}[broken]
    cut = now()
    lab.network.carrier("node1", False, lan)
    wait_held(lab, where(lab, lab.node2, lab.node1), timeout=4)
    fault = f"fault: interface {interface} is down"
    lab.node1.router.wait_log(rf"{broken}/ipv4: active -> initialize \({fault}\)", cut)
    lab.node1.router.wait_log(
        rf"{healthy}/ipv4: active -> initialize \(sync group: {broken}/ipv4: {fault}\)", cut)
    assert states(lab.node1) == {"web": "initialize", "db": "initialize"}
    lab.network.carrier("node1", True, lan)
    wait_held(lab, where(lab, lab.node1, lab.node2))
    assert states(lab.node1) == {"web": "active", "db": "active"}


def test_one_lan_that_is_cut_splits_nothing(tied):
    lab = tied
    cut = now()
    lab.network.unplug("node1", "lan3")
    told = "db/ipv4: nobody advertises, but the sync group waits: web/ipv4 hears a better router"
    lab.node2.router.wait_log(told, cut, timeout=5)
    until = now() + 3
    while now() < until:
        assert held(lab, lab.node2) == held(lab, lab.node2, "etx3") == set()
    assert held(lab, lab.node1) == {WEB}
    assert held(lab, lab.node1, "etx3") == {DB}
    assert states(lab.node2) == {"web": "backup", "db": "backup"}
    assert len(lab.node2.router.logged("the sync group waits", cut)) == 1
    lab.network.plug("node1", "lan3")

    # Now the node itself goes: nothing holds the other one back.
    lab.node1.router.stop()
    wait_held(lab, where(lab, lab.node2, lab.node1), timeout=4)


def test_both_lans_that_are_cut_heal_to_one(tied):
    lab = tied
    for lan in ("lan", "lan3"):
        lab.network.unplug("node1", lan)
    wait_until(lambda: states(lab.node2) == {"web": "active", "db": "active"}, what="a take-over")
    lab.network.plug("node1", "lan")  # one side first: that is enough to know who is better
    wait_held(lab, where(lab, lab.node1, lab.node2), timeout=4)
    lab.node2.router.wait_log(r"db/ipv4: active -> backup \(sync group")
    lab.network.plug("node1", "lan3")
    time.sleep(2)
    assert states(lab.node1) == {"web": "active", "db": "active"}
    assert states(lab.node2) == {"web": "backup", "db": "backup"}


# ---- crossed


def test_active_active_pair(make_lab):
    lab = make_lab()
    first, second = "172.28.1.251", "172.28.1.252"
    for node, priorities in zip(lab.nodes, ((100, 90), (90, 100))):
        start(node, instance("first", "etx2", 51, priorities[0], [first]),
              instance("second", "etx2", 52, priorities[1], [second]))
    apart = {(lab.node1, "etx2"): {first}, (lab.node2, "etx2"): {second}}
    wait_held(lab, apart)
    time.sleep(1)
    assert states(lab.node1) == {"first": "active", "second": "backup"}
    assert states(lab.node2) == {"first": "backup", "second": "active"}
    for node, own, other in ((lab.node1, "first", "second"), (lab.node2, "second", "first")):
        assert node.router.get(f"/active?instance={own}")[0] == 200
        assert node.router.get(f"/active?instance={other}")[0] == 503

    lab.node1.router.stop(9)
    wait_held(lab, {(lab.node1, "etx2"): set(), (lab.node2, "etx2"): {first, second}}, timeout=5)
    assert states(lab.node2) == {"first": "active", "second": "active"}
    lab.node1.start_configured(lab.node1.router.config.read_text())
    wait_held(lab, apart)


# ---- many


def test_many_instances_move_within_a_second(make_lab):
    lab = make_lab()
    vips = [f"172.28.1.{100 + number}" for number in range(MANY)]
    for node in lab.nodes:
        start(node, *(instance(f"group-{number}", "etx2", 100 + number,
                               lab.group.priority(node.role), [vip])
                      for number, vip in enumerate(vips)), interval="1s")
        if node is lab.node1:
            wait_held(lab, {(node, "etx2"): set(vips)})
    wait_until(lambda: set(states(lab.node2).values()) == {"backup"}, what="node2 is Backup")
    since = now()
    time.sleep(3)
    assert lab.node2.router.logged("->", since) == []

    stopped = now()
    assert lab.node1.router.stop() == 0
    took = wait_until(lambda: (lines := lab.node2.router.logged("backup -> active", stopped))
                      and len(lines) == MANY and lines, what="all of them")
    assert took[-1].time - stopped < 1
    assert held(lab, lab.node2) == set(vips)
    assert held(lab, lab.node1) == set()
    assert lab.node2.router.metric("vrrp_addresses_held") == MANY


# ---- addresses elsewhere


LABELLED = '{ address = "172.28.3.254/24", interface = "etx3", label = "etx3:vip" }'
EXCLUDED = """\
excluded_addresses = ["172.28.1.253", { address = "172.28.3.253/24", interface = "etx3" }]
"""


def test_excluded_and_labelled_addresses_move_along(make_lab):
    lab = make_lab()
    lab.network.add_lan("lan3", "etx3", OTHER_LAN)

    def wait_all_on(active, passive):
        wait_held(lab, {(active, "etx2"): {WEB, "172.28.1.253"}, (passive, "etx2"): set(),
                        (active, "etx3"): {DB, "172.28.3.253"}, (passive, "etx3"): set()})

    for node in lab.nodes:
        text = instance("edge", "etx2", 51, lab.group.priority(node.role), [WEB], EXCLUDED)
        start(node, text.replace(f'"{WEB}"', f'"{WEB}", {LABELLED}'))
        if node is lab.node1:
            wait_all_on(lab.node1, lab.node2)
    lab.node2.wait_state("backup")
    [info] = [each for each in lab.network.shown("node1", "etx3") if each["local"] == DB]
    assert (info["label"], info["prefixlen"]) == ("etx3:vip", 24)
    assert lab.node1.adverts()[-1].addresses == (WEB, DB)
    assert lab.sniffer.announcements("node1", "172.28.1.253")
    assert lab.node1.router.metric("vrrp_addresses_held") == 4
    lab.node1.router.stop()
    wait_all_on(lab.node2, lab.node1)

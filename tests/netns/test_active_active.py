"""Two addresses, each node serves one: the files of conf/examples, of which docs/active-active.md
speaks."""

import pathlib
import re
import time

import pytest

from daemons import wait_until
from network import now
from probing import failed

EXAMPLES = pathlib.Path(__file__).parents[2] / "conf/examples"
FIRST, SECOND = "172.28.1.251", "172.28.1.252"
NAMES = {FIRST: "first", SECOND: "second"}
DOWN = 3 + (256 - 90) / 256  # RFC 9568, 6.1: what a Backup of priority 90 waits, in seconds


def shipped(node):
    """The example, with sockets and directories of this node alone."""
    text = (EXAMPLES / f"active-active-{node.name}.toml").read_text()
    return text + f"""
[haproxy]
admin_socket = "{node.directory}/admin.sock"
master_socket = "{node.directory}/master.sock"

[control]
socket = "{node.directory}/control.sock"

[process]
state_dir = "{node.directory}/state"
runtime_dir = "{node.directory}/run"
lock_memory = false
"""


def held(lab, node):
    return {address.partition("/")[0] for address in lab.network.addresses(node.role)} & {FIRST,
                                                                                          SECOND}


def wait_held(lab, on_first, on_second, timeout=15):
    wait_until(lambda: (held(lab, lab.node1), held(lab, lab.node2)) == (on_first, on_second),
               timeout, f"{on_first} on node1 and {on_second} on node2", 0.02)


@pytest.fixture
def lab(make_lab):
    lab = make_lab()
    for node in lab.nodes:
        node.start_haproxy()
        node.start_configured(shipped(node))
    wait_held(lab, {FIRST}, {SECOND})
    lab.probers = {vip: lab.start_prober(served_by, vip)
                   for vip, served_by in ((FIRST, lab.node1), (SECOND, lab.node2))}
    return lab


def test_the_files_go_together(lab):
    """Nothing that only the pair shows is wrong."""
    peer = EXAMPLES / "active-active-proxy-2.toml"
    done = lab.node1.router.cli("check", "--peer-config", peer)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"OK: 2 instances, \d+ checks?$", done.stdout.strip()), done.stdout


@pytest.mark.parametrize("dies, stays", [("node1", "node2"), ("node2", "node1")])
def test_one_node_dies_and_the_other_one_serves_both(lab, dies, stays):
    dead, alive = getattr(lab, dies), getattr(lab, stays)
    both = ({FIRST, SECOND}, set()) if alive is lab.node1 else (set(), {FIRST, SECOND})
    moved, kept = (FIRST, SECOND) if dead is lab.node1 else (SECOND, FIRST)

    # Its wire goes dead and says nothing: what a machine without power looks like.
    cut = lab.network.unplug(dead.role)
    served = lab.probers[moved].first_served(alive.name, cut, DOWN + 2)
    print(f"{moved} served by {alive.name} after {served.done - cut:.3f} s")
    assert served.done - cut <= DOWN + 0.5
    wait_until(lambda: held(lab, alive) == {FIRST, SECOND}, what=f"{stays} holds both")

    # All by itself it holds both as well. It comes back between two of its announcements, soon
    # enough to hear an advertisement before the next one: whoever does not disturbs for a moment.
    alone = dead.router.wait_log(f"{NAMES[kept]}/ipv4: backup -> active", cut).time
    time.sleep(max(0, alone + 0.2 - now()))
    back = now()
    lab.network.plug(dead.role)
    wait_held(lab, {FIRST}, {SECOND})
    lab.probers[moved].first_served(dead.name, back)
    assert not failed(lab.probers[kept].stop()), "the address that never moved was not touched"


def test_haproxy_dies_and_both_are_elsewhere_at_once(lab):
    lab.node1.haproxy.stop(9)
    wait_held(lab, set(), {FIRST, SECOND}, timeout=2)
    states = {each["name"]: each["state"] for each in lab.node2.router.status()["instances"]}
    assert states == {"first": "active", "second": "active"}
    lab.node1.start_haproxy()
    wait_held(lab, {FIRST}, {SECOND})

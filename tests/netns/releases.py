"""Pairs with the oldest and the newest HAProxy that Debian supports, as fixtures of a module. Every
node gets its turn as the Active one: without preemption a repaired node waits for the next fault of
the other."""

import contextlib
import os

import pytest

from conftest import REPORTS
from daemons import wait_until
from group import Group
from lab import Lab

VERSIONS = {"debian12": "2.6.", "debian13": "3.0."}
MOST = 20  # connections at a time
SETTINGS = f"maxconn {MOST}"
GROUP = dict(interval=0.2, settings="preempt = false")


@pytest.fixture(scope="module", params=VERSIONS)
def release(request):
    return request.param


@pytest.fixture(scope="module")
def tree(release):
    if release == "debian12":
        return None
    found = os.environ.get("DEBIAN13_TREE", "")
    assert os.path.exists(f"{found}/usr/sbin/haproxy"), "DEBIAN13_TREE: see debian13.sh"
    return found


class Roles:
    """Who is who at the moment."""

    def __init__(self, lab):
        self.lab = lab
        self.active, self.standby = sorted(lab.nodes, key=lambda node: not node.held())

    def settled(self):
        return (self.lab.holders() == [self.active] and self.active.state() == "active"
                and self.standby.state() == "backup")


def start_pair(lab, tree, checks="", settings=SETTINGS, sections=""):
    for node in lab.nodes:
        node.start_haproxy(tree=tree, settings=settings, sections=sections)
        node.start_haguard(checks)
        if node is lab.node1:
            node.wait_active()
    lab.node2.wait_state("backup")


@pytest.fixture(scope="module")
def shared(tree):
    with Lab(Group(**GROUP)) as lab:
        start_pair(lab, tree)
        yield lab


@pytest.fixture
def pair(shared, request):
    """All is well; of every test that leaves it so, the next one takes it over."""
    request.node.stash[REPORTS] = [shared]
    for node in shared.nodes:
        if not node.haproxy.running():
            node.haproxy.start()
    wait_until(lambda: Roles(shared).settled(), what="the pair is well again", interval=0.05)
    return Roles(shared)


def changes(nodes):
    return [node.router.instance().get("transitions") for node in nodes]


def warnings(node):
    """Of HAProxy: what -> why."""
    return {each["warning"]: each["detail"] for each in node.router.status()["haproxy"]["warnings"]}


def wait_warning(node, what, timeout=20):
    return wait_until(lambda: warnings(node).get(what), timeout, f"{node.role} warns: {what}", 0.05)


def wait_no_warnings(node, timeout=20):
    wait_until(lambda: warnings(node) == {}, timeout, f"{node.role} warns of nothing", 0.05)


@contextlib.contextmanager
def unmoved(lab, nodes=()):
    """Meanwhile none of the nodes changes its state; without a list: none of the lab."""
    nodes = nodes or lab.nodes
    before = changes(nodes), lab.holders()
    yield
    assert (changes(nodes), lab.holders()) == before

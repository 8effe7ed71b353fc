"""A pair of keepalived becomes a pair of haguard under traffic, node by node, with the files of the
tutorials and with what `haguard import` makes of them, to the byte. docs/from-keepalived.md is the
guide that this follows."""

import pathlib
import subprocess
import time

import pytest

from daemons import HAGUARD, Daemon, Haguard, Keepalived, wait_until
from holding import Holding
from network import now

CASES = pathlib.Path(__file__).parents[1] / "conf/keepalived/cases"
VIP = "172.28.1.254/32"
# With priority 90: what keepalived's own Backup waits after a resignation (RFC 3768, 6.1).
SKEW = (256 - 90) / 256
# The imported file has the usual paths. In the mount namespace that `ip netns exec` makes, each node
# has directories of its own there.
MACHINE = ('mount --bind "$0/machine/run" /run && mount --bind "$0/machine/lib" /var/lib && '
           'exec "$@"')


def on_machine(node, *command):
    return ["sh", "-c", MACHINE, node.directory, *command]


class InstalledHaguard(Haguard):
    """With the file as `haguard import` wrote it."""

    def __init__(self, node, config):
        self.node = node
        self.config = config
        Daemon.__init__(self, node.lab.network, node.role, f"haguard on {node.role}",
                        on_machine(node, HAGUARD, "run", "--config", config))

    def cli(self, *arguments):
        return subprocess.run(
            self.network.command(self.role, *on_machine(
                self.node, HAGUARD, *arguments, "--config", self.config)),
            capture_output=True, text=True, timeout=30)


class TutorialKeepalived(Keepalived):
    def became(self, state, since=0):
        return self.logged(rf"\(VI_1\) Entering {state} STATE", since)


def prepare(node):
    """HAProxy, with its sockets where Debian has them."""
    (node.directory / "machine/run/haproxy").mkdir(parents=True)
    (node.directory / "machine/lib").mkdir()
    for link, socket in (("haproxy/admin.sock", "admin.sock"),
                         ("haproxy-master.sock", "master.sock")):
        (node.directory / "machine/run" / link).symlink_to(node.directory / socket)
    node.start_haproxy()


def tutorial(node):
    return CASES / f"tutorial_proxy_{node.name[-1]}.conf"


def start_keepalived(node, edit=str):
    """`edit`: what to make of the file of the tutorial."""
    text = edit(tutorial(node).read_text())
    node.router = node.lab.own(
        TutorialKeepalived(node.lab.network, node.role, node.directory, text)).start()


def start_haguard(node, priority=None):
    """What the guide says: import, check, start. `priority`: instead of the imported one."""
    config = node.directory / "imported.toml"
    if not config.exists():
        done = subprocess.run(node.lab.network.command(
            node.role, *on_machine(node, HAGUARD, "import", tutorial(node), "-o", config)),
            capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr
    node.router = InstalledHaguard(node, config)
    if priority:
        rewrite(node, ("priority = 90", f"priority = {priority}"))
    checked = node.router.cli("check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    node.lab.own(node.router).start()


def wait_backup(node, since):
    if isinstance(node.router, Keepalived):
        wait_until(lambda: node.router.became("BACKUP", since), what=f"{node.role} is BACKUP")
    else:
        node.wait_state("backup")


def wait_alone(node):
    wait_until(lambda: node.lab.holders() == [node], what=f"only {node.role} has {VIP}",
               interval=0.05)


@pytest.fixture
def lab(make_lab):
    """The pair as the tutorials leave it; proxy-1 is MASTER."""
    lab = make_lab(version=2, password="hGoVjTjSYQq3Epm")
    lab.holding = Holding(lab, VIP)
    for node in lab.nodes:
        prepare(node)
        start_keepalived(node)
        if node is lab.node1:
            wait_alone(node)
    wait_backup(lab.node2, 0)
    wait_until(lambda: [advert for advert in lab.node1.adverts() if advert.priority == 102],
               what="the weight of the script counts")
    return lab


def swap(node, start, since):
    """One make for the other on this node."""
    node.router.stop()
    start(node)
    wait_backup(node, since)


def measure(lab, title, step, bound=SKEW):
    """Nobody, and two, for no longer than keepalived takes by itself."""
    prober = lab.prober
    since = now()
    step(since)
    time.sleep(1)
    until = now()
    nobody = lab.holding.longest(0, since, until)
    two = lab.holding.longest(2, since, until)
    served = sorted(probe.done for probe in prober.probes()
                    if probe.status == "ok" and since <= probe.done <= until)
    gap = max(later - earlier for earlier, later in zip(served, served[1:]))
    print(f"{title:44} nobody {nobody * 1000:6.1f} ms, two {two * 1000:6.1f} ms, "
          f"clients waited {gap * 1000:6.1f} ms")
    assert nobody <= bound and two <= bound


def replace_backup(lab, start):
    def step(since):
        swap(lab.node2, start, since)
        wait_alone(lab.node1)
    return step


def replace_active(lab, start):
    def step(since):
        lab.node1.router.stop()
        wait_alone(lab.node2)
        start(lab.node1)
        wait_alone(lab.node1)
        wait_backup(lab.node2, since)
    return step


def test_node_by_node_and_back(lab):
    lab.prober = lab.start_prober()
    measure(lab, "haguard on the Backup", replace_backup(lab, start_haguard))
    assert lab.node2.router.instance()["active_router"] == {"address": "172.28.1.2",
                                                            "priority": 102}
    measure(lab, "haguard on the Active node", replace_active(lab, start_haguard))
    assert lab.node1.router.instance()["state"] == "active"

    measure(lab, "back: keepalived on the Backup", replace_backup(lab, start_keepalived))
    measure(lab, "back: keepalived on the Active node", replace_active(lab, start_keepalived))


def test_back_from_the_middle(lab):
    lab.prober = lab.start_prober()
    measure(lab, "haguard on the Backup", replace_backup(lab, start_haguard))
    measure(lab, "back: keepalived on the Backup", replace_backup(lab, start_keepalived))


@pytest.mark.parametrize("priority, takes_over", [(100, False), (102, True)])
def test_a_weight_of_keepalived_counts_while_the_pair_is_mixed(make_lab, priority, takes_over):
    """101 with `weight 2`: 103 while its script passes, 101 while it fails. Only what lies between
    the two hears of the failure."""
    lab = make_lab(version=2)
    for node in lab.nodes:
        prepare(node)
    passing = lab.node1.directory / "passing"
    passing.touch()
    start_keepalived(lab.node1, lambda text: text.replace("priority 100", "priority 101").replace(
        "killall -0 haproxy", f"/usr/bin/test -e {passing}"))
    wait_alone(lab.node1)
    wait_until(lambda: [advert for advert in lab.node1.adverts() if advert.priority == 103],
               what="the weight of the script counts")
    start_haguard(lab.node2, priority)
    lab.node2.wait_state("backup")

    passing.unlink()
    if takes_over:
        wait_alone(lab.node2)
    else:
        since = now()
        wait_until(lambda: [advert for advert in lab.node1.adverts(since)
                            if advert.priority == 101], what="the weight is gone")
        time.sleep(4)  # longer than a Backup waits
        assert lab.holders() == [lab.node1]


@pytest.fixture
def moved(lab):
    """Both nodes run the imported file."""
    replace_backup(lab, start_haguard)(now())
    replace_active(lab, start_haguard)(now())
    return lab


def rewrite(node, *replacements):
    text = node.router.config.read_text()
    for before, after in replacements:
        assert before in text
        text = text.replace(before, after)
    node.router.config.write_text(text)


def test_then_version_3_by_reload(moved):
    """Both within the three seconds in which a Backup waits: nobody moves."""
    lab = moved
    lab.prober = lab.start_prober()

    def step(since):
        for node in (lab.node2, lab.node1):
            rewrite(node, ("version = 2\n", "version = 3\n"),
                    ('authentication = { type = "pass", password = "hGoVjTjS" }\n', ""))
            done = node.router.cli("reload")
            assert done.returncode == 0, done.stderr
            print(done.stdout, end="")
        wait_until(lambda: [advert for advert in lab.node1.adverts(since) if advert.version == 3],
                   what="version 3 on the wire")
        time.sleep(4)  # longer than a Backup waits
        assert lab.node2.adverts(since) == []
        assert not lab.node2.router.logged("->", since)
    measure(lab, "version 3 on both", step, bound=0)

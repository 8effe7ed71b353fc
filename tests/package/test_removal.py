"""What is left when haguard goes."""

import pytest

from daemons import wait_until
from lab import host
from watch import UNDER_WAY, Watch

# Made by others in the meantime, or of no matter: what dpkg, apt, systemd and man keep for
# themselves.
NOT_OURS = ("/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/log", "/root", "/tmp", "/var/tmp",
            "/run", "/proc", "/sys", "/dev", "/var/lib/systemd/timers", "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu", "/usr/share/doc/lib", "/etc/libnl-3", "/etc/ld.so.cache",
            "/var/lib/systemd/catalog", "/usr/share/lintian", "/etc/haproxy")


def files(node):
    """All that is in the file system, with its content where it is small."""
    names = node.run("find / -xdev \\( -path /proc -o -path /sys -o -path /run -o -path /dev \\)"
                     " -prune -o -print").splitlines()
    return {name for name in names if not name.startswith(NOT_OURS)}


@pytest.fixture(scope="module")
def before(rack):
    """The file systems before haguard was there."""
    return {node.name: files(node) for node in rack.nodes}


def test_removal_hands_over_and_leaves_the_configuration(before, pair):
    node = pair.node1
    watch = Watch(pair)
    node.run("apt-get --yes remove haguard")
    assert not node.held()
    wait_until(pair.node2.holds_vip, 2, "node2 has the address")
    assert watch.failed() <= UNDER_WAY
    assert node.path("/etc/haguard/haguard.toml").exists()
    node.run("systemctl is-enabled haguard", check=False)
    assert node.exit_code != 0


def test_purge_leaves_nothing(before, pair):
    node = pair.node1
    node.run("apt-get --yes purge haguard")
    assert files(node) - before[node.name] == set()
    groups = node.run("getent group", check=False)
    assert "haguard" not in groups
    assert node.run("find /run /var -name '*haguard*' -not -path '/var/cache/*'"
                    " -not -path '/var/log/*'").splitlines() == []
    assert node.run("systemctl --failed --no-legend").strip() == ""


def test_a_purge_of_a_running_daemon_leaves_no_address(pair):
    node = pair.node2
    assert node.holds_vip()
    node.run("apt-get --yes purge haguard")
    assert host(pair.group.vip) not in pair.network.addresses("node2")
    assert not node.path("/etc/haguard").exists() and not node.path("/var/lib/haguard").exists()

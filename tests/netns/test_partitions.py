"""A wire that is cut without a sound, and put together again."""

import time

import pytest

from daemons import wait_until
from network import now

VIP = "172.28.1.254"


@pytest.mark.parametrize("first", ["node1", "node2"])
@pytest.mark.parametrize("version", [3, 2])
def test_silent_partition_heals_to_one_owner(make_lab, version, first):
    """Whoever is heard first when the wire is back, clients find the winner and not the loser."""
    lab = make_lab(version=version)
    lab.start_pair()
    time.sleep(5)  # node1's announcements of its own take-over are past
    lab.network.unplug("node1")
    lab.node2.wait_state("active")
    assert lab.holders() == [lab.node1, lab.node2]  # neither can know of the other
    prober = lab.start_prober(served_by=lab.node2)

    other = lab.node2 if first == "node1" else lab.node1
    since = now()
    wait_until(lambda: other.adverts(since), what=f"an advertisement of {other.role}")
    healed = now()
    lab.network.plug("node1")
    lab.node1.wait_active()
    lab.node2.wait_state("backup")
    prober.first_served("proxy-1", healed, timeout=3)
    assert lab.sniffer.announcements("node1", VIP, healed)  # switches learn who won

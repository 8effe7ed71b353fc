"""In one group with Debian's keepalived, either as Active or as Backup: how a migration looks."""

import pytest

from network import now

GROUPS = {
    "v2-password": dict(version=2, password="secret"),
    "v3": dict(version=3),
    "v3-unicast": dict(version=3, unicast=True),
}


@pytest.fixture(params=GROUPS)
def group(request):
    return GROUPS[request.param]


@pytest.mark.parametrize("first, second", [("haguard", "keepalived"), ("keepalived", "haguard")])
def test_roles_move_both_ways(make_lab, group, first, second):
    lab = make_lab(**group)
    node1, node2 = lab.node1, lab.node2
    lab.start_pair(first, second)
    assert node2.adverts() == []
    assert [advert.priority for advert in node1.adverts()][-1] == 100

    stopped = now()
    assert node1.router.stop() == 0
    node2.wait_active()
    took_over = node2.adverts(stopped)[0].time - stopped
    # A keepalived that resigns, and version 2, leave the successor its skew time.
    fast = first == "haguard" and lab.group.version == 3
    assert took_over < (0.2 if fast else lab.group.skew("node2") + 0.3)

    returned = now()
    node1.start_router(first)
    node1.wait_active()
    node2.wait_state("backup")
    settled = node1.adverts(returned)[0].time
    assert node2.adverts(settled + 1.5 * lab.group.interval) == []


@pytest.mark.parametrize("first, second", [("haguard", "keepalived"), ("keepalived", "haguard")])
def test_silence_is_noticed_after_the_down_interval(make_lab, first, second):
    lab = make_lab()
    lab.start_pair(first, second)
    lab.network.unplug("node1")
    last = lab.node1.adverts()[-1].time
    cut = now()
    lab.node2.wait_state("active")
    took_over = lab.node2.adverts(cut)[0].time
    silent_since = max(time for time in (advert.time for advert in lab.node1.adverts(until=cut)))
    assert last <= silent_since
    assert took_over - silent_since == pytest.approx(lab.group.down("node2"), abs=0.3)

    lab.network.plug("node1")
    lab.node1.wait_active()
    lab.node2.wait_state("backup")

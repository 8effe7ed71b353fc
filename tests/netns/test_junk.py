"""Packets that are not for us, or not for anybody, must move nothing but a counter."""

import pytest

from junk import JunkSender
from network import now

JUNK = {
    3: {"version_2": "version", "type": "type", "checksum": "checksum", "truncated": "truncated",
        "trailing": "trailing_bytes", "interval_0": "interval_zero", "ttl_64": "ttl"},
    2: {"version_3": "version", "type": "type", "checksum": "checksum", "truncated": "truncated",
        "password": "auth_password", "no_password": "auth_type",
        "interval_2": "interval_mismatch", "ttl_64": "ttl"},
}


@pytest.mark.parametrize("version", JUNK)
def test_junk_moves_nothing_but_counters(make_lab, version):
    lab = make_lab(version=version, password="secret" if version == 2 else "")
    lab.start_pair()
    since = now()
    kinds = JUNK[version]
    sent = JunkSender(lab).send(kinds, per_second=2, seconds=10)
    until = now()

    times = [advert.time for advert in lab.node1.adverts(since, until)]
    gaps = [later - earlier for earlier, later in zip(times, times[1:])]
    assert len(times) >= 9
    assert all(0.9 < gap < 1.1 for gap in gaps), gaps
    assert {advert.priority for advert in lab.node1.adverts(since, until)} == {100}
    assert lab.node2.adverts(since) == []
    assert lab.holders() == [lab.node1]
    for kind, reason in kinds.items():
        for node in lab.nodes:
            counted = node.router.metric("vrrp_packets_rejected_total", reason=reason)
            assert counted == sent[kind], f"{kind} on {node.role}"

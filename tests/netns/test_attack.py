"""Whoever may ask may also ask badly: neither the advertisements nor the other clients suffer."""

import pytest

from attack import Greed, never_a_line, pause, slow_loris
from network import inside, now

INTERVAL = 0.01
WATCHED = 4.0
ATTACKS = {"http": slow_loris, "control": never_a_line}


def p99_gap(lab, since, until):
    times = [advert.time for advert in lab.node1.adverts(since, until)]
    gaps = sorted(later - earlier for earlier, later in zip(times, times[1:]))
    assert len(gaps) > 0.7 * (until - since) / INTERVAL, "far too few advertisements"
    return gaps[int(0.99 * len(gaps))]


def watched(lab):
    since = now()
    pause(WATCHED)
    gap = p99_gap(lab, since, now())
    print(f"99 of 100 gaps are at most {gap * 1000:.2f} ms")
    return gap


def slowest(question, times=10):
    """The longest that one of so many questions took."""
    longest = 0
    for _ in range(times):
        start = now()
        question()
        longest = max(longest, now() - start)
    return longest


@pytest.mark.parametrize("kind", ATTACKS)
def test_a_thousand_slow_clients(make_lab, kind):
    lab = make_lab(interval=INTERVAL)
    lab.start_pair()
    transitions = lab.node1.router.instance()["transitions"]
    before = watched(lab)
    with ATTACKS[kind](lab.node1) as attack:
        during = watched(lab)
        assert lab.node1.router.get("/healthz")[0] == 200
        if kind == "http":
            longest = slowest(lambda: lab.node1.router.get("/status"))
        else:
            longest = slowest(lab.node1.router.status)
        assert longest < 2
        assert lab.node1.router.status(), "the control socket answers"
    assert attack.opened > 1000
    # A third of what the backup waits for, and no more than the test machine itself costs.
    assert during < max(2 * INTERVAL, 3 * before), f"{before * 1000:.1f} -> {during * 1000:.1f} ms"
    assert lab.node1.router.instance()["transitions"] == transitions
    assert lab.holders() == [lab.node1]


def test_questions_without_end(make_lab):
    lab = make_lab(interval=INTERVAL)
    lab.start_pair()
    transitions = lab.node1.router.instance()["transitions"]
    before = watched(lab)
    with Greed(lab.node1) as greed:
        during = watched(lab)
        assert slowest(lab.node1.router.status) < 2
    assert greed.answers > 1000
    assert during < max(2 * INTERVAL, 3 * before), f"{before * 1000:.1f} -> {during * 1000:.1f} ms"
    assert lab.node1.router.instance()["transitions"] == transitions


def test_a_header_has_a_deadline_however_busily_it_comes(make_lab):
    """5 s, as docs/status-page.md says."""
    lab = make_lab()
    lab.start_pair()
    attack = slow_loris(lab.node1)
    with inside(lab.network.name("node1")):
        line = attack.open()
    start = now()
    while attack.drip(line):
        pause(0.2)
    assert 4 < now() - start < 8

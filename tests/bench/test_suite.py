"""The parts of the benchmarks that only calculate and write."""

import datetime
import pathlib
import sys
import xml.etree.ElementTree

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from suite import arrivals, bounds, crowd, failover, growth, memory, plot, report  # noqa: E402
from suite import running, table  # noqa: E402
from suite.case import BEST, HAGUARD, KERNEL, TUTORIAL, Case, Figure, values_of  # noqa: E402
from suite.numbers import NEVER, median, percentile, ratio, shown, statistic  # noqa: E402


def results(figure=Figure("served"), tutorial_of="", cannot=None, **values):
    """One case named `case`; haguard, best and tutorial as keywords."""
    case = Case("group", "case", None, (figure,), tutorial_of=tutorial_of, cannot=cannot or {})
    found = running.described(case)
    for peer, name in ((HAGUARD, "haguard"), (BEST, "best"), (TUTORIAL, "tutorial")):
        if name in values:
            found["peers"][peer] = {"values": {figure.key: values[name]}, "notes": []}
    return {"case": found}


@pytest.mark.parametrize("share, expected", [(0.05, 15), (0.3, 20), (0.4, 20), (0.5, 35), (1, 50)])
def test_percentile_is_the_nearest_rank(share, expected):
    assert percentile([50, 40, 35, 15, 20], share) == expected


def test_percentile_of_one_value_is_that_value():
    assert percentile([7], 0.95) == 7


def test_p95_of_twenty_leaves_one_above():
    assert percentile(range(1, 21), 0.95) == 19


def test_median_of_an_even_number_lies_between():
    assert median([4, 1, 3, 2]) == 2.5
    assert median([3, 1, 2]) == 2


def test_what_never_happened_is_longer_than_anything():
    assert statistic([1, None, 3], "max") == NEVER
    assert statistic([1, None, 3], "median") == 3
    assert statistic([], "median") is None


@pytest.mark.parametrize("value, text", [
    (None, "–"), (NEVER, "no"), (0, "0"), (0.127, "0.13"), (12.34, "12.3"), (3456.7, "3,457")])
def test_numbers_are_short(value, text):
    assert shown(value) == text


def test_there_is_no_ratio_without_both():
    assert ratio(10, 4) == 2.5
    assert ratio(None, 4) is None
    assert ratio(4, 0) is None
    assert ratio(4, NEVER) is None
    assert ratio(NEVER, 4) == NEVER


def test_a_row_has_each_peer_and_the_ratios_of_the_medians():
    assert table.rows(results(haguard=[1, 2, 3], best=[4, 4, 4], tutorial=[None, 50, 100])) == [
        ["case: served", "ms", "2 / 3 / 3", "4 / 4 / 4", "100 / no / no", "2", "50"]]


def test_a_percentile_that_is_judged_is_shown_and_compared():
    values = [*range(1, 101)]
    assert table.rows(results(Figure("late", of="p99"), haguard=values, best=[198])) == [
        ["case: late (p99)", "ms", "50.5 / 99 / 100", "198 / 198 / 198", "–", "2", "–"]]


def test_who_cannot_do_it_is_told_so():
    found = results(cannot={TUTORIAL: "no such interval"}, haguard=[1], best=[None, None])
    assert table.rows(found) == [["case: served", "ms", "1 / 1 / 1", "no", "no", "no", "–"]]


def test_the_tutorial_of_another_case_stands_in():
    found = results(tutorial_of="first", haguard=[1], best=[1])
    found["first"] = results(tutorial=[9])["case"]
    assert values_of(found, "case", TUTORIAL, "served") == [9]


def test_markdown_has_as_many_columns_in_each_line():
    text = table.as_markdown(table.HEAD, table.rows(results(haguard=[1], best=[2])))
    assert {line.count("|") for line in text.splitlines()} == {len(table.HEAD) + 1}


def test_columns_of_text_are_aligned():
    lines = table.as_text(("case", "ms"), [["a", "1"], ["long", "1,000"]]).splitlines()
    assert lines == ["case     ms", "a         1", "long  1,000"]


@pytest.mark.parametrize("figure, values, factor", [
    (Figure("served", bound=10), {"haguard": [10, 10]}, None),
    (Figure("served", bound=10), {"haguard": [15]}, 1.5),
    (Figure("served", bound=0), {"haguard": [0]}, None),
    (Figure("served", bound=0), {"haguard": [1]}, NEVER),
    (Figure("served", bound=10, of="max"), {"haguard": [1, 1, 30]}, 3),
    (Figure("served", best=1), {"haguard": [3], "best": [2]}, 1.5),
    (Figure("served", best=1), {"haguard": [3], "best": [None]}, None),
    (Figure("served", tutorial=20), {"haguard": [10], "tutorial": [100]}, 2),
    (Figure("served", tutorial=20), {"haguard": [10], "tutorial": [None]}, None),
    (Figure("served", bound=10), {"haguard": [None]}, NEVER),
    (Figure("served", bound=10), {"best": [100]}, None),
])
def test_bounds(figure, values, factor):
    missed = bounds.misses(results(figure, **values))
    assert [miss.factor for miss in missed] == ([] if factor is None else [factor])


def test_a_miss_is_grave_beyond_a_factor_of_two():
    assert not bounds.Miss("", 2).grave
    assert bounds.Miss("", 2.1).grave


def test_a_picture_is_well_formed_and_shows_every_value():
    svg = plot.picture("a < b", "ms", [("haguard", 0, [1, 10, 100]), ("other", 1, [None, 5])])
    root = xml.etree.ElementTree.fromstring(svg)
    circles = [each for each in root if each.tag.endswith("circle")]
    assert len(circles) == 4
    assert "1 × no" in [each.text for each in root]
    assert "prefers-color-scheme: dark" in svg


def test_the_axis_is_logarithmic():
    axis = plot.Axis([1, 100])
    assert axis.ticks() == [1, 10, 100]
    assert axis.x(10) == pytest.approx((axis.x(1) + axis.x(100)) / 2)
    assert axis.x(0) == axis.x(1)


def test_nothing_measured_is_no_reason_to_fail():
    assert "1 × no" in plot.picture("never", "ms", [("haguard", 0, [None])])


def test_the_document_tells_what_went_wrong():
    found = results(Figure("served", bound=1), haguard=[9], best=[2])
    found["case"]["peers"][BEST]["notes"] = ["run 2: too busy"]
    facts = {"date": "today", "kernel": "6", "processor": "p", "cores": 2, "memory_mib": 1024,
             "load": 0.1, "haguard": "h", "keepalived": "k", "haproxy": "x"}
    text = report.document(facts, found, "pictures/")
    assert "by more than a factor of two" in text
    assert "case, keepalived best: run 2: too busy" in text
    assert "(pictures/bench-case.svg)" in text


class Stage:
    """Yields what it was given, in order; an exception is raised."""

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.built = 0

    def __call__(self, _peer):
        self.built += 1
        return self

    def __enter__(self):
        return self.once

    def __exit__(self, *_):
        return False

    def once(self):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return {"served": outcome}


def series(stage, runs):
    return running.measure(Case("group", "case", stage, (Figure("served"),)), HAGUARD, runs)


def test_a_stage_serves_all_runs():
    stage = Stage(1, 2, [3, 4])
    assert series(stage, 3).values == {"served": [1, 2, 3, 4]}
    assert stage.built == 1


def test_a_failed_run_is_noted_and_repeated_on_a_new_stage():
    stage = Stage(1, AssertionError("not settled"), 2)
    found = series(stage, 2)
    assert found.values == {"served": [1, 2]}
    assert found.notes == ["run 2: not settled"]
    assert stage.built == 2


def test_two_failures_in_a_row_end_a_series():
    found = series(Stage(AssertionError("a"), AssertionError("b"), 1), 3)
    assert found.values == {"served": []} and len(found.notes) == 2


def test_what_never_happens_is_not_tried_for_hours():
    assert series(Stage(None, None, 1), 20).values == {"served": [None, None]}


class Probe:
    def __init__(self, sent, done, status="ok"):
        self.sent, self.done, self.status = sent, done, status


class NobodyHeld:
    """For the holding of an address: that many seconds nobody, and then one."""

    @staticmethod
    def longest(holders, _since, _until):
        return 0.5 if holders == 0 else 0


def test_the_sample_of_a_fail_over():
    probes = [Probe(9.99, 9.995), Probe(10.0, 10.5, "refused"), Probe(10.1, 11.2),
              Probe(10.7, 10.71), Probe(11.0, 11.01)]
    sample = failover.sample(NobodyHeld, probes, at=10.0, until=11.1, served=10.71)
    assert sample["served"] == pytest.approx(710)
    assert sample["failed requests"] == 1
    assert sample["slow requests"] == 1
    assert sample["longest gap"] == pytest.approx(715)  # from 9.995 to 10.71
    assert sample["no holder"] == pytest.approx(500)
    assert sample["two holders"] == 0


@pytest.mark.parametrize("points, expected", [
    ([(1, 3), (10, 30), (100, 300)], 1),
    ([(10, 7), (100, 700)], 2),
    ([(10, 5), (100, 5), (1000, 5)], 0),
    ([(1, 2), (4, 4), (16, 8)], 0.5),
    ([(1, 1), (10, 0), (10, NEVER), (100, 100)], 1),
])
def test_the_exponent_of_a_growth(points, expected):
    assert growth.exponent(points) == pytest.approx(expected)


@pytest.mark.parametrize("points", [[], [(10, 1)], [(10, 1), (10, 2)], [(10, 1), (100, NEVER)]])
def test_one_number_tells_nothing_of_growth(points):
    assert growth.exponent(points) is None


@pytest.mark.parametrize("value, text", [
    (0.05, "0.05 (constant)"), (1.02, "1.02 (linear)"), (1.5, "1.50 (more than linear)"),
    (2.01, "2.01 (quadratic)"), (None, "–")])
def test_growth_in_words(value, text):
    assert growth.described(value) == text


def grown():
    """haguard's cost grows with the square beyond the least number, keepalived's is not known."""
    found = {}
    for size, cost in ((10, 77), (100, 3), (1000, 300)):
        case = Case("group", f"{size} routers", None, (Figure("take over"),), grows="routers",
                    size=size)
        found[case.name] = running.described(case)
        found[case.name]["peers"][HAGUARD] = {"values": {"take over": [cost]}, "notes": []}
    return found


def test_growth_is_told_of_series_only():
    assert list(growth.rows(grown())) == [["take over, routers", "2.00 (quadratic)", "–"]]
    assert not list(growth.rows(results(haguard=[1], best=[2])))


SMAPS = """\
55d0c0000000-55d0c0010000 r-xp 00000000 fe:00 1234                       /usr/sbin/haguard
Rss:                  60 kB
Private_Dirty:         4 kB
55d0c2000000-55d0c2021000 rw-p 00000000 00:00 0                          [heap]
Rss:                 100 kB
Private_Dirty:       100 kB
7f0000000000-7f0000021000 rw-p 00000000 00:00 0
Rss:                  20 kB
Private_Dirty:        16 kB
7f1000000000-7f1000010000 r--p 00000000 fe:00 99                         /usr/lib/libc.so.6
Rss:                 200 kB
Private_Dirty:         0 kB
7f2000000000-7f2000010000 r--s 00000000 fe:00 98                         /usr/lib/locale/C.utf8
Rss:                   8 kB
Private_Dirty:         0 kB
7ffe00000000-7ffe00021000 rw-p 00000000 00:00 0                          [stack]
Rss:                  12 kB
Private_Dirty:        12 kB
7ffe00100000-7ffe00102000 r-xp 00000000 00:00 0                          [vdso]
Rss:                   4 kB
Private_Dirty:         0 kB
"""


def test_memory_by_what_it_is_for():
    assert memory.grouped(SMAPS, "/usr/sbin/haguard") == {
        "binary": 60, "libraries": 200, "heap": 100, "stacks": 12, "other anonymous": 24,
        "other files": 8, "private dirty": 132}


def test_what_ip_monitor_tells():
    text = """\
[2026-01-02T00:00:00.250000] 2: etx2    inet 172.29.0.1/32 scope global etx2\\       valid_lft
[2026-01-02T00:00:01.500000] Deleted 2: etx2    inet6 2001:db8::1/128 scope global \\  valid
"""
    midnight = datetime.datetime(2026, 1, 2).timestamp()
    assert arrivals.changes(text, 1000.0 - midnight) == [
        (pytest.approx(1000.25), "172.29.0.1", True), (pytest.approx(1001.5), "2001:db8::1", False)]


def test_members_have_no_address_in_common():
    members = crowd.of_addresses(1000)
    assert len(members) == 4
    assert len({address for member in members for address in member.addresses}) == 1000


def against_kernel():
    case = Case("group", "case", None, (Figure("add"),), peers=(KERNEL, HAGUARD))
    found = running.described(case)
    for peer, values in ((KERNEL, [2, 2]), (HAGUARD, [3])):
        found["peers"][peer] = {"values": {"add": values}, "notes": []}
    return {"case": found}


def test_the_kernel_has_a_table_of_its_own():
    assert not table.rows(against_kernel())
    assert table.floor_rows(against_kernel()) == [["case: add", "ms", "2 / 2", "3 / 3 / 3", "1.50"]]


def test_a_note_of_a_run_is_kept():
    series = running.Series(Case("group", "case", None, (Figure("served"),)))
    series.add({"served": None, "note": "too late"})
    assert series.values == {"served": [None]} and series.notes == ["too late"]

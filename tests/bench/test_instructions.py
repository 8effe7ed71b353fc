"""The guard can fail: whether a cost above its bound is told, by the program as it is built."""

import json
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import instructions  # noqa: E402
from instructions import Cost  # noqa: E402

BOUND = Cost(1000, 2.0)
FREE = Cost(1000, 0.0)


@pytest.mark.parametrize(
    "cost, bound, good",
    [
        (Cost(1000, 2.0), BOUND, True),
        (Cost(1100, 2.0), BOUND, True),
        (Cost(1101, 2.0), BOUND, False),
        (Cost(1000, 2.2), BOUND, True),
        (Cost(1000, 2.3), BOUND, False),
        (Cost(10, 0.0), BOUND, True),
        (Cost(1000, 0.0), FREE, True),
        (Cost(1000, 0.01), FREE, False),
        (Cost(1000, 2.0), None, False),
    ],
)
def test_a_tenth_above_the_bound_is_good(cost, bound, good):
    assert instructions.judge(cost, bound)[0] is good


@pytest.mark.parametrize(
    "cost, told", [(Cost(900, 2.0), False), (Cost(899, 2.0), True), (Cost(1000, 1.0), True)]
)
def test_a_bound_that_is_too_high_is_told(cost, told):
    assert ("lower" in instructions.judge(cost, BOUND)[1]) is told


@pytest.fixture
def guard(tmp_path):
    """Runs the cheapest case; the bounds' file is the test's own."""

    def run(*options):
        return instructions.main(
            [os.environ["HOT_PATHS"], "--only", "claim", "--bounds", str(run.bounds), *options]
        )

    run.bounds = tmp_path / "bounds.json"
    return run


def test_fails_when_the_bound_is_half_of_the_cost(guard, capsys):
    assert guard("--update") == 0
    assert guard() == 0
    bounds = json.loads(guard.bounds.read_text())
    bounds["claim"]["instructions"] //= 2
    guard.bounds.write_text(json.dumps(bounds))
    capsys.readouterr()
    assert guard() == 1
    assert "TOO MUCH" in capsys.readouterr().out


def test_fails_without_a_bound(guard):
    assert guard() == 1


def test_fails_on_a_bound_without_a_case(guard, capsys):
    guard("--update")
    bounds = json.loads(guard.bounds.read_text())
    guard.bounds.write_text(json.dumps({**bounds, "gone": bounds["claim"]}))
    assert guard() == 1
    assert "bounds without a case: gone" in capsys.readouterr().out


def test_a_case_costs_the_same_each_time(guard):
    guard("--update")
    first = guard.bounds.read_text()
    guard("--update")
    assert guard.bounds.read_text() == first

"""What a measurement is: a stage on which it runs, the figures that it yields, and their bounds."""

import contextlib
import dataclasses
import functools

HAGUARD = "haguard"
BEST = "keepalived best"
TUTORIAL = "keepalived tutorial"
KERNEL = "kernel"  # with no daemon at all: what nobody can be faster than
PEERS = (HAGUARD, BEST, TUTORIAL)


@dataclasses.dataclass(frozen=True)
class Figure:
    """One kind of value of a case; less is better. The first figure of a case is the one in the
    first table."""
    key: str
    unit: str = "ms"
    bound: float = None        # of haguard, absolute
    of: str = "median"         # what of haguard's values the bounds are for: median, p95, p99, max
    best: float = None         # haguard at most so many times keepalived's best
    tutorial: float = None     # keepalived's tutorial at least so many times haguard


@dataclasses.dataclass(frozen=True)
class Case:
    """`stage(peer)` is a context manager; it yields a function without arguments that measures once
    and returns, for each figure's key, a value, a list of values, or None for what did not happen
    within the time there was, and perhaps a "note" that tells why. Both raise AssertionError when
    the machines did not come to the state in which there is something to measure."""
    group: str
    name: str
    stage: callable
    figures: tuple
    peers: tuple = PEERS
    cannot: dict = dataclasses.field(default_factory=dict)  # peer -> why nothing is measured
    tutorial_of: str = ""      # the case whose tutorial values count here, too: it has one interval
    runs: int = 20
    grows: str = ""            # with the number of what this case is one of a series
    size: int = 0              # that number
    quick: bool = False        # also in a quick run


def values_of(results, name, peer, key):
    """What was measured, with None where it did not happen; nothing where it was not measured.
    `results`: the cases of a run by name, as in results.json."""
    case = results[name]
    if peer not in case["peers"] and peer == TUTORIAL and case["tutorial_of"] in results:
        case = results[case["tutorial_of"]]
    return case["peers"].get(peer, {}).get("values", {}).get(key, [])


@contextlib.contextmanager
def anew(measure, peer):
    """The stage of a measurement that builds its own machines each time: `measure(peer)`."""
    yield functools.partial(measure, peer)

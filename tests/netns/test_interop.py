"""Pairs of haguard and another make of router: who is Active, how long each change takes.

The times go to INTEROP_RESULTS, from where interop_table.py takes them to docs/interop.md.
"""

import concurrent.futures
import json
import os
import pathlib

import pytest

from interop import Pair, run_sequence
from interop_peers import VARIANTS, HaguardRouter, debian13_keepalived, frr, system_keepalived

# Every step waits for timers; more at a time than this and two cores would be late for them.
AT_A_TIME = 6
SLACK = 0.3  # seconds, for busy machines


def bounds(variant, haguard_first):
    """What each step may take: from, to. Skew and down interval are those of node2 (RFC 6.1)."""
    skew, down = variant.skew("node2"), variant.down("node2")
    # It waits for its skew only when it comes and hears a worse router.
    wait = variant.skew("node1") if haguard_first else variant.down("node1")
    # What haguard adds: it counts skew after a resignation in centiseconds, and as the Active
    # router of version 3 makes others do so.
    fast = variant.version == 3 or not haguard_first
    return {
        "failure": (down - SLACK, down + SLACK),
        "return": (wait - SLACK, wait + 2.5),  # programs have to start first
        "hand-over": (0, (0 if fast else skew) + SLACK),
        "silence": (down - SLACK, down + SLACK),
        "heal": (0, variant.interval + SLACK),
    }


def measure(variant, haguard_first, make):
    """The times, and what is wrong with them."""
    makers = [HaguardRouter, make] if haguard_first else [make, HaguardRouter]
    with Pair(variant, dict(zip(("node1", "node2"), makers))) as pair:
        try:
            times = run_sequence(pair)
        except AssertionError as failure:
            return {}, f"{failure}\n{pair.report()}"
        limits = bounds(variant, haguard_first)
        wrong = [f"{step} took {took:.3f} s, not {limits[step][0]:.3f} to {limits[step][1]:.3f} s"
                 for step, took in times.items()
                 if not limits[step][0] <= took <= limits[step][1]]
        return times, "\n".join([*wrong, pair.report()]) if wrong else ""


def record(peer, cells):
    folder = os.environ.get("INTEROP_RESULTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        result = {"peer": peer.name, "version": peer.version,
                  "haguard": HaguardRouter.peer_version(), "cells": cells}
        (pathlib.Path(folder) / f"{peer.name}.json").write_text(json.dumps(result, indent=1))


@pytest.mark.parametrize("find_peer", [system_keepalived, debian13_keepalived, frr],
                         ids=lambda find: find.__name__)
def test_pairs(find_peer):
    peer = find_peer()
    jobs = {(name, first): variant for name, variant in VARIANTS.items()
            for first in (True, False) if not variant.needs or variant.needs in peer.has}
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        # Network.inside() and the death signal of children belong to the thread that asks.
        running = {job: pool.submit(measure, variant, job[1], peer.make)
                   for job, variant in jobs.items()}
    cells, failures = [], []
    for (name, first), future in running.items():
        times, wrong = future.result()
        cells.append({"variant": name, "active": "haguard" if first else "peer",
                      "ms": {step: round(took * 1000) for step, took in times.items()}})
        if wrong:
            failures.append(f"{peer.name}, {name}, {'haguard' if first else 'peer'} has the "
                            f"higher priority: {wrong}")
    cells += [{"variant": name, "active": None, "ms": {}} for name, variant in VARIANTS.items()
              if variant.needs and variant.needs not in peer.has]
    if not failures:
        record(peer, cells)
    assert not failures, "\n\n".join(failures)

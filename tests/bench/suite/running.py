"""Runs cases and keeps every single value."""

import contextlib
import dataclasses
import subprocess

from network import now

from suite.case import TUTORIAL

TUTORIAL_RUNS = 10  # at most: they take the longest and matter the least
# Machines that did not come where they should, or were gone when they were asked.
FAILURES = (AssertionError, RuntimeError, OSError, subprocess.SubprocessError)
GIVES_UP = 2  # failures one after the other, and runs in which nothing happened


class Series:
    """The values of one case with one peer."""

    def __init__(self, case):
        self.case = case
        self.values = {figure.key: [] for figure in case.figures}
        self.notes = []

    def add(self, sample):
        self.notes += [sample.pop("note")] if "note" in sample else []
        for key, value in sample.items():
            self.values[key] += value if isinstance(value, list) else [value]

    def never(self):
        """Nothing has happened in any run until now, and there were some."""
        first = self.values[self.case.figures[0].key]
        return len(first) >= GIVES_UP and all(value is None for value in first)

    def as_json(self):
        rounded = {key: [value if value is None else round(value, 3) for value in values]
                   for key, values in self.values.items()}
        return {"values": rounded, "notes": self.notes}


def measure(case, peer, runs):
    """A stage on which a run failed is not used again."""
    series = Series(case)
    done = failures = 0
    while done < runs and failures < GIVES_UP and not series.never():
        try:
            with case.stage(peer) as once:
                while done < runs and not series.never():
                    series.add(once())
                    done, failures = done + 1, 0
        except FAILURES as problem:
            failures += 1
            series.notes.append(f"run {done + 1}: {str(problem) or type(problem).__name__}")
    return series


def described(case):
    return {"group": case.group, "figures": [dataclasses.asdict(figure) for figure in case.figures],
            "cannot": case.cannot, "tutorial_of": case.tutorial_of, "grows": case.grows,
            "size": case.size, "peers": {}}


def how_many(case, peer, wanted):
    """`wanted`: 0 for as many as the case has."""
    most = min(case.runs, TUTORIAL_RUNS) if peer == TUTORIAL else case.runs
    return min(wanted or most, most)


def run(cases, runs, progress):
    """`runs`: how many at most, of a case. The results of all, by the name of the case; `progress`
    is told after each case. Ctrl-C ends the run; the cases that are complete by then are kept."""
    results = {}
    with contextlib.suppress(KeyboardInterrupt):
        for case in cases:
            begun = now()
            found = described(case)
            for peer in case.peers:
                if peer not in case.cannot:
                    series = measure(case, peer, how_many(case, peer, runs))
                    found["peers"][peer] = series.as_json()
            results[case.name] = found
            progress(results, case.name, now() - begun)
    return results

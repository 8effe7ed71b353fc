"""Fixtures of the tests on a real kernel. They need root, HAGUARD_BINARY and PROBER."""

import os

import pytest

from group import Group
from lab import Lab

REPORTS = pytest.StashKey()


def pytest_sessionstart(session):
    missing = [name for name in ("HAGUARD_BINARY", "PROBER") if not os.environ.get(name)]
    if missing:
        pytest.exit(f"not set: {', '.join(missing)}", 2)
    if os.geteuid() != 0:
        pytest.exit("network namespaces need root", 2)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "call" and report.failed:
        for lab in item.stash.get(REPORTS, []):
            report.sections.append(("logs of the daemons", lab.report()))


@pytest.fixture
def make_lab(request):
    """Builds labs that are torn down after the test."""
    labs = request.node.stash[REPORTS] = []

    def make(**settings):
        lab = Lab(Group(**settings))
        request.addfinalizer(lab.close)
        labs.append(lab)
        return lab.__enter__()
    return make


@pytest.fixture
def pair(make_lab):
    """Two haguards with version 3 and one advertisement a second; node1 is Active."""
    lab = make_lab()
    lab.start_pair()
    return lab

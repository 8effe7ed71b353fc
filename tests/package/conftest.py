"""Fixtures of the package's tests: machines that systemd boots. They need root, and what
packaging/test-deb.sh prepares."""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "netns"))

from rack import Rack  # noqa: E402 (found by the line above)

RELEASES = os.environ.get("PACKAGE_RELEASES", "").split()


def pytest_sessionstart(session):
    missing = [name for name in ("PACKAGE_TREES", "PACKAGE_RELEASES", "PROBER")
               if not os.environ.get(name)]
    if missing:
        pytest.exit(f"not set: {', '.join(missing)}; run packaging/test-deb.sh", 2)
    if os.geteuid() != 0:
        pytest.exit("systemd-nspawn needs root", 2)


@pytest.fixture(scope="module", params=RELEASES, ids=[f"debian{name}" for name in RELEASES])
def rack(request):
    """Two machines that have just been set up: HAProxy, and no haguard yet."""
    with Rack(request.param) as rack:
        for node in rack.nodes:
            node.boot()
            node.install(rack.package("haproxy"))
            node.configure_haproxy()
        yield rack


@pytest.fixture(scope="module")
def pair(rack):
    """The tutorial's pair, from the example files of the package; node1 is Active."""
    for number, node in enumerate(rack.nodes, 1):
        node.install(rack.package("haguard"))
        node.run(f"cp /usr/share/doc/haguard/examples/tutorial-proxy-{number}.toml"
                 " /etc/haguard/haguard.toml")
        node.run("systemctl start haguard")
    rack.node1.wait_active()
    rack.node2.wait_state("backup")
    return rack


FIGURES = pytest.StashKey()


@pytest.fixture
def figures(request):
    """Takes figures that are printed at the end: a name, a number, its unit."""
    release = request.node.callspec.params["rack"]
    kept = request.config.stash.setdefault(FIGURES, [])

    def keep(name, number, unit):
        kept.append(f"Debian {release}: {name}: {number:.4g} {unit}")
    return keep


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if call.when == "call" and report.failed and "rack" in item.funcargs:
        for node in item.funcargs["rack"].nodes:
            report.sections.append((f"journal of {node.name}", node.last_words()))

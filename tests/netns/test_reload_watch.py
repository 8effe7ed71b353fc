"""Files that change under the watch, what was good is put back, and nothing grows."""

import json
import os
import pathlib
import re
import time

import pytest

from conftest import REPORTS
from daemons import wait_until
from network import now
from releases import release, tree
from reloading import (counted, mark, marked, reload, reloading_pair, reloads, results, status,
                       wait_worker, well_again)

QUIET = 1.0  # more than three times the debounce


@pytest.fixture(scope="module")
def shared(tree):
    with reloading_pair(tree, watch=True) as made:
        yield made


@pytest.fixture
def pair(shared, request):
    request.node.stash[REPORTS] = [shared[0]]
    return well_again(*shared)


@pytest.fixture(scope="module")
def restoring(tree):
    with reloading_pair(tree, watch=True, on_failure="restore", generations=3) as made:
        yield made


@pytest.fixture
def careful(restoring, request):
    request.node.stash[REPORTS] = [restoring[0]]
    return well_again(*restoring)


def save(path, text):
    """As editors do."""
    draft = path.with_name(path.name + "~")
    draft.write_text(text)
    draft.rename(path)


def text_marked(node, word, sections=""):
    """What mark() would write."""
    before = node.haproxy.config.read_text()
    text = before.replace("stats maxconn 64", f"stats maxconn 64\n    description {word}")
    return text + sections


def wait_refused(node, before):
    wait_until(lambda: results(node)["refused"] > before["refused"], what="it is refused",
               interval=0.05)


def test_editor(pair):
    node = pair.active
    before = node.haproxy.worker_pid()
    with pair.steady(), counted(node, ok=1):
        save(node.haproxy.config, text_marked(node, "edited"))
        wait_worker(node, before)
        wait_until(lambda: status(node)["last_reload"]["by"] == "watch", what="it is told")
        time.sleep(QUIET)
    assert marked(node) == "edited"
    assert status(node)["config_in_sync"] is True


def test_many_saves_are_one_reload(pair):
    node = pair.active
    before = node.haproxy.worker_pid()
    with pair.steady(), counted(node, ok=1):
        for number in range(10):
            mark(node, f"save-{number}")
            time.sleep(0.05)
        wait_worker(node, before)
        time.sleep(QUIET)
    assert marked(node) == "save-9"


def test_half_written(pair):
    """Told once, never ordered, and done as soon as it is whole."""
    node = pair.active
    whole = text_marked(node, "whole")
    half = whole[:whole.index("frontend web") + 4]
    before, ordered, at = results(node), reloads(node.haproxy), now()
    with pair.steady(), counted(node, refused=1, ok=1):
        node.haproxy.config.write_text(half)
        wait_refused(node, before)
        time.sleep(2 * QUIET)
        assert reloads(node.haproxy) == ordered
        assert len(node.router.logged("reload by watch: refused", at)) == 1
        node.haproxy.config.write_text(whole)
        wait_until(lambda: marked(node) == "whole", what="the whole file runs", interval=0.05)
        wait_until(lambda: status(node)["config_in_sync"] is True, what="it is known")


def test_bad_and_good_again(pair):
    """What runs already is no reason for a reload."""
    node = pair.active
    good = node.haproxy.config.read_text()
    before, ordered = results(node), reloads(node.haproxy)
    with pair.steady(), counted(node, refused=1):
        node.haproxy.config.write_text(good + "no-such-section\n")
        wait_refused(node, before)
        save(node.haproxy.config, good)
        wait_until(lambda: status(node)["config_in_sync"] is True, what="it is as it was",
                   interval=0.05)
        time.sleep(QUIET)
    assert reloads(node.haproxy) == ordered


@pytest.mark.parametrize("how", ["removed", "renamed"])
def test_lost_file(pair, how):
    node = pair.active
    path = node.haproxy.config
    good, ordered, at = path.read_text(), reloads(node.haproxy), now()
    with pair.steady(), counted(node):
        path.unlink() if how == "removed" else path.rename(path.with_name("other.cfg"))
        node.router.wait_log("files on disk: .*haproxy.cfg", at)
        time.sleep(QUIET)
        assert status(node)["config_in_sync"] is False
        assert len(node.router.logged("files on disk:", at)) == 1
        save(path, good)
        node.router.wait_log("files on disk: they are what runs again", at)
    assert reloads(node.haproxy) == ordered


def test_map(pair):
    node = pair.active
    table = node.directory / "names.map"
    table.write_text("a 1\n")
    before = node.haproxy.worker_pid()
    with pair.steady(), counted(node, ok=2):
        save(node.haproxy.config, text_marked(
            node, "map", f"    http-request set-var(txn.name) str(a),map({table},none)\n"
                         "    http-request set-header X-Name %[var(txn.name)]\n"))
        wait_worker(node, before)
        wait_until(lambda: status(node)["config_in_sync"] is True, what="it is told")
        before = node.haproxy.worker_pid()
        table.write_text("a 2\n")
        wait_worker(node, before)
        wait_until(lambda: status(node)["config_in_sync"] is True, what="it is told")


def test_restored(careful):
    """The bad file is kept beside the good one."""
    node = careful.active
    path = node.haproxy.config
    kept(node, "kept")
    good, ordered, at = path.read_text(), reloads(node.haproxy), now()
    with careful.steady(), counted(node, refused=1):
        path.write_text(good + "no-such-section\n")
        node.router.wait_log("generation [0-9]+ was put back: .*rejected-", at)
        wait_until(lambda: status(node)["config_in_sync"] is True, what="all is as it was",
                   interval=0.05)
        time.sleep(QUIET)
    assert path.read_text() == good
    rejected = list(path.parent.glob("haproxy.cfg.rejected-*"))
    assert [each.read_text() for each in rejected] == [good + "no-such-section\n"]
    assert reloads(node.haproxy) == ordered
    rejected[0].unlink()


def kept(node, word):
    """This one runs and is a generation; its number."""
    mark(node, word)
    wait_until(lambda: marked(node) == word, what="it runs", interval=0.05)
    wait_until(lambda: status(node)["config_in_sync"] is True, what="it is known", interval=0.05)
    return wait_until(lambda: status(node)["running_generation"], what="it is kept", interval=0.05)


def test_rollback(careful):
    node = careful.active
    first, second, third = (kept(node, word) for word in ("first", "second", "third"))
    assert first < second < third
    with careful.steady():
        reload(node, "rollback")
        assert marked(node) == "second"
        assert "description second" in node.haproxy.config.read_text()
        assert status(node)["last_reload"]["by"] == "rollback"
        assert status(node)["running_generation"] == second
        reload(node, "rollback", str(first))
        assert marked(node) == "first"
        assert status(node)["config_in_sync"] is True
        assert node.router.cli("proxy", "rollback", "4711").returncode == 1
    history = node.router.cli("proxy", "history").stdout
    assert re.search(r"^\* +\d+  \d{4}-", history, re.M), history
    assert re.search(r"  ok +rollback ", history), history
    assert len(json.loads(node.router.cli("proxy", "history", "--json").stdout)["generations"]) == 3
    for path in node.directory.glob("haproxy.cfg.rejected-*"):
        path.unlink()


# ---- nothing grows


def resident(pid):
    """Megabytes."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def children(pid):
    return len(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def size(directory):
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def usage(node):
    return {"descriptors of haguard": descriptors(node.router.pid),
            "descriptors of HAProxy": descriptors(node.haproxy.pid),
            "children of haguard": children(node.router.pid),
            "children of HAProxy": children(node.haproxy.pid),
            "files": len(list((node.directory / "state").rglob("*")))}


def growth(node, before):
    """What there is more of; a look may fall into the middle of something."""
    now_used = usage(node)
    return {what: now_used[what] - before[what] for what in before if now_used[what] > before[what]}


def test_fifty_reloads(careful):
    node = careful.active
    kept(node, "before")
    for number in range(5):  # until all of its buffers and generations are there
        mark(node, f"warm-{number}")
        reload(node)
    wait_until(lambda: usage(node)["children of HAProxy"] == 1, what="the old workers end")
    time.sleep(QUIET)
    before, memory, disk = usage(node), resident(node.router.pid), size(node.directory / "state")
    began = now()
    with careful.steady():
        for number in range(50):
            mark(node, f"many-{number}")
            reload(node)
    print(f"50 reloads in {now() - began:.1f} s")
    deadline = now() + 15
    while growth(node, before) and now() < deadline:
        time.sleep(0.2)
    assert not growth(node, before), before
    grown = resident(node.router.pid) - memory
    more = size(node.directory / "state") - disk
    print(f"memory grew by {grown:.1f} MB, the state by {more} bytes")
    assert grown < 3
    assert more < 100_000  # the history keeps fifty
    assert len(status(node)["generations"]) == 3
    assert len(status(node)["reloads"]) <= 50

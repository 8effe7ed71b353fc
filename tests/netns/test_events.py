"""`haguard events`: what the log said, for who cannot look into the log."""

import json
import re
import signal

from daemons import HAGUARD, wait_until

LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  (info   |warning|error  )  (?P<text>\S.*)")
BECAME_ACTIVE = "edge/ipv4: backup -> active"


def test_they_are_the_lines_of_the_log(pair):
    done = pair.node1.router.cli("events")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert "haguard" in lines[0] and "started on proxy-1" in lines[0]
    assert any(BECAME_ACTIVE in line for line in lines)
    told = [LINE.fullmatch(line)["text"] for line in lines]
    logged = [line.text.split(" ", 2)[2] for line in list(pair.node1.router.lines)]
    assert told == logged[-len(told):]


def test_as_json_and_only_so_many(pair):
    lines = pair.node1.router.cli("events", "--json", "-n", "2").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    assert len(events) == 2
    assert events[1]["sequence"] == events[0]["sequence"] + 1
    assert events[1].keys() == {"sequence", "time", "level", "event", "text"}
    status, body = pair.node1.router.get(f"/events?since={events[0]['sequence']}")
    assert (status, json.loads(body)["events"]) == (200, events[1:])


def test_they_can_be_followed_over_a_restart(pair):
    router = pair.node1.router
    follower = pair.spawn("node1", "events", HAGUARD, "events", "--follow", "--config",
                          router.config)
    follower.wait_log(BECAME_ACTIVE)
    pair.node1.haproxy.signal_worker(signal.SIGKILL)
    follower.wait_log("check haproxy: passing -> failing")
    router.stop()
    follower.wait_log("the daemon has gone, trying again")
    router.start()
    wait_until(lambda: len(follower.logged("started on proxy-1")) == 2, 10,
               "the words of the new daemon")
    assert len(follower.logged(BECAME_ACTIVE)) == 1, "nothing is told twice"


def test_without_a_daemon(pair):
    pair.node2.router.stop()
    assert pair.node2.router.cli("events").returncode == 3

"""Checks beside HAProxy's own: what an HTTP server, a file and an interface say moves the role."""

import sys

import pytest

from network import now

SERVER = """\
import http.server, pathlib, sys

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        good = self.path == "/healthz?full" and not pathlib.Path(sys.argv[1]).exists()
        self.send_response(200 if good else 503)
        self.end_headers()

    def log_message(self, *words):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", 8080), Health).serve_forever()
"""
HTTP = """
[[check]]
name = "web"
type = "http"
url = "http://127.0.0.1:8080/healthz?full"
weight = -50
interval = "200ms"
"""
FILE = """
[[check]]
name = "maintenance"
type = "file"
path = "{}"
interval = "100ms"
fall = 1
"""
INTERFACE = """
[[check]]
name = "uplink"
type = "interface"
interface = "etx1"
interval = "200ms"
"""


def start(lab, extra):
    """node1 with the checks, node2 without."""
    lab.node1.start_haproxy()
    lab.node1.start_haguard(extra)
    lab.node1.wait_active()
    lab.node2.start_haproxy()
    lab.node2.start_haguard()
    lab.node2.wait_state("backup")


@pytest.fixture
def lab(make_lab):
    return make_lab(interval=0.5)


def check_named(node, name):
    [check] = [check for check in node.router.status()["checks"] if check["name"] == name]
    return check


def test_http_check_with_a_weight(lab):
    broken = lab.directory / "broken"
    program = lab.directory / "server.py"
    program.write_text(SERVER)
    lab.spawn("node1", "server on node1", sys.executable, program, broken)
    start(lab, HTTP)
    assert check_named(lab.node1, "web")["status"] == "passing"

    since = now()
    broken.touch()
    lab.node1.router.wait_log(
        r"check web: passing -> failing \(3 of 3: 503 Service Unavailable\)", since)
    lab.node1.router.wait_log(r"edge/ipv4: priority 100 -> 50", since)
    lab.node2.wait_active()
    lab.node1.wait_state("backup")
    assert lab.node1.router.instance()["priority"] == {
        "configured": 100, "effective": 50, "adjustments": [{"check": "web", "weight": -50}]}
    check = check_named(lab.node1, "web")
    assert (check["type"], check["status"], check["detail"]) == (
        "http", "failing", "503 Service Unavailable")

    since = now()
    broken.unlink()
    lab.node1.router.wait_log(r"check web: failing -> passing", since)
    lab.node1.wait_active()


def test_http_check_of_a_server_that_goes(lab):
    program = lab.directory / "server.py"
    program.write_text(SERVER)
    server = lab.spawn("node1", "server on node1", sys.executable, program, lab.directory / "broken")
    start(lab, HTTP)
    since = now()
    server.destroy()
    lab.node1.router.wait_log(
        r"failing \(3 of 3: connect 127.0.0.1:8080: connection refused\)", since)
    lab.node2.wait_active()


def test_file_check(lab):
    flag = lab.directory / "maintenance"
    start(lab, FILE.format(flag))
    since = now()
    flag.touch()
    lab.node2.wait_active()
    reason = f"fault: maintenance: {flag} exists"
    instance = lab.node1.router.instance()
    assert (instance["state"], instance["reason"]) == ("initialize", reason)
    lab.node1.router.wait_log(r"check maintenance: passing -> failing", since)
    flag.unlink()
    lab.node1.wait_active()
    assert check_named(lab.node1, "maintenance")["status"] == "passing"


def test_interface_check(lab):
    lab.network.add_lan("uplink", "etx1", {"node1": "10.9.0.2", "node2": "10.9.0.3"})
    start(lab, INTERFACE)
    # It is only looked at: nothing of VRRP is listened for there.
    assert "224.0.0.18" in lab.network.ip("node1", "maddress", "show", "dev", "etx2")
    assert "224.0.0.18" not in lab.network.ip("node1", "maddress", "show", "dev", "etx1")

    down = now()
    lab.network.carrier("node1", False, "uplink")
    lab.node1.router.wait_log(
        r"check uplink: passing -> failing \(interface etx1 is down\)", down)
    lab.node2.wait_active()
    assert lab.node1.router.instance()["reason"] == "fault: uplink: interface etx1 is down"
    lab.network.carrier("node1", True, "uplink")
    lab.node1.wait_active()

    gone = now()
    lab.network.ip("node1", "link", "delete", "etx1")
    lab.node1.router.wait_log(r"check uplink: passing -> failing", gone)
    lab.node2.wait_active()
    assert check_named(lab.node1, "uplink")["detail"] == "interface etx1 is missing"

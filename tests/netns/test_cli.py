"""What the operator types and reads: exit codes, complaints, status, metrics."""

import json
import os
import pty
import re
import subprocess

import pytest

from daemons import HAGUARD, wait_until

PROBLEM = re.compile(r"haguard\.toml:(\d+):(\d+): error: (.+)")
GOOD = """\
[[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 51
virtual_addresses = ["172.28.1.254"]
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "haguard.toml"
        path.write_text(text)
        return path
    return write


def haguard(*arguments):
    return subprocess.run([HAGUARD, *map(str, arguments)], capture_output=True, text=True,
                          timeout=30)


def test_check_accepts_the_smallest_file(file):
    done = haguard("check", "--config", file(GOOD))
    assert (done.returncode, PROBLEM.findall(done.stdout + done.stderr)) == (0, [])


def test_check_names_every_problem_with_its_place(file):
    path = file("""\
[vrrp]
version = 4

[[vrrp.instance]]
name = "edge"
interface = "etx2"
virtual_router_id = 300
  priorit = 100
virtual_addresses = ["172.28.1.300"]

[log]
level = "loud"
""")
    done = haguard("check", "--config", path)
    assert done.returncode == 1
    problems = {int(line): (int(column), text)
                for line, column, text in PROBLEM.findall(done.stdout + done.stderr)}
    assert {2, 7, 8, 9, 12} <= problems.keys()
    assert problems[8][0] == 3
    assert "priority" in problems[8][1]  # did you mean


def test_check_reports_broken_toml(file):
    done = haguard("check", "--config", file('[node\nname = "proxy-1"\n'))
    assert done.returncode == 1
    assert PROBLEM.search(done.stdout + done.stderr)[1] == "1"


def test_run_refuses_a_bad_file(file):
    done = haguard("run", "--config", file("[vrp]\n"))
    assert done.returncode == 1
    assert PROBLEM.search(done.stdout + done.stderr)[1] == "1"


def test_a_missing_file_is_an_error(tmp_path):
    done = haguard("check", "--config", tmp_path / "absent.toml")
    assert done.returncode == 1
    assert "absent.toml" in done.stdout + done.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["status", "--nonsense"], []])
def test_wrong_usage(arguments):
    assert haguard(*arguments).returncode == 2


@pytest.mark.parametrize("command", ["run", "check", "status", "version"])
def test_every_command_has_help(command):
    done = haguard(command, "--help")
    assert done.returncode == 0
    assert command in done.stdout


def test_version():
    done = haguard("version")
    assert done.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", done.stdout)
    assert re.search(r"^commit: ([0-9a-f]{12}(\+changes)?|unknown)$", done.stdout, re.MULTILINE)


HAPROXY_CFG = """\
defaults
    mode http
    timeout connect 1s
    timeout client 1s
    timeout server 1s
frontend web
    bind 172.28.1.254:80
"""


def in_new_network(sysctls, *arguments):
    """haguard in a network namespace of its own, with these kernel settings."""
    script = "".join(f"echo {value} > /proc/sys/net/{name}; " for name, value in sysctls.items())
    return subprocess.run(["unshare", "--net", "sh", "-c", script + 'exec "$@"', "sh", HAGUARD,
                           *map(str, arguments)], capture_output=True, text=True, timeout=30)


def with_haproxy(directory, text, rest=""):
    """A haguard.toml beside a haproxy.cfg that no HAProxy runs with."""
    (directory / "haproxy.cfg").write_text(text)
    path = directory / "haguard.toml"
    path.write_text(f'{GOOD}[haproxy]\npid_file = "{directory}/none.pid"\n'
                    f'master_socket = "{directory}/none.sock"\n'
                    f'config = ["{directory}/haproxy.cfg"]\n{rest}')
    return path


def test_check_knows_what_a_backup_cannot_bind(tmp_path):
    path = with_haproxy(tmp_path, HAPROXY_CFG)
    done = in_new_network({"ipv4/ip_nonlocal_bind": 0}, "check", "--config", path)
    assert done.returncode == 0
    assert f'frontend "web" binds 172.28.1.254:80 ({tmp_path}/haproxy.cfg:7)' in done.stdout
    assert "net.ipv4.ip_nonlocal_bind=1" in done.stdout
    allowed = in_new_network({"ipv4/ip_nonlocal_bind": 1}, "check", "--config", path)
    assert (allowed.returncode, "warning" in allowed.stdout) == (0, False)


def test_check_misses_a_frontend_for_an_address(tmp_path):
    path = with_haproxy(tmp_path, HAPROXY_CFG.replace("172.28.1.254", "127.0.0.1"))
    done = haguard("check", "--config", path)
    assert done.returncode == 0
    assert "haguard.toml:5:21: warning: no frontend of HAProxy listens on 172.28.1.254" in done.stdout


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_check_of_an_unknown_frontend_is_an_error(tmp_path, command):
    path = with_haproxy(tmp_path, HAPROXY_CFG.replace("172.28.1.254", "*"),
                        '[[check]]\nname = "haproxy"\ntype = "haproxy"\nfrontends = ["wed"]\n')
    done = haguard(command, "--config", path)
    assert done.returncode == 1
    [(line, _, text)] = PROBLEM.findall(done.stdout + done.stderr)
    assert line == "13"
    assert 'no frontend "wed", did you mean "web"?' in text


def test_check_reads_the_files_of_the_running_haproxy(pair):
    done = pair.node1.router.cli("check")
    assert done.returncode == 0
    assert "no frontend" not in done.stdout


def test_check_compares_a_pair(tmp_path):
    first, second = tmp_path / "haguard.toml", tmp_path / "peer.toml"
    quiet = '[haproxy]\nmode = "none"\n'
    web = '[[check]]\nname = "web"\ntype = "tcp"\ntarget = "127.0.0.1:80"\nweight = -5\n'
    first.write_text(GOOD + "priority = 100\n" + quiet + web)
    second.write_text(GOOD + "priority = 90\n" + quiet + web)
    done = haguard("check", "--config", first, "--peer-config", second)
    assert done.returncode == 0
    assert 'check "web": weight -5 leaves priority 95, the peer has 90' in done.stdout

    second.write_text(GOOD.replace("51", "52") + "priority = 90\n" + quiet)
    done = haguard("check", "--config", first, "--peer-config", second)
    assert done.returncode == 1
    assert re.search(r"haguard\.toml:4:\d+: error: edge: virtual_router_id 51, the peer "
                     r"\(\S+/peer\.toml:4\) has 52: they will not hear each other", done.stdout)

    second.write_text("[vrp]\n")
    done = haguard("check", "--config", first, "--peer-config", second)
    assert done.returncode == 1
    assert f"{second}:1:" in done.stdout


def test_status_without_a_daemon(file, tmp_path):
    done = haguard("status", "--config",
                   file(f'{GOOD}[control]\nsocket = "{tmp_path}/control.sock"\n'))
    assert done.returncode == 3
    assert done.stderr


def test_status_json_keeps_its_contract(pair):
    status = json.loads(pair.node1.router.cli("status", "--json").stdout)
    assert status["node"] == "proxy-1"
    assert status["mode"] == "normal"
    assert status["uptime_s"] > 0
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", status["version"])

    [instance] = status["instances"]
    assert {key: instance[key] for key in ("name", "family", "interface", "virtual_router_id",
                                           "state", "priority", "addresses", "active_router")} == {
        "name": "edge", "family": "ipv4", "interface": "etx2", "virtual_router_id": 51,
        "state": "active",
        "priority": {"configured": 100, "effective": 100, "adjustments": []},
        "addresses": ["172.28.1.254/32"],
        "active_router": {"address": "172.28.1.2", "priority": 100}}
    assert "down timer expired" in instance["reason"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", instance["since"])
    assert instance["transitions"] == 2  # to backup, to active

    [check] = status["checks"]
    assert (check["name"], check["type"], check["status"]) == ("haproxy", "haproxy", "passing")
    assert {"since", "detail"} <= check.keys()

    haproxy = status["haproxy"]
    assert (haproxy["mode"], haproxy["status"]) == ("attached", "running")
    assert haproxy["master_pid"] == pair.node1.haproxy.pid
    assert haproxy["worker_pid"] == pair.node1.haproxy.worker_pid()
    assert haproxy["old_workers"] == 0
    assert haproxy["version"].startswith("2.")


def test_status_of_the_backup_names_its_peer(pair):
    router = pair.node2.router
    wait_until(lambda: router.status()["peers"], what="a peer in the status")
    status = router.status()
    assert status["instances"][0]["state"] == "backup"
    assert status["instances"][0]["active_router"] == {"address": "172.28.1.2", "priority": 100}
    [peer] = status["peers"]
    assert (peer["address"], peer["priority"]) == ("172.28.1.2", 100)
    assert peer["last_advert"]


def test_status_for_people(pair):
    done = pair.node1.router.cli("status")
    assert done.returncode == 0
    for word in ("proxy-1", "edge", "active", "172.28.1.254", "haproxy", "passing"):
        assert word in done.stdout


@pytest.mark.parametrize("environment, coloured", [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_only_on_a_terminal_that_wants_them(pair, environment, coloured):
    router = pair.node1.router
    assert "\x1b" not in router.cli("status").stdout
    ours, theirs = pty.openpty()
    command = [router.command[0], "status", "--config", str(router.config)]
    plain = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    subprocess.run(command, stdout=theirs, env=plain | environment, check=True, timeout=10)
    os.close(theirs)
    screen = os.read(ours, 65536).decode()
    os.close(ours)
    assert ("\x1b[1;32mACTIVE\x1b[0m" in screen) == coloured
    assert "ACTIVE" in screen


def test_a_second_daemon_is_refused(pair):
    done = pair.node1.router.cli("run")
    assert done.returncode == 1
    assert pair.node1.holds_vip()


def test_http(pair):
    first, second = pair.node1.router, pair.node2.router
    assert first.get("/healthz")[0] == 200
    assert first.get("/readyz")[0] == 200
    assert (first.get("/active")[0], second.get("/active")[0]) == (200, 503)
    assert first.get("/active?instance=edge")[0] == 200
    assert first.get("/nonsense")[0] == 404
    code, body = first.get("/status")
    assert code == 200
    assert json.loads(body)["node"] == "proxy-1"


def test_metrics(pair):
    first, second = pair.node1.router, pair.node2.router
    edge = dict(instance="edge", family="ipv4")
    states = {state: first.metric("vrrp_state", state=state, **edge)
              for state in ("initialize", "backup", "active")}
    assert states == {"initialize": 0, "backup": 0, "active": 1}
    assert first.metric("vrrp_priority", kind="configured", **edge) == 100
    assert first.metric("vrrp_priority", kind="effective", **edge) == 100
    assert first.metric("vrrp_transitions_total", to="active", **edge) == 1
    assert first.metric("vrrp_addresses_held", **edge) == 1
    assert second.metric("vrrp_addresses_held", **edge) == 0
    assert first.metric("haproxy_up") == 1
    assert first.metric("check_status", check="haproxy") == 1
    assert re.search(r'haguard_build_info\{.*version="\d+\.', first.get("/metrics")[1])

    sent = first.metric("vrrp_advertisements_sent_total", **edge)
    wait_until(lambda: first.metric("vrrp_advertisements_sent_total", **edge) > sent,
               what="another advertisement")
    assert second.metric("vrrp_advertisements_received_total", **edge) > 0

"""Mistakes that are often made with pairs of proxies: haguard does what was meant, or says what is
wrong."""

import os
import signal

import pytest

from daemons import wait_until
from network import now

WEB = """
[[check]]
name = "web"
type = "tcp"
target = "127.0.0.1:80"
weight = -5
interval = "200ms"
"""
SIGN = WEB.replace('"web"', '"sign"').replace("-5", "5")
FLAG = """
[[check]]
name = "flag"
type = "file"
path = "{}"
weight = -50
interval = "100ms"
fall = 1
"""
EXEC = """
[[check]]
name = "{name}"
type = "exec"
command = ["{program}"]
interval = "200ms"
timeout = "{timeout}"
fall = 2
"""
# Until it is switched, it is well; then it hangs, with a child, and answers TERM in its own way.
HANGING = """\
#!/bin/sh
test -e {directory}/hang || exit 0
trap '{on_term}' TERM
sleep 60 &
echo $$ $! >> {directory}/pids
while :; do wait; done
"""


def script(directory, name, text):
    path = directory / name
    path.write_text(text)
    path.chmod(0o755)
    return path


def check_named(node, name):
    [check] = [check for check in node.router.status()["checks"] if check["name"] == name]
    return check


def start_pair(lab, first, second=""):
    """With these checks."""
    lab.node1.start_haproxy()
    lab.node1.start_haguard(first)
    lab.node1.wait_active()
    lab.node2.start_haproxy()
    lab.node2.start_haguard(second)
    lab.node2.wait_state("backup")


@pytest.fixture
def lab(make_lab):
    return make_lab(interval=0.2)


def test_no_preemption_does_not_keep_the_role_at_a_sick_node(make_lab):
    """With weights or without them; and a dead HAProxy is not a matter of arithmetic."""
    lab = make_lab(interval=0.2, settings="preempt = false")
    flag = lab.directory / "flag"
    start_pair(lab, WEB + FLAG.format(flag), WEB)
    since = now()
    flag.touch()
    lab.node1.router.wait_log(r"edge/ipv4: priority 100 -> 50", since)
    lab.node2.wait_active()
    lab.node1.wait_state("backup")
    flag.unlink()
    wait_until(lambda: lab.node1.router.instance()["priority"]["effective"] == 100,
               what="node1 is well")
    assert lab.holders() == [lab.node2], "without preemption it stays"

    # Its check with a weight fails as well, but it is the fault that counts.
    assert lab.node2.haproxy.stop() == 0
    lab.node1.wait_active()
    assert lab.node2.router.instance()["reason"].startswith("fault: haproxy: ")
    lab.node1.haproxy.send(signal.SIGKILL)
    wait_until(lambda: lab.holders() == [], what="nobody serves who cannot")


def test_weights_that_move_nothing_are_told(lab):
    """Too small for the gap between the nodes, and with the wrong sign."""
    for node in lab.nodes:
        node.start_haproxy()
    lab.node2.start_haguard()
    lab.node2.wait_active()
    lab.node1.start_haguard(WEB + SIGN)  # and so hears whom it takes over from
    lab.node1.wait_active()
    weights = (("web", "-5"), ("sign", "+5"))
    told = [rf"edge/ipv4: peer 172\.28\.1\.3 and check {name}: weight \{weight} leaves "
            r"priority 100, it has 90: its failure moves nothing" for name, weight in weights]
    for pattern in told:
        lab.node1.router.wait_log(pattern)

    done = lab.node1.router.cli("check", "--peer-config", lab.node2.router.config)
    assert done.returncode == 0
    for name, weight in weights:
        assert (f'check "{name}": weight {weight} leaves priority 100, the peer has 90: '
                "its failure moves nothing") in done.stdout
    assert [len(lab.node1.router.logged(pattern)) for pattern in told] == [1, 1], "once"


def test_a_program_that_is_missing_at_the_start_is_an_error(lab):
    lab.node1.start_haproxy()
    absent = lab.directory / "absent"
    router = lab.node1.start_haguard(EXEC.format(name="web", program=absent, timeout="1s"))
    assert router.wait() == 1
    router.wait_log(rf"error: .*{absent}.*No such file or directory")
    assert lab.holders() == []


@pytest.mark.parametrize("loss, told", [
    (os.unlink, "cannot run: no such file or directory"),
    (lambda path: os.chmod(path, 0o644), "cannot run: permission denied")])
def test_a_program_that_goes_while_it_is_needed_is_a_failure(lab, loss, told):
    program = script(lab.directory, "program", "#!/bin/sh\nexit 0\n")
    start_pair(lab, EXEC.format(name="program", program=program, timeout="1s"))
    since = now()
    loss(program)
    lab.node1.router.wait_log(rf"check program: passing -> failing \(2 of 2: {told}\)", since)
    lab.node2.wait_active()
    assert lab.node1.router.instance()["reason"] == f"fault: program: {told}"
    script(lab.directory, "program", "#!/bin/sh\nexit 0\n")
    lab.node1.wait_active()


def test_a_missing_program_does_not_keep_an_address_behind_a_dead_daemon(lab):
    """What cleans up behind the daemon needs no check."""
    program = script(lab.directory, "program", "#!/bin/sh\nexit 0\n")
    lab.node1.start_haproxy()
    router = lab.node1.start_haguard(EXEC.format(name="program", program=program, timeout="1s"))
    lab.node1.wait_active()
    program.unlink()
    router.stop(signal.SIGKILL)
    assert lab.holders() == [lab.node1]
    done = router.cli("release")
    assert (done.returncode, lab.holders()) == (0, []), done.stderr


def gone(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("on_term", ["", "exit 0"], ids=["deaf", "says that all is well"])
def test_a_program_that_hangs_fails_at_its_timeout(lab, on_term):
    program = script(lab.directory, "hanging",
                     HANGING.format(directory=lab.directory, on_term=on_term))
    start_pair(lab, EXEC.format(name="hanging", program=program, timeout="300ms"))

    since = now()
    switch = lab.directory / "hang"
    switch.touch()
    failing = lab.node1.router.wait_log(
        r"check hanging: passing -> failing \(2 of 2: no answer within 300 ms\)", since)
    assert failing.time - since < 3
    lab.node2.wait_active()
    assert check_named(lab.node1, "hanging")["status"] == "failing"
    switch.unlink()
    lab.node1.wait_active()
    pids = (lab.directory / "pids").read_text().split()
    assert len(pids) >= 4, "it has run twice, with a child each"
    wait_until(lambda: all(map(gone, pids)), what="nothing of it is left")
